import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { hasCertificates } from '../../local/launcher/settings.ts';
import {
  certificateSettingNames,
  fixedHostProblems,
  readCertificateSettings,
} from '../../platform/certificate-settings.ts';
import { readLocalSettings, SettingsError } from '../../platform/config.ts';

const external = {
  DATABASE_URL: 'postgresql://app@db/clave',
  CLAVE_SECRET_KEY: `k1:${Buffer.alloc(32).toString('base64')}`,
};

test.each([
  ['with a database that is named', { DATABASE_URL: external.DATABASE_URL }],
  ['in production', { NODE_ENV: 'production' }],
])('the card reader does not start %s', (_where, env) => {
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'local/card-reader/main.ts'], {
    env: { PATH: process.env['PATH'], CARD_READER_FOLDER: '/nonexistent', CARD_READER_PORT: '0', ...env },
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([1, expect.stringContaining('does not start beside real citizens')]);
});

test('npm start runs neither listener nor card reader beside a database that is named, or in production', () => {
  expect(hasCertificates(readLocalSettings({}), {})).toBe(true);
  expect(hasCertificates(readLocalSettings({}), { NODE_ENV: 'production' })).toBe(false);
  expect(hasCertificates(readLocalSettings(external), {})).toBe(false);
});

test('one host name for all visits is for names below localhost', () => {
  const at = (CERTIFICATE_URL: string) => fixedHostProblems({ CERTIFICATE_HOSTS: 'fixed', CERTIFICATE_URL });
  expect(at('https://identidad.localhost:3443')).toEqual([]);
  expect(at('https://certificado.example.org')).toEqual([expect.stringContaining('CERTIFICATE_HOSTS')]);
  expect(at('https://localhost.example.org')).toHaveLength(1);
});

const good = {
  CERTIFICATE_KEY: 'c'.repeat(24),
  ...{
    CERTIFICATE_TRUST_FILE: 'package.json',
    CERTIFICATE_TLS_CERT: 'package.json',
    CERTIFICATE_TLS_KEY: 'package.json',
  },
};
const linesOf = (env: Record<string, string>): readonly string[] => {
  try {
    readCertificateSettings(env);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.lines;
    throw error;
  }
};

test('the listener says which settings are missing or wrong', () => {
  expect(linesOf(good)).toEqual([]);
  for (const name of Object.keys(good))
    expect([name, linesOf({ ...good, [name]: '' })]).toEqual([
      name,
      [expect.stringMatching(`^${name}: is required`)],
    ]);
  const { CERTIFICATE_TLS_CERT: _cert, CERTIFICATE_TLS_KEY: _key, ...behindProxy } = good;
  expect(linesOf({ ...behindProxy, CERTIFICATE_HEADER: 'nginx' })).toEqual([
    expect.stringMatching(/^CERTIFICATE_HOP_KEY: is required/),
  ]);
  expect(
    linesOf({ ...behindProxy, CERTIFICATE_HEADER: 'envoy', CERTIFICATE_HOP_KEY: 'h'.repeat(24) }),
  ).toEqual([]);
  expect(linesOf({ ...good, CERTIFICATE_URL: 'http://identidad.localhost:3443' })).toHaveLength(1);
  expect(linesOf({ ...good, CERTIFICATE_STATUS_SECONDS: '-1' })).toHaveLength(1);
});

test('the listener reads no setting of a database, and no secret key of the service', () => {
  const names = [...certificateSettingNames];
  expect(names.filter((name) => /DATABASE|SECRET|COOKIE|PAYLOAD|SUBJECT|TWILIO|TEMPORAL/.test(name))).toEqual(
    [],
  );
});
