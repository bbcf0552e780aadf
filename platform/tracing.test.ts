import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';

/** What a process has loaded of OpenTelemetry once it has traced, or not, as a setting says. */
function loadedWith(endpoint: string | undefined): string[] {
  const settings = { OTEL_EXPORTER_OTLP_HEADERS: {}, OTEL_TRACES_SAMPLER_ARG: 1 };
  const script = `
    import { createRequire } from 'node:module';
    const { startTracing, withSpan } = await import('./platform/tracing.ts');
    await startTracing('test', ${JSON.stringify({ ...settings, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })});
    await withSpan({ name: 'work', kind: 'server' }, async () => {});
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    process.stdout.write(JSON.stringify(loaded.filter((file) => file.includes('@opentelemetry'))));
    process.exit();`;
  const told = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  return JSON.parse(told);
}

describe('of OpenTelemetry', () => {
  test('nothing is loaded without the setting', () => {
    expect(loadedWith(undefined)).toEqual([]);
  });

  test('its SDK is, with it', () => {
    expect(loadedWith('http://127.0.0.1:9').join()).toContain('sdk-trace');
  });
});
