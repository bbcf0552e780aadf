import type { QueryConfig } from 'pg';
import type { RegistrationLevel } from '../domain/assurance.ts';
import type { AuditEvent } from '../domain/audit-events.ts';
import type {
  StrongIdentification,
  StrongIdentificationMeans,
} from '../domain/registration/strong-identification.ts';
import { keepEvidence } from '../records/act-evidence.ts';
import { auditParameters, auditPlaceholders, auditStatement, insertIntoAudit } from '../records/audit.ts';
import { endIdentificationsStatement } from '../records/identifications.ts';
import { completeJourney } from '../records/journeys.ts';
import { clearOtpCounts } from '../records/otp-counts.ts';
import { endSessionsStatement } from '../records/sessions.ts';
import type { ApplyRegistration } from './registrations.ts';

/** In person before an officer, or with an accepted certificate ([clave]). */
export const actLevel: RegistrationLevel = 'advanced';

/** The identification in person that an act is; undefined for one with another certificate than the DNIe. */
export const strongBy = ({
  officerId,
  online,
  appliedAtMs: atMs,
}: ApplyRegistration): Pick<StrongIdentification, 'atMs' | 'by'> | undefined =>
  officerId ? { atMs, by: 'office' } : online?.isStrong ? { atMs, by: 'dnie' } : undefined;

/** A staged act and what it meets. */
export interface FoundAct {
  readonly appliedAt: Date | null;
  /** Whether it is the act in force of the citizen whom it names. */
  readonly isInForce: boolean;
  /** The phone that it replaces, or has replaced. */
  readonly formerPhone: string | null;
  /** Whether another act of this citizen was applied. */
  readonly again: boolean;
  /** The citizen with the act's national id. */
  readonly knownId: string | null;
  readonly passwordId: string | null;
  readonly passwordExpiresAt: Date | null;
  readonly isBlocked: boolean;
  /** Whether the password is older than a suspension: it stays blocked, since the suspicion may have been of it. */
  readonly isSuspected: boolean;
  /** Another citizen with the act's phone. */
  readonly holderId: string | null;
  readonly holderYields: boolean;
  /** Whether the citizen is suspended, perhaps since the act was declared. */
  readonly isSuspended: boolean;
  readonly strongAt: Date | null;
  readonly strongBy: StrongIdentificationMeans | null;
  /** Of an act declared online: whether its journey and its evidence are there. */
  readonly isReady: boolean;
}

/** Locks every citizen whom an act concerns, by their ids, so that two acts that exchange phones do not wait for each other. */
export const lockCitizensOf = ({ actId, citizenId }: ApplyRegistration): QueryConfig => ({
  name: 'lock-citizens-of-act',
  text: `
    SELECT 1 FROM "Citizen"
    WHERE id = $2::uuid
      OR "nationalId" = (SELECT "nationalId" FROM "RegistrationAct" WHERE id = $1::uuid)
      OR phone = (SELECT phone FROM "RegistrationAct" WHERE id = $1::uuid)
    ORDER BY id FOR NO KEY UPDATE`,
  values: [actId, citizenId],
});

/** Whether a phone may be taken from `holder`: never confirmed by a code, or of a citizen who has unsubscribed (docs/adr/0015). */
const yieldsPhone = '(holder."phoneConfirmedAt" IS NULL OR holder."unsubscribedAt" IS NOT NULL)';

export const findAct = ({ actId, citizenId, online }: ApplyRegistration): QueryConfig => ({
  name: 'find-registration-act',
  text: `
    SELECT act."appliedAt", known."actId" IS NOT DISTINCT FROM act.id AS "isInForce",
      CASE WHEN act."appliedAt" IS NOT NULL THEN act."formerPhone"
        WHEN known.phone <> act.phone THEN known.phone END AS "formerPhone",
      EXISTS (
        SELECT FROM "RegistrationAct" WHERE "citizenId" = $2::uuid AND "appliedAt" IS NOT NULL AND id <> act.id) AS again,
      known.id AS "knownId", password.id AS "passwordId", password."expiresAt" AS "passwordExpiresAt",
      password."blockedAt" IS NOT NULL AS "isBlocked",
      password.id IS NOT NULL AND (known."suspendedAt" IS NOT NULL OR EXISTS (
        SELECT FROM "Suspension" suspension
        WHERE suspension."citizenId" = known.id AND suspension.at > password."setAt")) AS "isSuspected",
      holder.id AS "holderId", ${yieldsPhone} AS "holderYields", known."suspendedAt" IS NOT NULL AS "isSuspended",
      known."strongIdentifiedAt" AS "strongAt", known."strongIdentifiedBy" AS "strongBy",
      EXISTS (SELECT FROM "StagedEvidence" WHERE "actId" = act.id)
        AND EXISTS (SELECT FROM "Journey" WHERE id = $3 AND "actId" = act.id) AS "isReady"
    FROM "RegistrationAct" act
    LEFT JOIN "Citizen" known ON known."nationalId" = act."nationalId"
    LEFT JOIN "Password" password ON password."citizenId" = known.id
    LEFT JOIN "Citizen" holder ON holder.phone = act.phone AND holder.id <> $2::uuid
    WHERE act.id = $1::uuid`,
  values: [actId, citizenId, online?.journeyId ?? null],
});

