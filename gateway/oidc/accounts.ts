import type { Account, AuthorizationCode, FindAccount } from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { Pool } from 'pg';
import { lengthMs } from '../../domain/durations.ts';
import { partyIdentifications } from '../../domain/limits.ts';
import type { FindIdentification } from '../flow/identifications.ts';
import { unavailable } from './artefacts.ts';
import { claimsOf } from './attribute-claims.ts';

/**
 * What the provider knows an identification by: its id, and the subject under which its relying party knows the citizen. Both
 * are opaque; nothing else about a citizen is stored by the gateway.
 */
export interface AccountReference {
  readonly identificationId: string;
  readonly subject: string;
}

export const accountIdOf = ({ identificationId, subject }: AccountReference): string =>
  `${identificationId}.${subject}`;

export function readAccountId(accountId: string): AccountReference {
  const [identificationId = '', subject = ''] = accountId.split('.');
  return { identificationId, subject };
}

/** Notices of logout can be sent for so long (s) after a code was redeemed: as long as an identification can be voided. */
const logoutNoticeSeconds = lengthMs(partyIdentifications.voidable) / 1_000;

/** The provider's view of who has identified. Personal claims are read from the API when userinfo is asked. */
export const createFindAccount =
  (db: Pick<Pool, 'query'>, findIdentification: FindIdentification): FindAccount =>
  async (_ctx, accountId, token): Promise<Account | undefined> => {
    const reference = readAccountId(accountId);
    if (token?.kind === 'AuthorizationCode') {
      await keepLogoutSubject(db, reference, token as AuthorizationCode);
      // After it is kept: either the notice finds it, or it is found void here.
      if (await isVoid(db, reference)) return undefined;
    }
    return {
      accountId,
      async claims(use) {
        if (use !== 'userinfo') return { sub: accountId };
        const identification = await findIdentification(
          reference.identificationId,
          token?.clientId ?? '',
        ).catch((cause: unknown) => {
          throw unavailable(cause);
        });
        // Its ten minutes are over, or it was voided.
        if (!identification) throw new errors.InvalidToken('the identification is over');
        return { sub: accountId, ...claimsOf(identification) };
      },
    };
  };

/** The session id is known to relying parties that take notices of logout only. */
async function keepLogoutSubject(
  db: Pick<Pool, 'query'>,
  { identificationId, subject }: AccountReference,
  { sid, clientId }: AuthorizationCode,
): Promise<void> {
  if (!sid) return;
  await db
    .query({
      name: 'insert-logout-subject',
      text: `
        INSERT INTO "LogoutSubject" ("identificationId", "relyingPartyId", subject, sid, "expiresAt")
        VALUES ($1::uuid, $2, $3, $4, now() + $5 * interval '1 second') ON CONFLICT DO NOTHING`,
      values: [identificationId, clientId, subject, sid, logoutNoticeSeconds],
    })
    .catch((cause: unknown) => {
      throw unavailable(cause);
    });
}

/** Whether an identification was voided before its code was redeemed: there is a notice then, which found nobody to tell. */
async function isVoid(db: Pick<Pool, 'query'>, { identificationId }: AccountReference): Promise<boolean> {
  const { rows } = await db
    .query({
      name: 'find-notice-of-identification',
      text: 'SELECT 1 FROM "LogoutNotice" WHERE "identificationId" = $1::uuid',
      values: [identificationId],
    })
    .catch((cause: unknown) => {
      throw unavailable(cause);
    });
  return rows.length > 0;
}
