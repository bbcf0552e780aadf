import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { countDecoyAttempt } from '../../api/citizens/decoys.ts';
import type { ApiDependencies } from '../../api/http/dependencies.ts';
import { reserveIdempotencyKey } from '../../api/http/idempotency.ts';
import type { IdentificationRow } from '../../api/identification/identification-rows.ts';
import { createOtpSmsQueue } from '../../api/identification/otp-sms-queue.ts';
import { createPasswordAttempts } from '../../api/identification/password-attempts.ts';
import { systemClock } from '../../domain/clock.ts';
import { normalisePassword } from '../../domain/permanente/password-rules.ts';
import { createPasswordHasher } from '../../platform/hashing.ts';
import { createLog } from '../../platform/log.ts';
import { otpDigits } from '../../platform/one-time-passwords.ts';
import { KeyRing } from '../../platform/secrets.ts';
import { goodPassword } from '../actors/credentials.ts';
import { queryAsOwner } from '../database/rows.ts';
import { ActivityEnvironment } from '../environment/activity-environment.ts';
import { FakeSmsSender } from '../environment/fake-sms-sender.ts';
import { policyWith } from '../environment/test-policy.ts';

// The effect of a key rotation on rows. Over HTTP: secret-key.test.ts.
const [k1, k2] = ['k1', 'k2'].map((id) => ({ id, bytes: randomBytes(32) })) as [never, never];
const rings = { old: [k1], accepts: [k1, k2], makes: [k2, k1], alone: [k2] } as const;
const policy = policyWith();

let env: ActivityEnvironment;
beforeAll(async () => {
  env = await ActivityEnvironment.open();
});
afterAll(() => env.close());

const under = (name: keyof typeof rings) =>
  ({ db: env.db, policy, ring: new KeyRing(rings[name]), clock: systemClock }) as unknown as ApiDependencies;

test('wrong entries for an unknown citizen are counted over both keys, whichever is first', async () => {
  const stranger = `${randomUUID()}@example.org`;
  const order = ['old', 'accepts', 'makes', 'accepts', 'makes', 'makes', 'accepts', 'alone'] as const;
  const blocked: boolean[] = [];
  const entry = { nationalId: '12345678Z', email: stranger };
  for (const name of order) {
    const parts = under(name);
    blocked.push(await countDecoyAttempt(parts.db.prisma, parts, entry));
    // Counted already.
    expect(await countDecoyAttempt(parts.db.prisma, parts, entry, 0)).toBe(blocked.at(-1));
  }
  expect(blocked).toEqual([false, false, false, false, false, true, true, true]);
});

test('one request at processes that differ in which key is first is taken by one of them', async () => {
  for (let round = 0; round < 10; round += 1) {
    const request = { idempotencyKey: `k-${round}`, credential: '', path: '/activations', body: { round } };
    const reserved = await Promise.all(
      (['accepts', 'makes'] as const).map(async (name) => {
        const mine = await reserveIdempotencyKey(under(name), request);
        if (mine.kind !== 'reserved') return mine.kind;
        await mine.store({ status: 201, body: { seed: mine.randomness.uuid('x') } });
        return mine.mayBeRetry ? 'repeated' : 'first';
      }),
    );
    expect(reserved.sort()).toEqual(['answered', 'first']);
  }
  expect(await env.db.prisma.idempotentRequest.count()).toBe(10);
});

test.each([
  ['k1', 'makes'],
  ['k2', 'accepts'],
] as const)(
  'the SMS code of a sign-in has the digits of its row’s key, %s, where another is first',
  async (otpKeyId, name) => {
    const { opening } = await env.openJourney();
    const { journeyId, citizenId } = opening;
    const sms = new FakeSmsSender();
    const ring = new KeyRing(rings[name]);
    const queue = createOtpSmsQueue({ db: env.db, ring, sms, policy, log: createLog('test', 'silent') });
    const about = { journeyId, kind: 'sign-in', number: 1 } as const;
    queue.send({ id: journeyId, citizenId, kind: 'sign-in', otpNumber: 1, otpKeyId } as IdentificationRow);
    await queue.drain();
    // As an entry is judged (`enter-identification-otp.ts`).
    expect(sms.texts.map(({ body }) => body)).toEqual([
      expect.stringContaining(otpDigits(ring, about, otpKeyId)),
    ]);
  },
);

describe('a password whose key is gone', () => {
  test('opens nothing, and is not guessed at: no count, no block, and the trail says why', async () => {
    const { citizenId, ...act } = await env.stageAct();
    await env.citizenActivities.applyRegistration({ citizenId, ...act });
    const hash = await createPasswordHasher(new KeyRing(rings.old)).hash(goodPassword);
    const times = { setAt: new Date(), expiresAt: new Date(Date.now() + 86_400_000) };
    await env.db.prisma.password.create({ data: { id: randomUUID(), citizenId, ...hash, ...times } });
    const entry = { citizenId, candidate: normalisePassword(goodPassword) };
    const sign = (name: keyof typeof rings) =>
      createPasswordAttempts({
        ...under(name),
        hasher: createPasswordHasher(new KeyRing(rings[name])),
      }).attempt({ ...entry, attemptId: randomUUID(), requestId: randomUUID() }, async () => 'opened');
    for (let tries = 0; tries < 7; tries += 1) expect(await sign('alone')).toEqual({ kind: 'refused' });
    const password = () => env.db.prisma.password.findUniqueOrThrow({ where: { citizenId } });
    expect(await password()).toMatchObject({ failuresInARow: 0, blockedAt: null, keyId: 'k1' });
    const sql = `SELECT DISTINCT type, detail->>'reason' AS reason FROM "AuditEvent" WHERE "citizenId" = $1 AND type <> 'citizen-registered'`;
    expect(await queryAsOwner(env, sql, [citizenId])).toEqual([
      { type: 'sign-in-refused', reason: 'key-missing' },
    ]);
    // With the key back, the password is valid again and moves to the new key.
    expect(await sign('makes')).toEqual({ kind: 'right', value: 'opened' });
    expect(await password()).toMatchObject({ keyId: 'k2' });
    expect(await sign('alone')).toEqual({ kind: 'right', value: 'opened' });
  });
});
