import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createUpkeepActivities, type UpkeepTask, upkeepTasks } from '../../activities/upkeep.ts';
import { setAuditRetention } from '../../prisma/grants.ts';
import { queryAsOwner } from '../database/rows.ts';
import { ActivityEnvironment } from '../environment/activity-environment.ts';
import { policyWith } from '../environment/test-policy.ts';
import {
  putCertificate,
  putJourney,
  putReceipt,
  putStagedEvidence,
  putStagedPassword,
  putTicket,
} from './upkeep-rows.ts';

const policy = policyWith({ upkeep: { batch: 3 } });
const nowMs = Date.now();
const minute = 60_000;
const day = 24 * 60 * minute;
const ago = (ms: number) => new Date(nowMs - ms);

let env: ActivityEnvironment;
beforeAll(async () => {
  env = await ActivityEnvironment.open();
  await setAuditRetention(env.database.ownerUrl, {
    events: policy.auditTrail.kept,
    requests: policy.upkeep.requests,
  });
});
afterAll(() => env.close());

/** One chore, as a worker does it, and how many batches it took. */
async function does(chore: UpkeepTask, by = policy): Promise<{ removed: number; heartbeats: number }> {
  const activity = new MockActivityEnvironment();
  let heartbeats = 0;
  activity.on('heartbeat', () => {
    heartbeats += 1;
  });
  const removed = (await activity.run(
    createUpkeepActivities({ db: env.db, policy: by })[chore],
    nowMs,
  )) as number;
  return { removed, heartbeats };
}

