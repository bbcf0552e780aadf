import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Citizen } from '../actors/citizen.ts';
import { wrongCode } from '../actors/credentials.ts';
import { lookUp, suspend } from '../actors/office.ts';
import { requestWithRetry } from '../actors/request.ts';
import { rowCounts } from '../database/rows.ts';
import { type HttpReply, requestOnce } from '../environment/http.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ own: true });
});
afterAll(() => stack.stop());

const paths = ['/activations', '/password-resets'] as const;

interface Entry {
  readonly nationalId: string;
  readonly email: string;
  readonly activationCode: string;
}

/** The callers who must learn nothing from the answers, each as the data that they enter. */
const outsiders: Readonly<Record<string, () => Promise<Entry>>> = {
  async 'with a national id that is not registered'() {
    const { nationalId, email } = new Citizen(stack).data;
    return { nationalId, email, activationCode: wrongCode };
  },
  async 'who knows a national id, with another email'() {
    const { data, activationCode } = await new Citizen(stack).register();
    return { nationalId: data.nationalId, email: `other.${data.email}`, activationCode };
  },
  async 'who knows all but the code'() {
    const { data } = await new Citizen(stack).register();
    return { nationalId: data.nationalId, email: data.email, activationCode: wrongCode };
  },
  async 'who knows all but the code of a citizen with a password'() {
    const citizen = await new Citizen(stack).register();
    await citizen.activateOrReset();
    return { nationalId: citizen.data.nationalId, email: citizen.data.email, activationCode: wrongCode };
  },
  async 'who knows all but the code of a suspended citizen'() {
    const citizen = await new Citizen(stack).register();
    await citizen.activateOrReset();
    await suspend(stack, citizen);
    return { nationalId: citizen.data.nationalId, email: citizen.data.email, activationCode: wrongCode };
  },
  async 'who knows all but the code of a citizen who was suspended before activating'() {
    const citizen = await new Citizen(stack).register();
    await suspend(stack, citizen);
    return { nationalId: citizen.data.nationalId, email: citizen.data.email, activationCode: wrongCode };
  },
  async 'who knows all but the code of a citizen whose phone has passed to another one'() {
    const { data } = await new Citizen(stack).register();
    await new Citizen(stack, { phone: data.phone }).register();
    return { nationalId: data.nationalId, email: data.email, activationCode: wrongCode };
  },
};

/** All that a client sees of a reply, but for the instant and the request's id. */
const seen = ({ status, headers, body }: HttpReply) => ({
  status,
  body,
  headers: [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name)).sort(),
});

describe('answers to data that are not right', () => {
  test.concurrent.each(paths)(
    '%s gives the same statuses, bodies and headers in the same sequence, for every caller',
    async (path) => {
      const sequences = await Promise.all(
        Object.values(outsiders).map(async (outsider) => {
          const body = await outsider();
          const sequence: ReturnType<typeof seen>[] = [];
          for (let entry = 0; entry < 8; entry += 1) {
            const askedAt = performance.now();
            sequence.push(seen(await requestWithRetry(stack, 'POST', path, { body })));
            // At a multiple of 100 ms after arrival; timers may fire a little early.
            expect(performance.now() - askedAt).toBeGreaterThanOrEqual(95);
          }
          return sequence;
        }),
      );
      const [first = []] = sequences;
      expect(first.map(({ status, body }) => `${status} ${body.code}`)).toEqual([
        ...Array.from({ length: 5 }, () => '422 activation-data-refused'),
        ...Array.from({ length: 3 }, () => '423 activation-code-blocked'),
      ]);
      for (const sequence of sequences) expect(sequence).toEqual(first);
    },
  );

  test.concurrent('count an entry that is repeated under its Idempotency-Key once, for every caller', async () => {
    const repeating = Object.entries(outsiders).map(async ([who, outsider]) => {
      const body = await outsider();
      const headers = { 'Idempotency-Key': who.replace(/\W/g, '-') };
      const keyed = () => requestWithRetry(stack, 'POST', '/activations', { body, headers });
      const repeated = await Promise.all(Array.from({ length: 8 }, keyed));
      repeated.push(await keyed());
      const codes: string[] = [...new Set(repeated.map((reply) => reply.body.code))];
      for (let entry = 0; entry < 5; entry += 1)
        codes.push((await requestWithRetry(stack, 'POST', '/activations', { body })).body.code);
      return codes;
    });
    const [refused, blocked] = ['activation-data-refused', 'activation-code-blocked'];
    for (const codes of await Promise.all(repeating))
      expect(codes).toEqual([refused, refused, refused, refused, refused, blocked]);
  });
});

