import type { QueryConfig, QueryResultRow } from 'pg';
import { assuranceOf } from '../../domain/assurance.ts';
import { after } from '../../domain/durations.ts';
import { type IdentificationRules, identifications } from '../../domain/identification.ts';
import type { IdentificationKind } from '../../domain/journeys.ts';
import type { Policy } from '../../domain/policy.ts';
import type { ResponseRandomness } from '../../platform/response-randomness.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { type InsertedSession, insertedSession } from '../../records/sessions.ts';
import type { IdentificationRow } from './identification-rows.ts';
import { openSessionStatement, type StoredSession } from './sessions.ts';

/** The right SMS code of an identification whose password is in force: both rows are locked. */
interface IdentificationSuccess {
  readonly row: IdentificationRow;
  readonly requestId: string;
  /** Of the request with the code: what is derived from it is the same in a repetition. */
  readonly randomness: ResponseRandomness;
  readonly passwordExpiresAt: Date;
  /** Of the citizen: it bounds the assurance. */
  readonly registrationLevel: string;
  readonly nowMs: number;
  readonly policy: Policy;
}

/** What a success writes, and what it has opened. */
interface SuccessStatement<Opened> {
  /** One statement, so that it is sent in one round trip with the rest of the transaction and its COMMIT. */
  readonly statement: QueryConfig;
  readonly opened: (rows: readonly QueryResultRow[]) => Opened;
}

/** A kind of identification. Its functions take it as an argument: they know no kind by name. */
export interface IdentificationKindRules<Opened> extends IdentificationRules {
  /** Runs in the transaction that completes the identification. Safe to repeat: with the same randomness it opens the same. */
  readonly succeed: (success: IdentificationSuccess) => SuccessStatement<Opened>;
}

/** The session that a sign-in opens; derived, so that a repetition of the request returns the same token. */
export const sessionOf = (randomness: ResponseRandomness) => ({
  sessionId: randomness.uuid('session'),
  tokenDigest: tokenDigest(randomness.token('session')),
});

function openSession({
  row: { id, citizenId, passwordId, relyingPartyId },
  requestId,
  randomness,
  passwordExpiresAt,
  registrationLevel,
  nowMs,
  policy,
}: IdentificationSuccess): SuccessStatement<StoredSession> {
  const { sessionId, tokenDigest } = sessionOf(randomness);
  const means = 'password-sms';
  const session = {
    id: sessionId,
    citizenId,
    basis: 'password',
    credentialId: passwordId ?? '',
    assurance: assuranceOf(means, registrationLevel),
    relyingPartyId,
  } as const;
  const statement = openSessionStatement(
    {
      ...session,
      means,
      tokenDigest,
      startedAtMs: nowMs,
      endsAtMs: after(nowMs, policy.session.absolute),
      credentialExpiresAt: passwordExpiresAt,
    },
    { type: 'signed-in', assurance: session.assurance },
    { id, citizenId, journeyId: id, requestId },
  );
  return {
    statement,
    opened: (rows) => ({ ...session, ...insertedSession(rows as readonly InsertedSession[]) }),
  };
}

/** Every kind of identification, with what its success does. */
export const identificationKinds = {
  'sign-in': { ...identifications['sign-in'], succeed: openSession },
} as const satisfies Record<IdentificationKind, IdentificationKindRules<unknown>>;

/** The rules of the kind of a row. Undefined if this release does not know the kind: the row is that of a later one. */
export const rulesOf = ({ kind }: { readonly kind: string }) =>
  Object.hasOwn(identificationKinds, kind) ? identificationKinds[kind as IdentificationKind] : undefined;
