import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';

/** The modules of OpenTelemetry that a process loads, with or without a collector. */
function modulesLoaded(endpoint: string | undefined): string[] {
  const settings = { OTEL_EXPORTER_OTLP_HEADERS: {}, OTEL_TRACES_SAMPLER_ARG: 1 };
  const script = `
    import { createRequire } from 'node:module';
    const { startTracing, withSpan } = await import('./platform/tracing.ts');
    await startTracing('test', ${JSON.stringify({ ...settings, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })});
    await withSpan({ name: 'work', kind: 'server' }, async () => {});
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    process.stdout.write(JSON.stringify(loaded.filter((file) => file.includes('@opentelemetry'))));
    process.exit();`;
  const output = execFileSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', script],
    {
      encoding: 'utf8',
    },
  );
  return JSON.parse(output);
}

describe('of OpenTelemetry', () => {
  test('nothing is loaded without the setting', () => {
    expect(modulesLoaded(undefined)).toEqual([]);
  });

  test('its SDK is, with it', () => {
    expect(modulesLoaded('http://127.0.0.1:9').join()).toContain('sdk-trace');
  });
});
