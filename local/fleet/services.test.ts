import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { readLocalSettings } from '../../platform/config.ts';
import { openDataFolder } from '../launcher/data-folder.ts';
import { openSecrets } from '../launcher/secrets-file.ts';
import type { Environment, Ports } from '../launcher/settings.ts';
import { type LaunchContext, startProcesses } from './services.ts';

/** The environments of the processes of one start. Nothing is started: each is ready at once. */
async function environmentsOf(given: Environment): Promise<ReadonlyMap<string, Environment>> {
  const ready = createServer((_request, response) => void response.end()).listen(0, '127.0.0.1');
  await once(ready, 'listening');
  const data = mkdtempSync(path.join(tmpdir(), 'clave-services-'));
  const started = new Map<string, Environment>();
  const never = () => Promise.reject(new Error('has an address'));
  const fleet: LaunchContext['fleet'] = {
    startPostgres: never,
    startTemporal: never,
    startNode: async (name, _script, env) => void started.set(name, env),
    runToExit: async (name) => ({
      code: 0,
      output: name === 'relying-party' ? '{"clientId":"demo","clientSecret":"secret"}' : '',
    }),
  };
  try {
    const { port } = ready.address() as AddressInfo;
    const folder = openDataFolder(data);
    const env = {
      ...{ DATABASE_URL: 'postgresql://app@db/clave', GATEWAY_DATABASE_URL: 'postgresql://gateway@db/clave' },
      ...{ TEMPORAL_ADDRESS: 'temporal:7233', TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}` },
      ...{ CLAVE_SECRET_KEY: `k1:${Buffer.alloc(32).toString('base64')}` },
      CLAVE_SUBJECT_KEY: Buffer.alloc(32).toString('base64'),
      ...given,
    };
    const settings = readLocalSettings(env);
    const portNames = Object.keys(settings).filter((name) => /^PORT$|_PORT$/.test(name));
    const ports = Object.fromEntries(portNames.map((name) => [name, port])) as unknown as Ports;
    await startProcesses(
      { env, settings, ports, secrets: openSecrets(folder.keys), folder, fleet, say: () => undefined },
      new AbortController().signal,
    );
    return new Map([...started].map(([name, own]) => [name, replacePort(own, port)]));
  } finally {
    ready.close();
    ready.closeAllConnections();
    rmSync(data, { recursive: true });
  }
}

const replacePort = (env: Environment, port: number): Environment =>
  Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value.replace(String(port), '<port>')]),
  );

test.each([
  ['that of its port', {}, 'http://localhost:<port>'],
  [
    'the one that is set',
    { GATEWAY_URL: 'https://identifica.example.org' },
    'https://identifica.example.org',
  ],
])('gateway, pages and workers get one address of the gateway: %s', async (_which, given, expected) => {
  const environments = await environmentsOf(given);
  for (const name of ['portal', 'gateway'])
    expect([name, environments.get(name)?.['GATEWAY_URL']]).toEqual([name, expected]);
  expect(environments.get('worker')?.['GATEWAY_INTERNAL_URL']).toBe('http://127.0.0.1:<port>');
});
