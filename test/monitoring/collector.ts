import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** An exported span, with its attributes as a plain object. */
export interface ExportedSpan {
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

type Attributes = { key: string; value: Record<string, unknown> }[];
interface Exported {
  resourceSpans: {
    resource: { attributes: Attributes };
    scopeSpans: {
      spans: (Omit<ExportedSpan, 'service' | 'attributes'> & { attributes: Attributes })[];
    }[];
  }[];
}

/** A minimal OpenTelemetry collector: OTLP over HTTP, in JSON. */
export async function startCollector() {
  const received: string[] = [];
  const server = createServer(async (request, response) => {
    received.push(`${request.url} ${JSON.stringify(request.headers)}`, await text(request));
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const plain = (attributes: Attributes) =>
    Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** All received requests, with headers. */
    bytes: () => received.join('\n'),
    spans: (): ExportedSpan[] =>
      received
        .filter((body) => body.startsWith('{"resourceSpans"'))
        .flatMap((body) => (JSON.parse(body) as Exported).resourceSpans)
        .flatMap(({ resource, scopeSpans }) =>
          scopeSpans.flatMap(({ spans }) =>
            spans.map((span) => ({
              ...span,
              parentSpanId: span.parentSpanId || undefined,
              service: String(plain(resource.attributes)['service.name']),
              attributes: plain(span.attributes),
            })),
          ),
        ),
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

export type Collector = Awaited<ReturnType<typeof startCollector>>;
