import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  isSpanContextValid,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TracingSettings } from './config.ts';
import { errorType, type Span, type Tracer } from './span.ts';

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, activity: SpanKind.CONSUMER } as const;

/**
 * The tracer on OpenTelemetry's SDK. No automatic instrumentation and no resource detection: a span has only the
 * attributes given to it, and the resource only the process's name.
 */
export function createTracer(
  process: string,
  settings: Omit<TracingSettings, 'OTEL_EXPORTER_OTLP_ENDPOINT'> & { readonly endpoint: string },
): Tracer {
  const exporter = new OTLPTraceExporter({
    url: `${settings.endpoint.replace(/\/$/, '')}/v1/traces`,
    headers: settings.OTEL_EXPORTER_OTLP_HEADERS,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': `clave-${process}`, 'service.namespace': 'clave' }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(settings.OTEL_TRACES_SAMPLER_ARG) }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('clave');
  const activeContext = new AsyncLocalStorage<Context>();

  return {
    startSpan({ name, kind, attributes, parent }) {
      const context = (parent && contextOf(parent)) || activeContext.getStore();
      if (!context && kind !== 'server') return undefined;
      const span = tracer.startSpan(
        name,
        { kind: kinds[kind], attributes: { ...attributes } },
        context ?? ROOT_CONTEXT,
      );
      return spanOf(span, trace.setSpan(context ?? ROOT_CONTEXT, span), activeContext);
    },
    currentTraceparent() {
      const context = activeContext.getStore();
      const span = context && trace.getSpanContext(context);
      return span && (span.traceFlags & TraceFlags.SAMPLED) !== 0
        ? `00-${span.traceId}-${span.spanId}-01`
        : undefined;
    },
    stop: () => provider.shutdown(),
  };
}

function spanOf(span: OtelSpan, context: Context, activeContext: AsyncLocalStorage<Context>): Span {
  return {
    run: (work) => activeContext.run(context, work),
    setAttributes: (attributes) => void span.setAttributes({ ...attributes }),
    rename: (name) => void span.updateName(name),
    end(error) {
      if (error !== undefined) {
        span.setStatus({ code: SpanStatusCode.ERROR });
        span.setAttribute('error.type', errorType(error));
      }
      span.end();
    },
  };
}

/** Parses a `traceparent` of version 00 (W3C Trace Context). Undefined for any other text. */
function contextOf(traceparent: string): Context | undefined {
  const [, traceId = '', spanId = '', flags = ''] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent) ?? [];
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : undefined;
}