describe('while every worker is away', () => {
  test('a start is refused alike, for every caller and however late, and has no effect afterwards', async () => {
    const citizen = await new Citizen(stack).register();
    const known = { nationalId: citizen.data.nationalId, email: citizen.data.email };
    const right = { ...known, activationCode: citizen.activationCode };
    const wrong = { ...known, activationCode: wrongCode };
    const stranger = await outsiders['with a national id that is not registered']?.();
    await until(
      () => citizen.smsMessages().length,
      (welcome) => welcome === 1,
    );
    const before = await rowCounts(stack);

    await stack.stopWorkers();
    // Before the readiness probe has noticed, and again afterwards.
    for (let round = 0; round < 2; round += 1) {
      const asked = [right, wrong, stranger, right].map((body, index) => {
        const headers: Record<string, string> = index === 0 ? { 'Idempotency-Key': 'once' } : {};
        return requestOnce(stack, 'POST', '/activations', { body, headers });
      });
      const replies = await Promise.all(asked);
      for (const reply of replies) {
        expect(reply).toMatchObject({ status: 503, body: { code: 'temporarily-unavailable' } });
        expect(Number(reply.headers.get('Retry-After'))).toBeGreaterThan(0);
      }
      expect(new Set(replies.map(({ body }) => JSON.stringify(body))).size).toBe(1);
      await until(
        () => stack.readiness.state.worker,
        (isUp) => !isUp,
      );
    }

    const [ready, alive] = await Promise.all(['/readyz', '/healthz'].map((path) => fetch(stack.url + path)));
    expect([ready?.status, await ready?.json()]).toMatchObject([503, { database: true, worker: false }]);
    expect(alive?.status).toBe(200);

    await stack.startWorkers();
    await until(
      () => fetch(`${stack.url}/readyz`),
      ({ ok }) => ok,
    );
    // Temporal gives a task of a stopped worker to another after ten seconds.
    const { body } = await until(
      () => lookUp(stack, citizen),
      ({ status }) => status === 200,
      20_000,
    );
    expect(body).toMatchObject({ status: 'registered', blocked: [] });
    const { Request: _, IdempotentRequest: _keys, AuditEvent: _looked, ...untouched } = before;
    expect(await rowCounts(stack)).toMatchObject(untouched);
    expect(citizen.smsMessages()).toHaveLength(1);

    // No entry was counted, neither of theirs nor of the stranger's.
    for (const body of [wrong, stranger]) {
      const statuses: number[] = [];
      for (let entry = 0; entry < 5; entry += 1)
        statuses.push((await requestWithRetry(stack, 'POST', '/activations', { body })).status);
      expect(statuses).toEqual([422, 422, 422, 422, 422]);
    }
    // The 503 was no answer to keep: the same request, repeated, gets the one that it would have had.
    const headers = { 'Idempotency-Key': 'once' };
    const [first, again] = [
      await citizen.tryStartActivation({}, headers),
      await citizen.tryStartActivation({}, headers),
    ];
    expect(first).toMatchObject({ status: 201, body: { journey: { step: 'otp' } } });
    expect(again.body).toEqual(first.body);
    expect(citizen.otps().length).toBeLessThanOrEqual(1);
  });
});
