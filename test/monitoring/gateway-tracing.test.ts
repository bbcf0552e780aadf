import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readGatewaySettings } from '../../platform/config.ts';
import { startTracing } from '../../platform/tracing.ts';
import { activeCitizen } from '../actors/citizen.ts';
import { identifyIn, redeem, registerOidcParty } from '../actors/oidc-party.ts';
import { PlainBrowser } from '../actors/plain-browser.ts';
import { startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { type SeparateProcesses, startSeparateProcesses } from '../environment/separate-processes.ts';
import { type Collector, type ExportedSpan, startCollector } from './collector.ts';

const foreignTrace = randomBytes(16).toString('hex');
let collector: Collector;
let own: SeparateProcesses;
let spans: ExportedSpan[];
let secrets: string[];

/** A flow, and userinfo asked for by a relying party that sends a `traceparent` of its own. */
beforeAll(async () => {
  collector = await startCollector();
  const gatewayKey = randomBytes(24).toString('hex');
  const tracing = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const subjectKey = randomBytes(32).toString('base64');
  own = await startSeparateProcesses({ ...tracing, GATEWAY_KEY: gatewayKey, CLAVE_SUBJECT_KEY: subjectKey });
  const stack = { ...own.stack, ...own.at, gatewayKey };
  // Before the gateway is made, which is the only one in this process that traces.
  const env = { ...tracing, GATEWAY_KEY: gatewayKey };
  const needed = { API_URL: stack.url, GATEWAY_URL: 'http://localhost', ...env };
  const stopTracing = await startTracing(
    'gateway',
    readGatewaySettings({
      ...needed,
      GATEWAY_DATABASE_URL: stack.database.gatewayUrl,
      GATEWAY_SECRET_KEY: `${stack.key.id}:${stack.key.bytes.toString('base64')}`,
    }),
  );
  const gateway = await startGatewayInProcess(stack, { env });
  const [citizen, party] = [await activeCitizen(stack), await registerOidcParty(stack, gateway)];
  const flow = await identifyIn(stack, gateway, new PlainBrowser(), party, citizen);
  const tokens = await redeem(flow, flow.back);
  const asked = await fetch(`${gateway.url}/oidc/me`, {
    headers: {
      Authorization: `Bearer ${tokens.access_token}`,
      traceparent: `00-${foreignTrace}-${randomBytes(8).toString('hex')}-01`,
    },
  });
  expect(asked.status).toBe(200);
  secrets = [tokens.access_token, citizen.data.nationalId, flow.back.searchParams.get('code') ?? ''];
  await gateway.stop();
  await stopTracing();
  await own.stopProcesses();
  spans = collector.spans();
});
afterAll(async () => {
  await own?.stop();
  collector?.stop();
});

/** The names from a span up to its root. */
function path(span: ExportedSpan): string {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return parent ? `${span.name} < ${path(parent)}` : span.name;
}

test('userinfo is one trace from the gateway into the API, whatever trace its caller names', () => {
  const read = spans.find((span) => path(span) === 'GET /identifications/:id < GET /oidc/me');
  expect(read?.service).toBe('clave-api');
  expect(spans.filter(({ traceId }) => traceId === foreignTrace)).toEqual([]);
});

test('spans name routes, and nothing that a client has sent or got', () => {
  expect(spans.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['GET /oidc/auth', 'GET /oidc/auth/:id', 'POST /oidc/token']),
  );
  for (const secret of secrets) expect(collector.bytes()).not.toContain(secret);
});
