import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { activityTypes } from '../../domain/activity.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';

let database: TestDatabase;
let owner: Client;
let application: Client;
let citizenId: string;
beforeAll(async () => {
  database = await createTestDatabase();
  owner = new Client({ connectionString: database.ownerUrl });
  application = new Client({ connectionString: database.appUrl });
  await Promise.all([owner.connect(), application.connect()]);
});
beforeEach(() => {
  citizenId = randomUUID();
});
afterAll(async () => {
  await Promise.all([owner?.end(), application?.end()]);
  await database?.drop();
});

const everyType = [
  ...new Set(
    [...readFileSync('domain/audit-events.ts', 'utf8').matchAll(/\btype: '([^']+)'/g)].map(
      ([, type]) => type ?? '',
    ),
  ),
];

interface Event {
  readonly type: string;
  readonly id?: string;
  readonly of?: string;
  readonly daysAgo?: number;
  readonly journeyId?: string;
  readonly officerId?: string;
  readonly requestId?: string;
}
const record = ({ type, id = randomUUID(), of = citizenId, daysAgo = 1, ...who }: Event) =>
  owner.query(
    `INSERT INTO "AuditEvent" (id, at, type, "citizenId", "journeyId", "officerId", "requestId", detail)
     VALUES ($1, date_trunc('day', now()) - $2 * INTERVAL '1 day', $3, $4, $5, $6, $7, '{"secret": 1}')`,
    [id, daysAgo, type, of, who.journeyId, who.officerId, who.requestId],
  );
const requestFrom = async (ip: string): Promise<string> => {
  const id = randomUUID();
  await owner.query(`INSERT INTO "Request" (id, ip, "userAgent", route) VALUES ($1, $2, 'A browser', '/x')`, [
    id,
    ip,
  ]);
  return id;
};
const activity = (beforeAt: Date | null = null, pageSize = 100) =>
  application.query<Record<string, unknown> & { at: Date; type: string }>(
    'SELECT * FROM citizen_activity($1, $2, $3)',
    [citizenId, beforeAt, pageSize],
  );

describe('what the application’s role reads of the audit trail', () => {
  test('is of the citizen asked for, of ninety days, of the types of the activity, and no other column', async () => {
    const other = randomUUID();
    expect(everyType.length).toBeGreaterThan(activityTypes.length);
    for (const type of everyType) {
      await record({ type });
      await record({ type, of: other });
      await record({ type, daysAgo: 91 });
    }
    const { rows, fields } = await activity();
    expect(rows.map(({ type }) => type).sort()).toEqual([...activityTypes].sort());
    expect(fields.map(({ name }) => name)).toEqual(['at', 'type', 'means', 'ip', 'user_agent']);
  });

  test('names the address of a citizen’s request, that of a journey’s start for its SMS codes, and none of an officer’s', async () => {
    const journeyId = randomUUID();
    const begun = { type: 'journey-begun', id: `${journeyId}/journey-begun`, journeyId };
    const registered = { type: 'citizen-registered', officerId: randomUUID() };
    await record({ type: 'signed-in', daysAgo: 1, requestId: await requestFrom('192.0.2.1') });
    await record({ ...begun, requestId: await requestFrom('192.0.2.2') });
    await record({ type: 'otp-sent', daysAgo: 2, journeyId });
    await record({ ...registered, daysAgo: 3, requestId: await requestFrom('192.0.2.3') });
    await record({ type: 'notice-sent', daysAgo: 4 });
    const { rows } = await activity();
    expect(rows.map(({ type, ip }) => [type, ip])).toEqual([
      ['signed-in', '192.0.2.1'],
      ['otp-sent', '192.0.2.2'],
      ['citizen-registered', null],
      ['notice-sent', null],
    ]);
  });

  test('comes in pages, which are never cut within an instant', async () => {
    for (const daysAgo of [1, 2, 2, 2, 3]) await record({ type: 'signed-in', daysAgo });
    const first = await activity(null, 2);
    expect(first.rows).toHaveLength(4);
    const next = await activity(first.rows.at(-1)?.at ?? null, 2);
    expect(next.rows).toHaveLength(1);
  });
});
