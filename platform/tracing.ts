import type { TracingSettings } from './config.ts';
import { redactError } from './log.ts';

/**
 * Everything that a span may say. A closed list of patterns, names and codes: a value that came from a person, an
 * address as it was asked for, an id of a journey or citizen, a statement's text have no name to go under.
 */
export interface SpanAttributes {
  readonly 'http.request.method'?: string;
  /** The pattern of the route. */
  readonly 'http.route'?: string;
  readonly 'http.response.status_code'?: number;
  readonly 'db.system.name'?: 'postgresql';
  readonly 'db.operation.name'?: string;
  /** The table. */
  readonly 'db.collection.name'?: string;
  readonly 'temporal.activity'?: string;
  readonly 'temporal.activity.attempt'?: number;
  readonly 'temporal.activity.local'?: boolean;
  readonly 'sms.answer'?: string;
  readonly 'error.type'?: string;
}

/** A piece of work to be seen in a trace. */
export interface SpanOptions {
  readonly name: string;
  /** `server` may begin a trace; all others only join one that is under way. */
  readonly kind: 'server' | 'client' | 'activity';
  readonly attributes?: SpanAttributes;
  /** Whose work it is part of, if that is elsewhere: a `traceparent` (W3C Trace Context). Otherwise what is under way here. */
  readonly parent?: string | undefined;
}

/** A span under way. */
export interface Span {
  /** What is begun within is part of it. */
  run<Result>(work: () => Result): Result;
  setAttributes(notes: SpanAttributes): void;
  rename(name: string): void;
  /** Of an error, its kind and code are told, never its words. */
  end(error?: unknown): void;
}

export interface Tracer {
  /** Undefined where there is no trace to join, or this one is not recorded. */
  startSpan(described: SpanOptions): Span | undefined;
  /** What is under way here, for others to join; undefined if nothing is, or it is not recorded. */
  traceparent(): string | undefined;
  /** Hands over what is still to be exported. */
  stop(): Promise<void>;
}

let tracer: Tracer | undefined;

/** Whether this process traces. Decided before anything else is opened, and not changed while it runs. */
export const isTracing = (): boolean => tracer !== undefined;

export const startSpan = (described: SpanOptions): Span | undefined => tracer?.startSpan(described);

export const currentTraceparent = (): string | undefined => tracer?.traceparent();

/** Does some work as a span of its own; without tracing, just the work. */
export async function withSpan<Result>(
  described: SpanOptions,
  work: (span: Span | undefined) => Promise<Result>,
): Promise<Result> {
  const span = tracer?.startSpan(described);
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

/** What may be said of an error. */
export function errorType(error: unknown): string {
  const { kind, code } = redactError(error);
  return code ? `${kind} ${code}` : kind;
}

/**
 * Traces from now on if a setting asks for it; nothing of OpenTelemetry is loaded otherwise. Called first in a process.
 * Returns what ends it.
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
