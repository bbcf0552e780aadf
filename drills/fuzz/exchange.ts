import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SerializedRequest } from './serialize-request.ts';

/** The answer as it was received. */
export interface Exchanged {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  /** The body as it was received. */
  readonly text: string;
}

/** The 10 s that the API waits for the rest of an incomplete request, and the 5 s within which it answers. */
const timeoutMs = 15_000;

/**
 * Sends arbitrary bytes on a connection of their own and reads the first answer. `closesAfterwards`: ends our side after
 * them, so that an incomplete body is seen to be over.
 * @throws Error if no HTTP answer is received in time
 */
export async function exchange(
  { hostname, port }: URL,
  { method, pieces, closesAfterwards }: Pick<SerializedRequest, 'method' | 'pieces' | 'closesAfterwards'>,
): Promise<Exchanged> {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // Bytes sent after the answer may find the connection closed.
  socket.on('error', () => {});
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  try {
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    for (const piece of pieces) {
      if (!socket.writable) break;
      socket.write(piece);
      if (pieces.length > 1) await sleep(2);
    }
    if (closesAfterwards && socket.writable) socket.end();
    for (;;) {
      const answer = parse(Buffer.concat(chunks), method === 'HEAD');
      if (answer) return answer;
      if (socket.closed) throw new Error(`no answer: ${JSON.stringify(Buffer.concat(chunks).toString())}`);
      await Promise.race([closed, once(socket, 'data').catch(() => {})]);
    }
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

function parse(bytes: Buffer, isHead: boolean): Exchanged | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const [, code] = /^HTTP\/1\.1 (\d{3}) /.exec(first) ?? [];
  if (!code) throw new Error(`this is not HTTP: ${JSON.stringify(first)}`);
  const rest = bytes.subarray(end + 4);
  const status = Number(code);
  if (status < 200) return parse(rest, isHead);
  const headers = new Headers(
    lines.map((line): [string, string] => {
      const at = line.indexOf(':');
      return [line.slice(0, at), line.slice(at + 1).trim()];
    }),
  );
  const length = isHead ? 0 : Number(headers.get('Content-Length') ?? 0);
  if (rest.length < length) return undefined;
  const text = rest.subarray(0, length).toString();
  return { status, headers, text, body: jsonIn(text) };
}

function jsonIn(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
