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
import { silenceLogs } from '../environment/silence-logs.ts';
import { type Certificates, issueCertificates } from './certificates.ts';

let temporal: TemporalServer;
let folder: string;
let certificates: Certificates;
/** A TLS proxy in front of Temporal that requires a client certificate of the CA. */
let proxy: Server;
const sockets = new Set<Socket>();

beforeAll(async () => {
  silenceLogs();
  folder = mkdtempSync(join(tmpdir(), 'clave-tls-'));
  certificates = issueCertificates(folder);
  temporal = await startTemporal({ port: 0 });
  proxy = createServer(
    {
      cert: readFileSync(certificates.server.cert),
      key: readFileSync(certificates.server.key),
      ca: readFileSync(certificates.ca),
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: ['h2'],
    },
    (downstream) => {
      const upstream = connect(temporal.port, '127.0.0.1');
      for (const socket of [downstream, upstream]) {
        sockets.add(socket);
        socket.on('error', () => socket.destroy());
      }
      downstream.pipe(upstream).pipe(downstream);
    },
  ).listen(0, '127.0.0.1');
  proxy.on('tlsClientError', () => {});
  await once(proxy, 'listening');
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  proxy.close();
  await temporal.stop();
  rmSync(folder, { recursive: true, force: true });
});

const settings = (others: Partial<TemporalSettings> = {}): TemporalSettings => ({
  TEMPORAL_ADDRESS: `127.0.0.1:${(proxy.address() as AddressInfo).port}`,
  TEMPORAL_NAMESPACE: 'default',
  ...others,
});
const clientCertificate = (): Partial<TemporalSettings> => ({
  TEMPORAL_TLS_CA: certificates.ca,
  TEMPORAL_TLS_CERT: certificates.client.cert,
  TEMPORAL_TLS_KEY: certificates.client.key,
});

/** Whether the API's client can connect. */
async function connects(options: TemporalSettings): Promise<boolean> {
  const { connection } = createTemporalClient(options);
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
  test('accepts API and worker with our certificate', async () => {
    expect(await connects(settings(clientCertificate()))).toBe(true);
    const connection = await NativeConnection.connect(
      temporalConnectionOptions(settings(clientCertificate())),
    );
    await connection.close();
  });

  test.each<[string, () => Partial<TemporalSettings>]>([
    ['in the clear', () => ({})],
    ['with an API key alone', () => ({ TEMPORAL_TLS_CA: certificates.ca, TEMPORAL_API_KEY: 'key' })],
    ['where its own certificate is of an authority that we do not know', () => ({ TEMPORAL_API_KEY: 'key' })],
  ])('rejects a client %s', async (_how, others) => {
    expect(await connects(settings(others()))).toBe(false);
    await expect(NativeConnection.connect(temporalConnectionOptions(settings(others())))).rejects.toThrow();
  });
});

test('an API key means TLS, and goes to both kinds of connection', () => {
  const options = temporalConnectionOptions({
    TEMPORAL_ADDRESS: 'eu.tmprl.cloud:7233',
    TEMPORAL_NAMESPACE: 'clave',
    TEMPORAL_API_KEY: 'key',
  });
  expect(options).toEqual({ address: 'eu.tmprl.cloud:7233', tls: {}, apiKey: 'key' });
});
