import { expect } from '@jest/globals';
import fc from 'fast-check';
import { documentOf, mustBeDeclared } from '../../test/contract/declared-answers.ts';
import { type Stack, startStack } from '../../test/environment/stack.ts';
import { type Exchanged, exchange } from './exchange.ts';
import { createFixtures, type Fixtures } from './fixtures.ts';
import { type Request, requestsTo } from './requests.ts';
import { judgedAs, mistakeOf, mustBeJudged } from './right-answers.ts';
import { type SerializedRequest, serializeRequest } from './serialize-request.ts';

/** Requests between two renewals of the fixtures, whose tokens they use up. */
const perStock = 500;
const atOnce = 24;

/** @throws Error with what is wrong with an answer */
async function judge(url: string, { method, path }: SerializedRequest, answer: Exchanged): Promise<void> {
  const { status, text, headers, body } = answer;
  if (status >= 500 && status !== 503) throw new Error(`${status} ${text}`);
  if (text !== '' && body === undefined) throw new Error(`not JSON: ${status} ${text}`);
  if (headers.has('X-Powered-By')) throw new Error('tells what it runs on');
  if (!headers.get('X-Content-Type-Options')) throw new Error(`sniffable: ${status} ${text}`);
  await mustBeDeclared(url, method, path.split(/[?#]/)[0] ?? '', answer);
}

/** What is sent: the same seed sends the same again. */
export interface Fuzzing {
  readonly seed: number;
  readonly count: number;
  /** Gets how often each operation has given each status. */
  readonly say?: (summary: string) => void;
}

/**
 * Sends requests of every sort to a service of its own. From 5,000 on they must have had every success that is
 * declared, and from 20,000 on each right and wrong spelling its answer.
 * @throws Error with the first answers that are not declared, and how to send them again
 */
export async function fuzz({ seed, count, say }: Fuzzing): Promise<void> {
  const stack = await startStack({
    own: true,
    policy: {
      // Not one address's limits are the question here: a fuzzer is one address.
      failedIdsPerIp: { tries: 1_000_000, per: 'P1D' },
      otp: { resendAfter: 'PT0.5S' },
      refusalTime: 'PT0.02S',
    },
  });
  try {
    const seen = await send(stack, { seed, count });
    say?.(summary(seen));
    if (count >= 5_000) await nothingMissed(stack.url, seen);
    if (count >= 20_000) expect(mustBeJudged.filter((what) => !seen.has(what))).toEqual([]);
  } finally {
    await stack.stop();
  }
}

async function send(stack: Stack, { seed, count }: Fuzzing): Promise<ReadonlyMap<string, number>> {
  const requests = fc.sample(requestsTo(await documentOf(stack.url)), { seed, numRuns: count });
  const seen = new Map<string, number>();
  const failures: string[] = [];
  const sendOne = async (request: Request, fixtures: Fixtures, number: number) => {
    const wire = serializeRequest(request, fixtures);
    try {
      const answer = await exchange(new URL(stack.url), wire);
      const what = `${request.method} ${request.template} ${answer.status}`;
      const judged = judgedAs(request);
      const outcomes = [
        what,
        ...(judged ? [`${judged}: ${answer.status < 300 ? '2xx' : answer.status}`] : []),
      ];
      for (const outcome of outcomes) seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
      await judge(stack.url, wire, answer);
      const mistake = mistakeOf(request, answer);
      if (mistake) throw new Error(mistake);
    } catch (error) {
      failures.push(`#${number} ${(error as Error).message}\n${JSON.stringify(request)}`.slice(0, 3_000));
    }
  };
  for (let from = 0; from < count && failures.length < 10; from += perStock) {
    const fixtures = await createFixtures(stack);
    const waiting = requests.slice(from, from + perStock).map((request, index) => ({ request, index }));
    const sender = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift())
        await sendOne(next.request, fixtures, from + next.index);
    };
    await Promise.all(Array.from({ length: atOnce }, sender));
  }
  if (failures.length > 0)
    throw new Error(
      `npm run fuzz -- --seed ${seed} --count ${count}\n\n${failures.length} failures:\n${failures.join('\n\n')}`,
    );
  return seen;
}

const summary = (seen: ReadonlyMap<string, number>): string =>
  [...seen]
    .map(([what, times]) => `${String(times).padStart(6)} ${what}`)
    .sort()
    .join('\n');

/**
 * Successes that requests by chance hardly come to: of the listener's key, of the token of a visit with a certificate, of the Bearer
 * of an act, and acts for which the one certificate of a citizen is still good. `test/certificates`, `test/registration` and
 * `test/permanente` show them.
 */
const notByChance: readonly string[] = [
  'GET /receipts/{id} 200',
  'POST /certificate-tickets/{id}/presentations 201',
  'POST /certificate-presentations 200',
  'POST /certificate-tickets/{id}/redemptions 201',
  'POST /password-changes 200',
  'POST /unsubscriptions 204',
];

/** A fuzzer that is refused at the door proves nothing: each operation has done its work, and each problem been met. */
async function nothingMissed(url: string, seen: ReadonlyMap<string, number>): Promise<void> {
  const { paths } = await documentOf(url);
  const missed = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, { responses }]) => {
      const success = Object.keys(responses).filter((status) => status.startsWith('2'));
      return success
        .map((status) => `${method.toUpperCase()} ${path} ${status}`)
        .filter((what) => !seen.has(what) && !notByChance.includes(what));
    }),
  );
  expect(missed).toEqual([]);
  const statuses = new Set([...seen.keys()].map((what) => Number(/\d+$/.exec(what)?.[0])));
  for (const status of [400, 401, 404, 405, 409, 410, 413, 415, 422, 423, 429, 431])
    expect([status, statuses.has(status)]).toEqual([status, true]);
}
