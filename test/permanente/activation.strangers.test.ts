import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { Citizen } from '../actors/citizen.ts';
import { wrongCode } from '../actors/credentials.ts';
import { requestWithRetry } from '../actors/request.ts';
import { queryAsOwner } from '../database/rows.ts';
import type { HttpReply } from '../environment/http.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const enter = ({ nationalId, email }: { nationalId: string; email: string }) =>
  requestWithRetry(stack, 'POST', '/activations', { body: { nationalId, email, activationCode: wrongCode } });

/** How many statements of the API wait for a locked row. Only a superuser sees the statements of other roles. */
const waiting = async (): Promise<number> => {
  const [row] = await queryAsOwner<{ count: number }>(
    { database: { ownerUrl: stack.database.adminUrl } },
    `SELECT count(*)::int FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%DecoyCode%'`,
  );
  return row?.count ?? 0;
};

/** Locks the counts of strangers' entries while `work` goes on. */
async function whileDecoysAreHeld(work: () => Promise<void>): Promise<void> {
  const holder = new Client({ connectionString: stack.database.ownerUrl });
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT 1 FROM "DecoyCode" FOR UPDATE');
  await work().finally(() => holder.end());
}

test.each<[string, () => Promise<Citizen['data']>]>([
  ['no citizen has', async () => new Citizen(stack).data],
  [
    'has another email',
    async () => {
      const { data } = await new Citizen(stack).register();
      return { ...data, email: `other.${data.email}` };
    },
  ],
])(
  'thirty entries at once with an id that %s take turns like a citizen’s, eight at a time',
  async (_who, make) => {
    const data = await make();
    await enter(data);
    let entered: Promise<HttpReply>[] = [];
    await whileDecoysAreHeld(async () => {
      entered = Array.from({ length: 30 }, () => enter(data));
      await until(waiting, (count) => count >= 8);
      await sleep(150);
      expect(await waiting()).toBeLessThanOrEqual(8);
    });
    // One of the five that are tolerated was the first entry.
    const statuses = (await Promise.all(entered)).map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(4).fill(422), ...Array(26).fill(423)]);
  },
);

test('a flood under another email does not delay the citizen with the right one', async () => {
  const citizen = await new Citizen(stack).register();
  const other = { ...citizen.data, email: `other.${citizen.data.email}` };
  await enter(other);
  let entered: Promise<HttpReply>[] = [];
  await whileDecoysAreHeld(async () => {
    entered = Array.from({ length: 30 }, () => enter(other));
    await until(waiting, (count) => count >= 8);
    expect((await citizen.tryStartActivation()).status).toBe(201);
  });
  await Promise.all(entered);
});
