import { Agent, request } from 'node:http';
import { say } from './report.ts';

/** Too much at once: said so within five seconds. */
class Refused extends Error {}

/** What came of a round of load. */
export interface Load {
  readonly perSecond: number;
  /** Of each piece of work (ms), in the order in which they were done. */
  readonly tookMs: readonly number[];
}

/**
 * A closed loop: so many callers, each of whom does the next piece of work as soon as the last one is done, for so long.
 * What is under way at the end is finished and counted, with the time that it took; what is refused (503) is said and not
 * counted.
 */
export async function closedLoop(
  { callers, ms }: { callers: number; ms: number },
  work: (caller: number) => Promise<unknown>,
): Promise<Load> {
  const tookMs: number[] = [];
  let refused = 0;
  const startedAt = performance.now();
  const caller = async (_: unknown, number: number): Promise<void> => {
    while (performance.now() - startedAt < ms) {
      const begunAt = performance.now();
      try {
        await work(number);
        tookMs.push(performance.now() - begunAt);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refused += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  if (refused > 0)
    say(
      `  … ${refused} of ${tookMs.length + refused} refused: the machine is too slow for ${callers} callers`,
    );
  return { perSecond: (tookMs.length * 1_000) / (performance.now() - startedAt), tookMs };
}

/** Connections that are kept, as a front-end's are. */
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

export interface Called {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what the contract says is there
  readonly body: any;
}

export interface Asking {
  readonly method?: string;
  readonly body?: unknown;
  readonly token?: string;
}

/** One call with as little work on this side as possible: both sides of a ratio pay for it. */
export function call(url: string, asking: Asking = {}): Promise<Called> {
  const { method = 'POST', body, token } = asking;
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers = {
    ...(text && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }),
    ...(token && { Authorization: `Bearer ${token}` }),
  };
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const said = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, body: said ? JSON.parse(said) : undefined });
      });
    });
    asked.on('error', (error: NodeJS.ErrnoException) => {
      // Closed from the other side for having been idle, in the moment in which it was taken again.
      if (asked.reusedSocket && error.code === 'ECONNRESET') resolve(call(url, asking));
      else reject(error);
    });
    asked.end(text);
  });
}

/** A call that must come out so. @throws Refused for a 503, Error with what else was said instead */
export async function expectCall(status: number, ...args: Parameters<typeof call>): Promise<Called['body']> {
  const called = await call(...args);
  if (called.status === 503) throw new Refused(`${args[0]}: 503`);
  if (called.status !== status)
    throw new Error(`${args[0]}: ${called.status} ${called.body?.code ?? ''} instead of ${status}`);
  return called.body;
}
