import { redactError } from './log.ts';

/**
 * The attributes that a span may have: a closed list of patterns, names and codes. Values that come from a person, a
 * request's address, ids of journeys and citizens and the text of statements have no attribute here.
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

export interface SpanOptions {
  readonly name: string;
  /** `server` may begin a trace; the others only join the active one. */
  readonly kind: 'server' | 'client' | 'activity';
  readonly attributes?: SpanAttributes;
  /** A `traceparent` (W3C Trace Context) from another process. Without it, the parent is the active span. */
  readonly parent?: string | undefined;
}

export interface Span {
  /** Runs `work` with this span active: spans that it starts are children. */
  run<Result>(work: () => Result): Result;
  setAttributes(attributes: SpanAttributes): void;
  rename(name: string): void;
  /** With an error, records its type, never its message. */
  end(error?: unknown): void;
}

export interface Tracer {
  /** Undefined if there is no trace to join. */
  startSpan(options: SpanOptions): Span | undefined;
  /** The `traceparent` of the active span; undefined if there is none or it is not sampled. */
  currentTraceparent(): string | undefined;
  /** Exports the remaining spans. */
  stop(): Promise<void>;
}

/** The kind and code of an error: its message may carry values. */
export function errorType(error: unknown): string {
  const { kind, code } = redactError(error);
  return code ? `${kind} ${code}` : kind;
}
