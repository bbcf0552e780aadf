import { randomUUID } from 'node:crypto';
import { TypedSearchAttributes } from '@temporalio/common';
import type { Client } from 'pg';
import { after } from '../domain/durations.ts';
import { limits } from '../domain/limits.ts';
import {
  citizenBlockedAttribute,
  citizenJourneyAttribute,
  citizenStatusAttribute,
  passwordExpiresAtAttribute,
} from '../domain/search-attributes.ts';
import type { KeyRing } from '../platform/secrets.ts';
import { issueCode } from '../workflows/activation-code.ts';
import { CitizenState } from '../workflows/citizen-state.ts';
import { newPasswordClock } from '../workflows/password-clock.ts';
import { type CitizenSnapshot, newCitizenSnapshot } from '../workflows/snapshot.ts';

/** What the last run of an activation passes to the one in which the citizen sleeps. */
export function activeSnapshot(citizenId: string, ring: KeyRing): CitizenSnapshot {
  const nowMs = Date.now();
  const codeId = randomUUID();
  const expiresAtMs = after(nowMs, limits.passwordLife);
  const fingerprint = ring.fingerprint('activation-code', [citizenId, codeId]);
  const password = newPasswordClock(randomUUID(), expiresAtMs, nowMs, limits.passwordReminders);
  return new CitizenState({
    ...newCitizenSnapshot(citizenId),
    registration: { level: 'advanced', lastStrongIdentification: { atMs: nowMs, by: 'office' } },
    permanente: {
      code: issueCode({ codeId, fingerprint, tolerated: limits.activationCode.tries }, nowMs),
      password,
    },
    codesIssued: [{ codeId, atMs: nowMs }],
  }).snapshot();
}

export const activeAttributes = (): TypedSearchAttributes =>
  new TypedSearchAttributes([
    { key: citizenStatusAttribute, value: 'active' },
    { key: citizenBlockedAttribute, value: [] },
    { key: citizenJourneyAttribute, value: 'none' },
    { key: passwordExpiresAtAttribute, value: new Date(after(Date.now(), limits.passwordLife)) },
  ]);

/** Fills PostgreSQL with `count` citizens whose password matches nothing: tables and indexes get their real size. */
export async function fillTables(owner: Client, count: number): Promise<void> {
  await owner.query(
    `INSERT INTO "Citizen" (id, "nationalId", "givenName", "firstSurname", email, phone, language, level, "actId", "registeredAt")
     SELECT gen_random_uuid(), 'bench-' || number, 'Begoña', 'Etxeberria', 'asleep.' || number || '@example.org',
       'bench-' || number, 'es', 'advanced', gen_random_uuid(), now()
     FROM generate_series(1, $1::int) number`,
    [count],
  );
  await owner.query(
    `INSERT INTO "Password" (id, "citizenId", hash, "keyId", "setAt", "expiresAt")
     SELECT gen_random_uuid(), id, '$argon2id$v=19$m=19456,t=2,p=1$' || repeat('A', 66), 'k1', now(), now() + interval '2 years'
     FROM "Citizen" WHERE "nationalId" LIKE 'bench-%'`,
  );
  await owner.query('ANALYZE');
}
