import type { TracingSettings } from './config.ts';
import type { Span, SpanOptions, Tracer } from './span.ts';

let tracer: Tracer | undefined;

/** Whether this process traces. Constant after `startTracing`. */
export const isTracing = (): boolean => tracer !== undefined;

export const startSpan = (options: SpanOptions): Span | undefined => tracer?.startSpan(options);

export const currentTraceparent = (): string | undefined => tracer?.currentTraceparent();

/** Runs `work` in a span. Without tracing, only runs it. */
export async function withSpan<Result>(
  options: SpanOptions,
  work: (span: Span | undefined) => Promise<Result>,
): Promise<Result> {
  const span = startSpan(options);
  if (!span) return work(undefined);
  try {
    const result = await span.run(() => work(span));
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}

/**
 * Starts tracing if a setting names a collector; otherwise OpenTelemetry is not even loaded. Called before the process
 * opens connections, which are instrumented only if tracing is on. Returns a function that stops it.
 */
export async function startTracing(process: string, settings: TracingSettings): Promise<() => Promise<void>> {
  if (settings.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return async () => {};
  const { createTracer } = await import('./open-telemetry.ts');
  const started = createTracer(process, { ...settings, endpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT });
  tracer = started;
  return async () => {
    tracer = undefined;
    await started.stop();
  };
}
