import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { settingNames } from '../../platform/config.ts';

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly networks?: readonly string[];
  readonly environment?: Readonly<Record<string, unknown>>;
}

const text = readFileSync('docker-compose.yml', 'utf8');
const { services, networks } = parse(text, { merge: true }) as {
  services: Readonly<Record<string, Service>>;
  networks: Readonly<Record<string, unknown>>;
};
const inNetwork = (network: string): string[] =>
  Object.entries(services)
    .filter(([, service]) => service.networks?.includes(network))
    .map(([name]) => name)
    .sort();

describe('the services in containers', () => {
  test('let the pages reach the API and nothing else, and the gateway no Temporal', () => {
    expect(Object.keys(networks).sort()).toEqual(['back', 'front', 'store']);
    expect(inNetwork('front')).toEqual(['api', 'certificates', 'gateway', 'portal']);
    expect(inNetwork('store')).toEqual(['gateway', 'postgres', 'worker']);
    expect(inNetwork('back')).toEqual(
      Object.keys(services)
        .filter((name) => !['portal', 'gateway', 'certificates'].includes(name))
        .sort(),
    );
  });

  test('keep what violates a constraint out of PostgreSQL’s log: it names people', () => {
    expect(services['postgres']?.command).toEqual(['postgres', '-c', 'log_error_verbosity=terse']);
  });

  test.each(['migrate', 'worker', 'api', 'portal', 'gateway', 'certificates'] as const)(
    'give %s settings that it reads',
    (name) => {
      const known = settingNames[name === 'worker' || name === 'api' ? 'service' : name];
      const given = Object.keys(services[name]?.environment ?? {});
      expect(given.length).toBeGreaterThan(5);
      expect(given.filter((setting) => !known.has(setting))).toEqual([]);
    },
  );

  test('give the key of cookies to the pages alone', () => {
    const holders = Object.entries(services).filter(
      ([, { environment }]) => environment?.['PORTAL_COOKIE_KEY'],
    );
    expect(holders.map(([name]) => name)).toEqual(['portal']);
  });

  test('give the gateway no way to the citizens’ rows, and nobody else its own keys', () => {
    const holdersOf = (setting: string) =>
      Object.entries(services).flatMap(([name, { environment }]) => (environment?.[setting] ? [name] : []));
    expect(services['gateway']?.environment).not.toHaveProperty('DATABASE_URL');
    expect(holdersOf('GATEWAY_SECRET_KEY')).toEqual(['gateway']);
    expect(holdersOf('CLAVE_SUBJECT_KEY')).toEqual(['api']);
    expect(holdersOf('GATEWAY_DATABASE_URL').sort()).toEqual(['gateway', 'migrate']);
  });

  test('give the certificate listener no database and no secret key of the service', () => {
    const given = Object.keys(services['certificates']?.environment ?? {});
    expect(given.filter((name) => /DATABASE|SECRET|COOKIE|TWILIO|PAYLOAD/.test(name))).toEqual([]);
  });

  test('get every secret from the file that is made for them', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'clave-compose-'));
    execFileSync(process.execPath, [path.resolve('local/compose-env.mjs')], { cwd: folder });
    const made = readFileSync(path.join(folder, '.env'), 'utf8').matchAll(/^(\w+)=.+$/gm);
    rmSync(folder, { recursive: true });
    const names = new Set([...made].map(([, name]) => name));
    const secrets = [...text.matchAll(/\$\{(\w+(?:_KEY|_PASSWORD|_TOKEN|_SID)):-\}/g)].map(
      ([, name]) => name,
    );
    // Payloads are encrypted only if that is asked for.
    expect([...new Set(secrets)].filter((name) => !names.has(name))).toEqual(['CLAVE_PAYLOAD_KEY']);
  });
});
