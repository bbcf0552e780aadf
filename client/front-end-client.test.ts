import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { currentTraceparent, startTracing, withSpan } from '../platform/tracing.ts';
import { type Collector, startCollector } from '../test/monitoring/collector.ts';
import { frontEndClient } from './front-end-client.ts';

let collector: Collector;
let stopTracing: () => Promise<void>;
beforeAll(async () => {
  collector = await startCollector();
  stopTracing = await startTracing('portal', {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: {},
    OTEL_TRACES_SAMPLER_ARG: 1,
  });
});
afterAll(() => collector.stop());

const ask = () =>
  frontEndClient(
    { API_URL: collector.url, FRONT_END_KEY: '-'.repeat(24) },
    { language: 'es', address: '127.0.0.1', userAgent: 'test' },
  ).GET('/password-policy', {});

test('the trace of a page goes on in the API', async () => {
  let trace: string | undefined;
  await withSpan({ name: 'GET a page', kind: 'server' }, async () => {
    trace = currentTraceparent();
    await ask();
  });
  expect(trace).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(collector.bytes()).toContain(`"traceparent":"${trace}"`);
});

test('without one, no traceparent is sent', async () => {
  await stopTracing();
  const before = collector.bytes().length;
  await ask();
  expect(collector.bytes().slice(before)).toContain('/password-policy');
  expect(collector.bytes().slice(before)).not.toContain('traceparent');
});
