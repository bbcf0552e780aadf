import type { Account, AuthorizationCode, FindAccount } from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { Pool } from 'pg';
import type { FindIdentification } from '../flow/identifications.ts';
import { type Reads, readOnce, readsOf } from '../flow/request-reads.ts';
import { isVoided, saveLogoutSubject } from '../logout/logout-subjects.ts';
import { voidedRead } from './artefact-rows.ts';
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

/** The provider's view of who has identified. Personal claims are read from the API when userinfo is asked. */
export const createFindAccount =
  (db: Pick<Pool, 'query'>, findIdentification: FindIdentification): FindAccount =>
  async (ctx, accountId, token): Promise<Account | undefined> => {
    const reference = readAccountId(accountId);
    if (token?.kind === 'AuthorizationCode') {
      const isVoid = await registerRedemption(
        db,
        accountId,
        token as AuthorizationCode,
        readsOf(ctx.req),
      ).catch((cause: unknown) => {
        throw unavailable(cause);
      });
      if (isVoid) return undefined;
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

/** Saves whom a notice of logout will name. Returns whether the identification was voided already. */
async function registerRedemption(
  db: Pick<Pool, 'query'>,
  accountId: string,
  { sid, clientId = '' }: AuthorizationCode,
  reads: Reads,
): Promise<boolean> {
  const { identificationId, subject } = readAccountId(accountId);
  // Only with relying parties that take notices of logout.
  if (sid) {
    await saveLogoutSubject(db, { identificationId, relyingPartyId: clientId, subject, sid });
    // What was read before is too old: either the notice finds the subject, or it is found here.
    reads.delete(voidedRead(accountId));
  }
  return readOnce(reads, voidedRead(accountId), () => isVoided(db, identificationId));
}