/** A retried act may run after a later regeneration; the workflow puts this code in force now, so store its id. */
export const storeCodeId = ({ citizenId, codeId }: ApplyRegistration): QueryConfig => ({
  name: 'store-code-id',
  text: 'UPDATE "Citizen" SET "codeId" = $2::uuid WHERE id = $1::uuid',
  values: [citizenId, codeId],
});

/** The writes of an act that may be applied, in the order of their locks. */
export function writesOf(act: ApplyRegistration, found: FoundAct): readonly QueryConfig[] {
  const { actId, citizenId, officerId, online, requestId, passwordId } = act;
  const { holderId, again, formerPhone } = found;
  const at = new Date(act.appliedAtMs);
  return [
    ...(holderId ? [releasePhone(act, holderId)] : []),
    writeCitizen(act, at),
    // The act lifts the block of the password that the workflow knows. After a suspension the password stays blocked, since
    // somebody else may know it, until a reset replaces it. A password restored from a backup stays blocked too.
    ...(passwordId && !found.isSuspected ? [unblockPassword(citizenId, passwordId)] : []),
    // The codes of its former holder went to the phone that they have lost.
    ...(holderId ? [endIdentificationsStatement(holderId, 'superseded', at)] : []),
    endIdentificationsStatement(citizenId, 'superseded', at),
    ...(online ? [completeJourney({ ...online, ...registered, citizenId, requestId, at })] : []),
    clearOtpCounts(citizenId),
    // Opened before an officer saw the person, perhaps with a code to the former phone.
    endSessionsStatement(citizenId),
    {
      name: 'mark-act-applied',
      text: 'UPDATE "RegistrationAct" SET "appliedAt" = $2, "formerPhone" = $3 WHERE id = $1::uuid',
      values: [actId, at, formerPhone],
    },
    ...(online ? [keepEvidence(actId, citizenId, at)] : []),
    auditStatement(registeredEvent(act, again), { id: actId, citizenId, officerId, requestId }),
  ];
}

const registered = { kind: 'registration', outcome: 'registered' } as const;

const registeredEvent = ({ online }: ApplyRegistration, again: boolean): AuditEvent => ({
  type: 'citizen-registered',
  again,
  ...(online && { by: online.isStrong ? 'dnie' : 'certificate' }),
});

/** If the phone was confirmed in the meantime, nothing is released, and the citizen's row violates the unique index. */
const releasePhone = ({ actId, officerId, requestId }: ApplyRegistration, holderId: string): QueryConfig => ({
  name: 'release-phone',
  text: `
    WITH released AS (
      UPDATE "Citizen" holder SET phone = NULL, "phoneConfirmedAt" = NULL
      WHERE id = $1::uuid AND ${yieldsPhone} RETURNING 1)
    ${insertIntoAudit}
    SELECT ${auditPlaceholders(2)} FROM released ON CONFLICT DO NOTHING`,
  values: [
    holderId,
    ...auditParameters({ type: 'phone-yielded' }, { id: actId, citizenId: holderId, officerId, requestId }),
  ],
});

/**
 * A phone that stays keeps its confirmation; that of an act declared online has just been proved. A national id is written
 * once, and an identification in person is never cleared.
 */
const writeCitizen = (act: ApplyRegistration, at: Date): QueryConfig => ({
  name: 'write-citizen',
  text: `
    INSERT INTO "Citizen" AS citizen (id, "nationalId", "givenName", "firstSurname", "secondSurname", email, phone,
      language, level, "actId", "codeId", "registeredAt", "phoneConfirmedAt", "strongIdentifiedAt", "strongIdentifiedBy")
    SELECT $2::uuid, "nationalId", "givenName", "firstSurname", "secondSurname", email, phone,
      language, $4, id, $3::uuid, $5::timestamptz, $6::timestamptz, $7::timestamptz, $8
    FROM "RegistrationAct" WHERE id = $1::uuid
    ON CONFLICT (id) DO UPDATE SET
      "givenName" = excluded."givenName", "firstSurname" = excluded."firstSurname",
      "secondSurname" = excluded."secondSurname", email = excluded.email, phone = excluded.phone,
      "phoneConfirmedAt" = coalesce(
        CASE WHEN citizen.phone = excluded.phone THEN citizen."phoneConfirmedAt" END, excluded."phoneConfirmedAt"),
      "strongIdentifiedAt" = coalesce(excluded."strongIdentifiedAt", citizen."strongIdentifiedAt"),
      "strongIdentifiedBy" = coalesce(excluded."strongIdentifiedBy", citizen."strongIdentifiedBy"),
      language = excluded.language, level = excluded.level, "actId" = excluded."actId", "codeId" = excluded."codeId",
      "registeredAt" = excluded."registeredAt", "unsubscribedAt" = NULL, "suspendedAt" = NULL`,
  values: [
    ...[act.actId, act.citizenId, act.codeId, actLevel, at],
    ...[act.online ? at : null, strongBy(act) ? at : null, strongBy(act)?.by ?? null],
  ],
});

const unblockPassword = (citizenId: string, passwordId: string): QueryConfig => ({
  name: 'unblock-password',
  text: `
    UPDATE "Password" SET "blockedAt" = NULL, "blockToldAt" = NULL, "failuresInARow" = 0
    WHERE id = $2::uuid AND "citizenId" = $1::uuid`,
  values: [citizenId, passwordId],
});
