import { randomBytes, randomUUID } from 'node:crypto';
import { createCitizenActivities } from '../../activities/citizen-activities.ts';
import type { AnyReminder, NoticeOrder } from '../../activities/notices.ts';
import { createSmsActivities } from '../../activities/sms-activities.ts';
import type { Proof } from '../../domain/journeys.ts';
import type { SecretKey } from '../../platform/config.ts';
import { type Database, openDatabase } from '../../platform/database.ts';
import { KeyRing } from '../../platform/secrets.ts';
import { type SmsResult, SmsUnavailable } from '../../platform/sms-sender.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';
import { policyWith } from './test-policy.ts';

/** The activities on a real PostgreSQL, called as a worker would, with a provider whose result a test may set. */
export class ActivityEnvironment {
  readonly database: TestDatabase;
  readonly db: Database;
  readonly #key = { id: 'k1', bytes: randomBytes(32) };
  readonly ring = new KeyRing([this.#key]);
  readonly smsMessages: { to: string; body: string }[] = [];
  readonly notices: (NoticeOrder | AnyReminder)[] = [];
  /** The provider's result; unset, it accepts every SMS. */
  provider: (() => SmsResult) | undefined;
  readonly citizenActivities: ReturnType<typeof createCitizenActivities>;
  readonly smsActivities: ReturnType<typeof createSmsActivities>;

  private constructor(database: TestDatabase) {
    const { ring } = this;
    this.database = database;
    this.db = openDatabase(database.appUrl);
    const notices = { start: async (order: NoticeOrder | AnyReminder) => void this.notices.push(order) };
    this.citizenActivities = withRetries(createCitizenActivities({ db: this.db, ring, notices }));
    this.smsActivities = this.#smsActivities(ring);
  }

  #smsActivities(ring: KeyRing): ReturnType<typeof createSmsActivities> {
    const sms = {
      send: async (text: { to: string; body: string }): Promise<SmsResult> => {
        this.smsMessages.push(text);
        return this.provider?.() ?? { kind: 'accepted', providerId: `SM${randomUUID()}` };
      },
    };
    return createSmsActivities({ db: this.db, ring, sms, policy: policyWith() });
  }

  /** The activities of a worker whose ring has another key first, and still holds that of this environment. */
  smsActivitiesWith(first: SecretKey): ReturnType<typeof createSmsActivities> {
    return this.#smsActivities(new KeyRing([first, this.#key]));
  }

  static async open(): Promise<ActivityEnvironment> {
    return new ActivityEnvironment(await createTestDatabase());
  }

  async close(): Promise<void> {
    await this.db.close();
    await this.database.drop();
  }

  /** Stages a registration act; `overrides` replace declared data. @returns the input of `applyRegistration` */
  async stageAct(overrides: Record<string, unknown> = {}) {
    const ids = { citizenId: randomUUID(), officerId: randomUUID(), requestId: randomUUID() };
    const declared = { ...newPersonalData(), secondSurname: null, ...ids, ...overrides, id: randomUUID() };
    await this.db.prisma.registrationAct.create({ data: declared as never });
    const { id: actId, citizenId, officerId, requestId } = declared;
    return { actId, codeId: randomUUID(), citizenId, officerId, requestId, appliedAtMs: 1_000 };
  }

  /** Registers a citizen and opens a journey. @returns the input and the result of `openJourney` */
  async openJourney(proof: Proof = 'activation-code', overrides: Record<string, unknown> = {}) {
    const act = await this.stageAct(overrides);
    const applied = await this.citizenActivities.applyRegistration(act);
    if (applied.kind !== 'applied') throw new Error(applied.kind);
    return this.openJourneyOf(act.citizenId, proof);
  }

  async openJourneyOf(citizenId: string, proof: Proof = 'activation-code') {
    const opening = {
      ...{ journeyId: randomBytes(16).toString('base64url'), tokenDigest: randomUUID(), citizenId },
      ...{ requestId: randomUUID(), kind: 'activation' as const, startedAtMs: 2_000, expiresAtMs: 1_802_000 },
      allowance: { proof, max: 2, endsAtMs: 86_402_000 },
    };
    return { opening, opened: await this.citizenActivities.openJourney(opening) };
  }

  /** Stages a password for a journey. @returns its id */
  async stagePassword(citizenId: string, journeyId: string): Promise<string> {
    const id = randomUUID();
    await this.db.prisma.stagedPassword.create({
      data: { id, citizenId, journeyId, hash: `hash of ${id}`, keyId: 'k1' },
    });
    return id;
  }

  /** The input of `savePassword`. */
  savePasswordInput(citizenId: string, journeyId: string, passwordId: string) {
    return {
      ...{ passwordId, citizenId, journeyId, kind: 'activation' as const, outcome: 'activated' as const },
      ...{ finishedBy: randomUUID(), requestId: randomUUID(), setAtMs: 3_000, expiresAtMs: 63_072_003_000 },
    };
  }

  /** The trail of a citizen, by type, as its owner reads it. */
  async trail(citizenId: string): Promise<string[]> {
    const owner = openDatabase(this.database.adminUrl, { connections: 1 });
    const events = await owner.prisma.auditEvent.findMany({ where: { citizenId }, orderBy: { at: 'asc' } });
    await owner.close();
    return events.map(({ type }) => type);
  }
}

/** Repeats an activity whose transaction a busy machine did not finish in time, as Temporal does. */
function withRetries<Activities extends object>(activities: Activities): Activities {
  const retried = Object.entries(activities).map(([name, run]) => [
    name,
    async (...args: unknown[]) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await run(...args);
        } catch (error) {
          if ((error as { code?: unknown }).code !== transactionTimedOut || attempt === 5) throw error;
        }
      }
    },
  ]);
  return Object.fromEntries(retried) as Activities;
}

/** Prisma's code for a transaction that did not begin or end in time. */
const transactionTimedOut = 'P2028';

/** A provider that does not answer. */
export const noAnswer = (): SmsResult => {
  throw new SmsUnavailable('no-answer');
};
