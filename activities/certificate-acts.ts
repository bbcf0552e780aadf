import type { QueryConfig } from 'pg';
import { type Database, executeStatement } from '../platform/database.ts';
import { audit, auditStatement } from '../records/audit.ts';
import { lockCertificate, spendCertificate } from '../records/certificate-identifications.ts';
import { lockCitizen, recordUnsubscription } from '../records/closures.ts';
import { endIdentificationsStatement } from '../records/identifications.ts';
import { clearConsecutiveOtpCounts } from '../records/otp-counts.ts';
import { endSessionsStatement } from '../records/sessions.ts';
import { lockPassword } from './authority.ts';
import { withRawTransaction, withTransaction } from './transaction.ts';

/** What rests on a certificate instead of a password and an SMS code. */
interface CertificateAct {
  readonly citizenId: string;
  /** The certificate identification, reserved for this message: otherwise its sender has given up, and nothing is done. */
  readonly certificateId: string;
  readonly messageId: string;
  readonly requestId: string;
  /** Of the message. */
  readonly answerByMs: number;
}

/**
 * How long after `answerByMs` (ms) an attempt may begin: the sender waits for two seconds more (`api/citizens/citizen-client.ts`), of
 * which a transaction may take 0.9. An activity that is repeated until PostgreSQL is back does nothing later.
 */
const lastBeginMs = 1_200;
const isTooLate = ({ answerByMs }: CertificateAct): boolean => Date.now() > answerByMs + lastBeginMs;

export interface SavePasswordByCertificate extends CertificateAct {
  readonly passwordId: string;
  readonly setAtMs: number;
  readonly expiresAtMs: number;
}

/** Why nothing was done: by PostgreSQL, which decides, and of which the workflow may not have heard yet. */
export type CertificateActRefusal = { readonly kind: 'superseded' | 'suspended' | 'reset-needed' };

/**
 * Puts a staged password in force, in place of the one that is, and ends every session: one transaction. The one before must
 * not be blocked; an expired one will do. Safe to run twice: a password in force under this id was saved by the first run.
 */
export const savePasswordByCertificate = (
  db: Database,
  password: SavePasswordByCertificate,
): Promise<{ kind: 'saved' } | CertificateActRefusal> =>
  withRawTransaction<Found, { kind: 'saved' } | CertificateActRefusal>(
    db,
    find(password),
    async (tx, [found]) => {
      if (found?.isSaved) return { kind: 'saved' };
      if (found?.isSuspended) return { kind: 'suspended' };
      if (!found?.hasPassword) return { kind: 'reset-needed' };
      const { hash, keyId, isReserved } = found;
      // Without its hash, it was staged for another citizen or message, or an outage has outlasted it.
      if (!isReserved || isTooLate(password) || hash === null || keyId === null)
        return { kind: 'superseded' };
      await tx.queryAll(save(password, { hash, keyId }));
      return { kind: 'saved' };
    },
    {
      locks: [
        lockCitizen(password.citizenId),
        lockPassword(password.citizenId),
        lockCertificate(password.certificateId),
      ],
    },
  );

interface Found {
  readonly isSaved: boolean;
  readonly isSuspended: boolean;
  readonly hasPassword: boolean;
  readonly isReserved: boolean;
  readonly hash: string | null;
  readonly keyId: string | null;
}

/** For SQL: whether a certificate identification is reserved for a message, both parameters. */
const isReserved = (certificateId: string, messageId: string): string =>
  `EXISTS (SELECT FROM "CertificateIdentification" WHERE id = ${certificateId}::uuid AND "usedBy" = ${messageId}::uuid)`;

const find = ({
  passwordId,
  citizenId,
  certificateId,
  messageId,
}: SavePasswordByCertificate): QueryConfig => ({
  name: 'find-password-by-certificate',
  text: `
    SELECT password.id IS NOT DISTINCT FROM $1::uuid AS "isSaved", citizen."suspendedAt" IS NOT NULL AS "isSuspended",
      password.id IS NOT NULL AND password."blockedAt" IS NULL AND citizen."unsubscribedAt" IS NULL AS "hasPassword",
      ${isReserved('$3', '$4')} AS "isReserved", staged.hash, staged."keyId"
    FROM "Citizen" citizen
    LEFT JOIN "Password" password ON password."citizenId" = citizen.id
    LEFT JOIN "StagedPassword" staged
      ON staged.id = $1::uuid AND staged."citizenId" = citizen.id AND staged."journeyId" = $4::text
    WHERE citizen.id = $2::uuid`,
  values: [passwordId, citizenId, certificateId, messageId],
});

/** In the order of their locks. */
function save(
  {
    passwordId,
    citizenId,
    certificateId,
    messageId,
    requestId,
    setAtMs,
    expiresAtMs,
  }: SavePasswordByCertificate,
  { hash, keyId }: { hash: string; keyId: string },
): readonly QueryConfig[] {
  const [setAt, expiresAt] = [new Date(setAtMs), new Date(expiresAtMs)];
  return [
    {
      name: 'delete-password',
      text: 'DELETE FROM "Password" WHERE "citizenId" = $1::uuid',
      values: [citizenId],
    },
    {
      name: 'set-password-by-certificate',
      text: `
        WITH used AS (DELETE FROM "StagedPassword" WHERE "citizenId" = $2::uuid)
        INSERT INTO "Password" (id, "citizenId", hash, "keyId", "setAt", "expiresAt") VALUES ($1, $2, $3, $4, $5, $6)`,
      values: [passwordId, citizenId, hash, keyId, setAt, expiresAt],
    },
    endIdentificationsStatement(citizenId, 'superseded', setAt),
    clearConsecutiveOtpCounts(citizenId),
    endSessionsStatement(citizenId),
    spendCertificate(certificateId, messageId, setAt),
    auditStatement(
      { type: 'password-set', by: 'certificate', expiresAt: expiresAt.toISOString() },
      { id: messageId, citizenId, requestId },
    ),
  ];
}

export interface UnsubscribeByCertificate extends CertificateAct {
  readonly unsubscribedAtMs: number;
}

/**
 * Destroys everything that signs a citizen in to Permanente; the registration stays. Safe to run twice: a citizen who is
 * unsubscribed stays so.
 */
export const unsubscribeByCertificate = (
  db: Database,
  unsubscription: UnsubscribeByCertificate,
): Promise<{ kind: 'unsubscribed' | 'superseded' | 'suspended' }> =>
  withTransaction(db, async (tx) => {
    const { citizenId, certificateId, messageId, requestId, unsubscribedAtMs } = unsubscription;
    await executeStatement(tx, lockCitizen(citizenId));
    const citizen = await tx.citizen.findUniqueOrThrow({
      where: { id: citizenId },
      select: { suspendedAt: true, unsubscribedAt: true },
    });
    if (citizen.unsubscribedAt) return { kind: 'unsubscribed' };
    if (citizen.suspendedAt) return { kind: 'suspended' };
    if (isTooLate(unsubscription)) return { kind: 'superseded' };
    const at = new Date(unsubscribedAtMs);
    const spent = await executeStatement(tx, spendCertificate(certificateId, messageId, at));
    if (spent === 0) return { kind: 'superseded' };
    await recordUnsubscription(tx, citizenId, at);
    await audit(tx, { type: 'citizen-unsubscribed' }, { id: messageId, citizenId, requestId });
    return { kind: 'unsubscribed' };
  });
