import type { IncomingMessage } from 'node:http';

/** What one HTTP request has read so far, by name. A row that is not there is kept as `undefined`. */
export type Reads = Map<string, unknown>;

/** The property of a request that holds its reads. A WeakMap would keep them until V8's next major collection (docs/adr/0065). */
const readsKey = Symbol('reads');

/**
 * What an HTTP request has read of the database, so that it reads each row once: the pages, the guard and the provider ask for
 * the same ones in turn. Only rows that decide nothing by being read a second time may be kept; what is used once passes a gate
 * that writes. The next request reads anew, so that a change of the registry is in force at once. Without a request: nothing is
 * kept.
 */
export function readsOf(request: (IncomingMessage & { [readsKey]?: Reads }) | undefined): Reads {
  if (!request) return new Map();
  request[readsKey] ??= new Map();
  return request[readsKey];
}

/** What was read under this name; else reads it, and keeps it for the rest of the request. */
export async function readOnce<Row>(reads: Reads, name: string, read: () => Promise<Row>): Promise<Row> {
  if (reads.has(name)) return reads.get(name) as Row;
  const row = await read();
  reads.set(name, row);
  return row;
}