const citizen = async () => {
  const act = await env.stageAct();
  await env.citizenActivities.applyRegistration(act);
  return act.citizenId;
};
const times = <Result>(count: number, make: (index: number) => Result): Result[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** Of each table: seven rows that are due and two that are not, by how long ago (ms) they began or ended. */
type Kind = { readonly table: string; readonly due: number; readonly undue: number };
const kinds: Readonly<Partial<Record<UpkeepTask, Kind & { put(atMs: number): Promise<unknown> }>>> = {
  removeLimiterRows: {
    ...{ table: 'limiter_row', due: 0, undue: -minute },
    put: (atMs) => env.db.prisma.limiterRow.create({ data: { key: randomUUID(), expire: nowMs - atMs } }),
  },
  removeFailedIds: {
    ...{ table: 'FailedId', due: 0, undue: -minute },
    put: (atMs) =>
      env.db.prisma.failedId.create({ data: { address: 'one', id: randomUUID(), endsAt: ago(atMs) } }),
  },
  removeTextAllowances: {
    ...{ table: 'TextAllowance', due: 0, undue: -minute },
    put: (atMs) =>
      env.db.prisma.textAllowance.create({ data: { key: randomUUID(), used: 1, endsAt: ago(atMs) } }),
  },
  removeDecoys: {
    ...{ table: 'DecoyCode', due: 367 * day, undue: 364 * day },
    put: (atMs) =>
      env.db.prisma.decoyCode.create({ data: { bucket: nextBucket(), wrong: 6, updatedAt: ago(atMs) } }),
  },
  removeAnswers: {
    ...{ table: 'IdempotentRequest', due: day + minute, undue: day - minute },
    put: (atMs) =>
      env.db.prisma.idempotentRequest.create({
        data: { keyDigest: randomUUID(), bodyDigest: '', sealedSeed: '', createdAt: ago(atMs) },
      }),
  },
  removeCertificateTickets: {
    ...{ table: 'CertificateTicket', due: day + minute, undue: day - minute },
    put: (atMs) => putTicket(env.db, ago(atMs)),
  },
  removeActReceipts: {
    ...{ table: 'ActReceipt', due: 0, undue: -minute },
    put: (atMs) => putReceipt(env.db, ago(atMs)),
  },
  // A day after its token can have expired: ten minutes, and two for its code.
  removeCertificateIdentifications: {
    ...{ table: 'CertificateIdentification', due: day + 13 * minute, undue: day + 11 * minute },
    put: (atMs) => putCertificate(env.db, ago(atMs)),
  },
  removeSessions: {
    ...{ table: 'Session', due: day + minute, undue: day - minute },
    put: async (atMs) => {
      const on = { citizenId: await citizen(), basis: 'password', credentialId: randomUUID() };
      return env.db.prisma.session.create({ data: { ...session(atMs), ...on, assurance: 'basic' } });
    },
  },
  removeDeskSessions: {
    ...{ table: 'DeskSession', due: minute, undue: -minute },
    put: (atMs) => {
      const officer = { officerId: randomUUID(), keyDigest: randomUUID() };
      return env.db.prisma.deskSession.create({ data: { ...session(atMs), ...officer } });
    },
  },
  removeStagedPasswords: {
    ...{ table: 'StagedPassword', due: 61 * minute, undue: 59 * minute },
    put: async (atMs) => putStagedPassword(env.db, await citizen(), randomUUID(), ago(atMs)),
  },
  removeActsNotApplied: {
    ...{ table: 'RegistrationAct', due: 61 * minute, undue: 59 * minute },
    put: (atMs) => env.stageAct({ declaredAt: ago(atMs) }),
  },
  removeStagedEvidence: {
    ...{ table: 'StagedEvidence', due: 61 * minute, undue: 59 * minute },
    put: (atMs) => putStagedEvidence(env.db, randomUUID(), ago(atMs)),
  },
  removeTexts: {
    ...{ table: 'Text', due: 30 * day + minute, undue: 30 * day - minute },
    put: (atMs) => {
      const notice = { id: randomUUID(), citizenId: randomUUID(), purpose: 'notice.welcome' };
      return env.db.prisma.text.create({ data: { ...notice, delivery: 'sent', createdAt: ago(atMs) } });
    },
  },
  removeIdentifications: {
    ...{ table: 'Identification', due: 90 * day + minute, undue: 90 * day - minute },
    put: async (atMs) => {
      const to = { citizenId: await citizen(), relyingPartyId: 'party', sessionId: randomUUID() };
      const how = { level: 'low', means: 'password', at: ago(atMs), expiresAt: ago(atMs) };
      return env.db.prisma.identification.create({ data: { id: randomUUID(), ...to, ...how } });
    },
  },
  removeLogoutNotices: {
    ...{ table: 'LogoutNotice', due: 30 * day + minute, undue: 30 * day - minute },
    put: (atMs) => {
      const of = { identificationId: randomUUID(), relyingPartyId: 'party' };
      return env.db.prisma.logoutNotice.create({ data: { id: randomUUID(), ...of, createdAt: ago(atMs) } });
    },
  },
  removeJourneys: {
    ...{ table: 'Journey', due: 2 * day + minute, undue: 2 * day - minute },
    put: async (atMs) => finished(await citizen(), atMs),
  },
};

const session = (atMs: number) => {
  const ids = { id: randomUUID(), tokenDigest: randomUUID() };
  return { ...ids, startedAt: ago(atMs), lastUsedAt: ago(atMs), endsAt: ago(atMs) };
};
let buckets = 0;
const nextBucket = () => {
  buckets += 1;
  return buckets;
};
const finished = (citizenId: string, atMs: number | undefined) =>
  putJourney(env.db, citizenId, ago(60 * day), atMs === undefined ? null : ago(atMs));
const count = async (table: string): Promise<number> => {
  const [row] = await queryAsOwner<{ n: number }>(env, `SELECT count(*)::int AS n FROM "${table}"`);
  return row?.n ?? 0;
};

beforeEach(async () => {
  const tables = [...Object.values(kinds).map(({ table }) => table), 'Request', 'AuditEvent', 'Citizen'];
  await queryAsOwner(env, `TRUNCATE ${tables.map((table) => `"${table}"`).join(', ')} CASCADE`);
});

describe('the upkeep', () => {
  test('has a test for each chore of a table, and two functions for the trail', () => {
    const own = [
      ...['destroyDueAudit', 'destroyUnneededRequests', 'destroyDueIdentificationRequests'],
      ...['endExpiredIdentifications', 'failUnsentOtps'],
    ];
    expect([...Object.keys(kinds), ...own]).toEqual(expect.arrayContaining([...upkeepTasks]));
    expect(upkeepTasks).toHaveLength(22);
  });

  test.each(Object.entries(kinds))('%s: what is due goes in batches, the rest stays', async (chore, kind) => {
    for (const _ of times(7, Number)) await kind.put(kind.due);
    const before = await count(kind.table);
    for (const _ of times(2, Number)) await kind.put(kind.undue);
    expect(await does(chore as UpkeepTask)).toEqual({ removed: 7, heartbeats: 3 });
    expect(await count(kind.table)).toBe(before - 7 + 2);
    expect((await does(chore as UpkeepTask)).removed).toBe(0);
  });

  test('skips a locked row, and removes it the next time', async () => {
    for (const _ of times(2, Number)) await kinds.removeAnswers?.put(2 * day);
    const [held] = await env.db.prisma.idempotentRequest.findMany();
    await env.db.prisma.$transaction(async (tx) => {
      const where = { keyDigest: held?.keyDigest ?? '' };
      await tx.idempotentRequest.update({ where, data: { status: 503 } });
      expect((await does('removeAnswers')).removed).toBe(1);
    });
    expect((await does('removeAnswers')).removed).toBe(1);
  });

  test('stops between two batches when its worker is asked to stop', async () => {
    for (const _ of times(7, Number)) await kinds.removeLimiterRows?.put(0);
    const activity = new MockActivityEnvironment();
    activity.on('heartbeat', () => activity.cancel());
    const { removeLimiterRows } = createUpkeepActivities({ db: env.db, policy });
    await expect(activity.run(removeLimiterRows, nowMs)).rejects.toThrow();
    expect(await count('limiter_row')).toBe(4);
  });
});

describe('what something else still needs stays, however old', () => {
  test('a staged password whose journey has not been written as over; afterwards it goes', async () => {
    const citizenId = await citizen();
    const { id } = await finished(citizenId, undefined);
    await putStagedPassword(env.db, citizenId, id, ago(3 * day));
    expect((await does('removeStagedPasswords')).removed).toBe(0);
    await env.db.prisma.journey.update({ where: { id }, data: { finishedAt: ago(0) } });
    expect((await does('removeStagedPasswords')).removed).toBe(1);
  });

  test('an act declared online with its evidence, while its journey proves the phone; afterwards both go', async () => {
    const { actId, citizenId } = await env.stageAct({ declaredAt: ago(3 * day) });
    await putStagedEvidence(env.db, actId, ago(3 * day));
    const { id } = await finished(citizenId, undefined);
    await env.db.prisma.journey.update({ where: { id }, data: { actId } });
    expect((await does('removeActsNotApplied')).removed).toBe(0);
    expect((await does('removeStagedEvidence')).removed).toBe(0);
    await env.db.prisma.journey.update({ where: { id }, data: { finishedAt: ago(0) } });
    expect((await does('removeActsNotApplied')).removed).toBe(1);
    expect((await does('removeStagedEvidence')).removed).toBe(1);
  });

  test('a journey that is not over, and an act that is applied', async () => {
    await finished(await citizen(), undefined);
    await queryAsOwner(env, `UPDATE "RegistrationAct" SET "declaredAt" = now() - interval '9 years'`);
    expect([(await does('removeJourneys')).removed, (await does('removeActsNotApplied')).removed]).toEqual([
      0, 0,
    ]);
  });

  test('a text whose journey is removed', async () => {
    const { opening } = await env.openJourney();
    await env.db.prisma.journey.update({
      where: { id: opening.journeyId },
      data: { finishedAt: ago(3 * day) },
    });
    expect((await does('removeJourneys')).removed).toBe(1);
    const text = await env.db.prisma.text.findUnique({ where: { id: `${opening.journeyId}/1` } });
    expect(text).toMatchObject({ journeyId: null, purpose: 'otp.activation' });
  });
});

describe('the origin of a request', () => {
  const call = async (at: Date, eventAt?: Date) => {
    const id = randomUUID();
    await env.db.prisma.request.createMany({
      data: [{ id, at, ip: '2001:db8::1', userAgent: 'x', route: '/sessions' }],
    });
    if (eventAt)
      await queryAsOwner(
        env,
        `INSERT INTO "AuditEvent" (id, at, type, "requestId", detail) VALUES ($1, $2, 'otp-refused', $3, '{}')`,
        [randomUUID(), eventAt, id],
      );
    return id;
  };
  const left = async () => (await env.db.prisma.request.findMany()).map(({ id }) => id).sort();

  test('goes after two days if nothing in the trail refers to it, looked at once each', async () => {
    await queryAsOwner(env, 'UPDATE "AuditRetention" SET "lookedUpToAt" = NULL, "lookedUpToId" = NULL');
    const fresh = await call(ago(day));
    const told = await call(ago(3 * day), ago(3 * day));
    for (const _ of times(4, Number)) await call(ago(4 * day));
    expect((await does('destroyUnneededRequests')).removed).toBe(5);
    expect(await left()).toEqual([fresh, told].sort());
    expect((await does('destroyUnneededRequests')).removed).toBe(0);
  });

  test('stays with the last event that refers to it for as long as the trail is kept, and goes with it', async () => {
    const old = ago(6 * 366 * day);
    await call(old, old);
    const refersLater = await call(old, ago(day));
    expect((await does('destroyUnneededRequests')).removed).toBeGreaterThanOrEqual(0);
    expect(await left()).toHaveLength(2);
    expect((await does('destroyDueAudit')).removed).toBe(1);
    expect((await does('destroyUnneededRequests')).removed).toBe(1);
    expect(await left()).toEqual([refersLater]);
  });

  test('cannot be taken away by the application itself', async () => {
    await call(ago(day));
    await expect(env.db.prisma.request.deleteMany()).rejects.toThrow(/denied/);
    await expect(
      env.db.pool.query('UPDATE "AuditRetention" SET "keepRequests" = \'PT1S\''),
    ).rejects.toMatchObject({ code: '42501' });
  });
});
