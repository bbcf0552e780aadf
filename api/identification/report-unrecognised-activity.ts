import { z } from 'zod';
import { withRawTransaction } from '../../platform/database.ts';
import type { ResponseRandomness } from '../../platform/response-randomness.ts';
import { auditStatement, isAudited } from '../../records/audit.ts';
import { lockCitizen } from '../../records/closures.ts';
import { endIdentificationsStatement } from '../../records/identifications.ts';
import { voidIdentificationsStatement } from '../../records/party-identifications.ts';
import { endSessionsStatement, isCredentialInForce } from '../../records/sessions.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { type Reply, type RequestContext, route } from '../http/route.ts';
import type { StoredSession } from './sessions.ts';

type Report = RequestContext<unknown, StoredSession>;

/**
 * «It was not me»: ends every session and open identification of the citizen, voids the latest identifications to relying
 * parties, and blocks the password until a reset with the
 * activation code or a registration act. One transaction of PostgreSQL, as a block by failed sign-ins: the workflow hears of
 * it through the outbox, and sends the notice (docs/adr/0043).
 */
export const reportUnrecognisedActivity = route({
  method: 'post',
  path: '/sessions/not-me',
  summary: 'It was not me',
  description:
    'Ends every session and open sign-in of the citizen, voids the identifications to relying parties of the last 12 hours, and blocks the password until a reset with the activation code. Repeated under its Idempotency-Key it is answered, though the session is over.',
  tag: 'Sessions',
  caller: 'session',
  body: () => z.strictObject({}),
  replies: { 204: z.undefined() },
  problems: [],
  async handle(context, dependencies) {
    if (!(await blockAndEnd(context, dependencies)))
      // The session has ended since the caller was identified: by an attempt before this one, or by something else.
      return (await replyIfReported(context.randomness, dependencies)) ?? { problem: 'not-authenticated' };
    void dependencies.passwordBlockOutbox.flush();
    return reported;
  },
  replyIfDone: (randomness, dependencies) => replyIfReported(randomness, dependencies),
});

const event = { type: 'unrecognised-activity-reported' } as const;
const reported: Reply = { status: 204, body: undefined };
const reportId = (randomness: ResponseRandomness): string => randomness.uuid('report');

/** Returns false, without effect, if the session is over. */
const blockAndEnd = (
  { caller: { id, citizenId }, randomness, requestId }: Report,
  { db, clock }: ApiDependencies,
): Promise<boolean> => {
  const now = new Date(clock.now());
  return withRawTransaction<{ passwordId: string | null }, boolean>(
    db,
    lockPasswordOfSession(id, now),
    async (tx, [locked]) => {
      if (!locked) return false;
      await tx.commitWithAll([
        ...(locked.passwordId ? [blockPassword(locked.passwordId, now)] : []),
        endIdentificationsStatement(citizenId, 'blocked', now),
        endSessionsStatement(citizenId),
        voidIdentificationsStatement(citizenId, now),
        auditStatement(event, { id: reportId(randomness), citizenId, requestId }),
      ]);
      return true;
    },
    [lockCitizen(citizenId)],
  );
};

/**
 * Finds an open session, and locks the password of its citizen: null if there is none, as in a session that a certificate
 * opened. A password that a reset has set meanwhile is not found, since the reset has ended the session.
 */
const lockPasswordOfSession = (sessionId: string, at: Date) => ({
  name: 'lock-password-of-session',
  text: `
    WITH password AS MATERIALIZED (
      SELECT id FROM "Password" WHERE "citizenId" = (SELECT "citizenId" FROM "Session" WHERE id = $1::uuid) FOR UPDATE)
    SELECT (SELECT id FROM password) AS "passwordId" FROM "Session" session
    WHERE session.id = $1::uuid AND ${isCredentialInForce('$2')}`,
  values: [sessionId, at],
});

const blockPassword = (id: string, at: Date) => ({
  name: 'block-password',
  text: 'UPDATE "Password" SET "blockedAt" = $2::timestamptz WHERE id = $1::uuid AND "blockedAt" IS NULL',
  values: [id, at],
});

async function replyIfReported(
  randomness: ResponseRandomness,
  { db }: Pick<ApiDependencies, 'db'>,
): Promise<Reply | undefined> {
  return (await isAudited(db, event, { id: reportId(randomness) })) ? reported : undefined;
}
