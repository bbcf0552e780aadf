import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { NativeConnection } from '@temporalio/worker';
import { startTemporal, type TemporalServer } from '../../local/servers/temporal-server.ts';
import {
  createTemporalClient,
  type TemporalSettings,
  temporalConnectionOptions,
} from '../../platform/temporal.ts';
import { hushTemporal } from '../environment/silence-logs.ts';
import { type Certificates, certificates } from './certificates.ts';

let temporal: TemporalServer;
let folder: string;
let made: Certificates;
/** What a Temporal Cloud or a cluster has in front of it: TLS, and nobody without a certificate of the authority. */
let door: Server;
const sockets = new Set<Socket>();

beforeAll(async () => {
  hushTemporal();
  folder = mkdtempSync(join(tmpdir(), 'clave-tls-'));
  made = certificates(folder);
  temporal = await startTemporal({ port: 0 });
  door = createServer(
    {
      cert: readFileSync(made.server.cert),
      key: readFileSync(made.server.key),
      ca: readFileSync(made.ca),
      ...{ requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] },
    },
    (near) => {
      const far = connect(temporal.port, '127.0.0.1');
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on('error', () => socket.destroy());
      }
      near.pipe(far).pipe(near);
    },
  ).listen(0, '127.0.0.1');
  door.on('tlsClientError', () => {});
  await once(door, 'listening');
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  door.close();
  await temporal.stop();
  rmSync(folder, { recursive: true, force: true });
});

const settings = (others: Partial<TemporalSettings> = {}): TemporalSettings => ({
  TEMPORAL_ADDRESS: `127.0.0.1:${(door.address() as AddressInfo).port}`,
  TEMPORAL_NAMESPACE: 'default',
  ...others,
});
const shown = (): Partial<TemporalSettings> => ({
  TEMPORAL_TLS_CA: made.ca,
  TEMPORAL_TLS_CERT: made.client.cert,
  TEMPORAL_TLS_KEY: made.client.key,
});

/** Whether a client of the API gets an answer. */
async function answers(with_: TemporalSettings): Promise<boolean> {
  const { connection } = createTemporalClient(with_);
  try {
    await connection.withDeadline(Date.now() + 5_000, () => connection.workflowService.getSystemInfo({}));
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}

describe('a Temporal that asks for certificates', () => {
  test('lets API and worker in with ours', async () => {
    expect(await answers(settings(shown()))).toBe(true);
    const connection = await NativeConnection.connect(temporalConnectionOptions(settings(shown())));
    await connection.close();
  });

  test.each<[string, () => Partial<TemporalSettings>]>([
    ['in the clear', () => ({})],
    ['with an API key alone', () => ({ TEMPORAL_TLS_CA: made.ca, TEMPORAL_API_KEY: 'key' })],
    ['where its own certificate is of an authority that we do not know', () => ({ TEMPORAL_API_KEY: 'key' })],
  ])('lets nobody in %s', async (_how, others) => {
    expect(await answers(settings(others()))).toBe(false);
    await expect(NativeConnection.connect(temporalConnectionOptions(settings(others())))).rejects.toThrow();
  });
});

test('an API key means TLS, and goes to both kinds of connection', () => {
  const way = temporalConnectionOptions({
    ...{ TEMPORAL_ADDRESS: 'eu.tmprl.cloud:7233', TEMPORAL_NAMESPACE: 'clave' },
    TEMPORAL_API_KEY: 'key',
  });
  expect(way).toEqual({ address: 'eu.tmprl.cloud:7233', tls: {}, apiKey: 'key' });
});
