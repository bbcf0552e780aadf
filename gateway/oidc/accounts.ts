import type { Account, AuthorizationCode, FindAccount } from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { Pool } from 'pg';
import type { FindIdentification } from '../flow/identifications.ts';
import { isVoided, saveLogoutSubject } from '../logout/logout-subjects.ts';
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
  async (_ctx, accountId, token): Promise<Account | undefined> => {
    const reference = readAccountId(accountId);
    if (token?.kind === 'AuthorizationCode') {
      const isGood = await registerRedemption(db, reference, token as AuthorizationCode).catch(
        (cause: unknown) => {
          throw unavailable(cause);
        },
      );
      if (!isGood) return undefined;
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

/** Saves whom a notice of logout will name. Returns whether the identification is not void already. */
async function registerRedemption(
  db: Pick<Pool, 'query'>,
  { identificationId, subject }: AccountReference,
  { sid, clientId = '' }: AuthorizationCode,
): Promise<boolean> {
  // Only with relying parties that take notices of logout.
  if (sid) await saveLogoutSubject(db, { identificationId, relyingPartyId: clientId, subject, sid });
  return !(await isVoided(db, identificationId));
}
