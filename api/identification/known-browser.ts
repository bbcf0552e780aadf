import { before } from '../../domain/durations.ts';
import type { ResponseRandomness } from '../../platform/response-randomness.ts';
import type { KeyRing } from '../../platform/secrets.ts';
import type { ApiDependencies } from '../http/dependencies.ts';

/** What the session of a right sign-in says of it. */
interface RightSignIn {
  readonly citizenId: string;
  /** The id of the password. */
  readonly credentialId: string;
  readonly startedAt: Date;
}

/**
 * The token by which the browser of a right sign-in is known: password and instant, sealed for this citizen. Its nonce is
 * derived from the randomness and from all that is sealed, so a repetition makes the same token and no nonce serves two.
 */
export function browserToken(
  { citizenId, credentialId, startedAt }: RightSignIn,
  randomness: ResponseRandomness,
  ring: KeyRing,
): string {
  const content = `${credentialId}/${startedAt.toISOString()}`;
  const nonce = randomness.derive(`browser/${citizenId}/${content}`, 12);
  return ring.seal('known-browser', citizenId, Buffer.from(content), nonce);
}

/**
 * Whether a browser is known to a citizen: whether the password of its token is in force and not blocked, no registration
 * act has followed, and the sign-in is recent enough. A known browser may try that password where its address has no slot
 * for a further national id, so that strangers behind the address cannot shut it out (docs/adr/0044). An expired password
 * counts: it is renewed by signing in. The statement is the same for every token, for none, and for a decoy citizen.
 */
export async function isKnownBrowser(
  token: string | undefined,
  citizenId: string,
  { db, ring, policy, clock }: Pick<ApiDependencies, 'db' | 'ring' | 'policy' | 'clock'>,
): Promise<boolean> {
  const [passwordId, startedAt] = openToken(token, citizenId, ring)?.split('/') ?? [];
  const { rowCount } = await db.pool.query({
    name: 'known-browser',
    text: `
      SELECT 1 FROM "Password" password JOIN "Citizen" citizen ON citizen.id = "citizenId"
      WHERE password.id = $1::uuid AND "citizenId" = $2::uuid AND "blockedAt" IS NULL
        AND "registeredAt" <= $3::timestamptz AND $3::timestamptz > $4::timestamptz`,
    values: [passwordId, citizenId, startedAt, new Date(before(clock.now(), policy.knownBrowser.life))],
  });
  return rowCount === 1;
}

/** Undefined for a token that was sealed for another citizen, with a key that has left the ring, or not by us. */
function openToken(token: string | undefined, citizenId: string, ring: KeyRing): string | undefined {
  if (token === undefined) return undefined;
  try {
    return ring.open('known-browser', citizenId, token).toString();
  } catch {
    return undefined;
  }
}
