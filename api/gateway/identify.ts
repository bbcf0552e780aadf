import { z } from 'zod';
import { everyMeans, levels, type Means } from '../../domain/assurance.ts';
import { after } from '../../domain/durations.ts';
import {
  type Acceptance,
  type Proven,
  provenBy,
  type Shortfall,
  shortfallsOf,
} from '../../domain/gateway/shortfall.ts';
import { partyIdentifications } from '../../domain/limits.ts';
import { withRawTransaction } from '../../platform/database.ts';
import { auditStatement } from '../../records/audit.ts';
import { lockCitizen } from '../../records/closures.ts';
import { isCredentialInForce } from '../../records/sessions.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { instant, relyingPartyId } from '../http/fields.ts';
import { type RequestContext, route } from '../http/route.ts';
import { Unavailable } from '../http/unavailable.ts';
import type { BoundSession } from '../identification/sessions.ts';
import {
  type IdentificationRow,
  identificationId,
  identifiedReply,
  notReached,
  replyIfIdentified,
} from './identified.ts';
import { identifyByCertificate } from './identify-by-certificate.ts';

const body = () =>
  z.strictObject({
    relyingParty: relyingPartyId,
    floor: z
      .enum(levels)
      .meta({ description: 'The lowest level of this request. That of the relying party counts as well.' }),
  });
type Body = z.infer<ReturnType<typeof body>>;
type Identify = RequestContext<Body, BoundSession>;

/**
 * Identifies the citizen of a session to the relying party that it is bound to, or whom a certificate names to any. What the
 * relying party accepts is read from its row, never from the body; what was reached is computed anew from the means and the
 * registration. One transaction writes the identification and its audit event, and ends the session. Below the floor the
 * session stays: the citizen may sign in again with more.
 */
export const identify = route({
  method: 'post',
  path: '/identifications',
  summary: 'Identify to a relying party',
  description:
    'Ends the session, or uses the certificate up. Repeated under its Idempotency-Key it is answered, though the session is over. Below the floor: `level-not-reached`, and the session or the certificate stays. A certificate identifies also who is not registered: then there is no level of registration.',
  tag: 'Identification gateway',
  caller: 'bound-session-or-certificate',
  gatewayOnly: true,
  body,
  replies: {
    201: z.object({
      identificationId: z.string(),
      level: z.enum(levels),
      means: z.enum(everyMeans),
      expiresAt: instant.meta({ description: 'Until when it can be read.' }),
      relyingParty: relyingPartyId.meta({ description: 'Whom it is for.' }),
      subject: z.string().meta({ description: 'As `GET /identifications/{id}` tells it.' }),
      at: instant,
    }),
  },
  problems: ['wrong-purpose', 'unknown-relying-party', 'level-not-reached'],
  async handle(context, dependencies) {
    // Before anything is written: the answer needs it.
    if (!dependencies.settings.CLAVE_SUBJECT_KEY) throw new Unavailable();
    const { body, randomness } = context;
    if (context.caller.by === 'certificate')
      return identifyByCertificate({ ...context, caller: context.caller.certificate }, dependencies);
    const caller = context.caller.session;
    if (body.relyingParty !== caller.relyingPartyId) return { problem: 'wrong-purpose' };
    const identified = await identifyOnce({ ...context, caller }, dependencies);
    switch (identified.kind) {
      case 'identified':
        return identifiedReply(identified.identification, dependencies);
      case 'session-over':
        // It has ended since the caller was identified: by an attempt before this one, or by something else.
        return (await replyIfIdentified(randomness, dependencies)) ?? { problem: 'not-authenticated' };
      case 'unknown-relying-party':
        return { problem: 'unknown-relying-party' };
      case 'not-reached':
        return notReached(identified.proven, identified.missing);
    }
  },
  replyIfDone: (randomness, dependencies) => replyIfIdentified(randomness, dependencies),
});

type Identified =
  | { readonly kind: 'identified'; readonly identification: IdentificationRow }
  | { readonly kind: 'not-reached'; readonly proven: Proven; readonly missing: readonly Shortfall[] }
  | { readonly kind: 'session-over' | 'unknown-relying-party' };

/** The open session, locked, with its citizen's level and what its relying party accepts: null if that is removed. */
interface LockedSession extends Omit<Acceptance, 'floor' | 'means'> {
  readonly means: Means;
  readonly registrationLevel: string;
  readonly floor: string | null;
  readonly acceptedMeans: readonly string[];
  readonly sector: string;
  readonly nationalId: string;
}

const lockSession = (sessionId: string, at: Date) => ({
  name: 'lock-bound-session',
  text: `
    SELECT session.means, citizen.level AS "registrationLevel", party.floor, party."registrationFloor",
      party.means AS "acceptedMeans", party.sector, citizen."nationalId"
    FROM "Session" session JOIN "Citizen" citizen ON citizen.id = session."citizenId"
    LEFT JOIN "RelyingParty" party ON party.id = session."relyingPartyId" AND party."removedAt" IS NULL
    WHERE session.id = $1::uuid AND session."endsAt" > $2 AND session.means IS NOT NULL AND ${isCredentialInForce('$2')}
    FOR UPDATE OF session`,
  values: [sessionId, at],
});

/** The lock of the citizen comes first: a closure commits before it, and has ended the session, or after it, and voids. */
const identifyOnce = (
  { body, caller, randomness, requestId }: Identify,
  { db, clock }: Pick<ApiDependencies, 'db' | 'clock'>,
): Promise<Identified> => {
  const nowMs = clock.now();
  const { id: sessionId, citizenId, relyingPartyId } = caller;
  return withRawTransaction<LockedSession, Identified>(
    db,
    lockSession(sessionId, new Date(nowMs)),
    async (tx, [locked]) => {
      if (!locked) return { kind: 'session-over' };
      const { floor, registrationFloor, acceptedMeans, sector, nationalId } = locked;
      if (floor === null) return { kind: 'unknown-relying-party' };
      const proven = provenBy(locked.means, locked.registrationLevel);
      const missing = shortfallsOf(proven, { floor, registrationFloor, means: acceptedMeans }, body.floor);
      if (missing.length > 0) return { kind: 'not-reached', proven, missing };
      const { level, means } = proven;
      const id = identificationId(randomness);
      const at = new Date(nowMs);
      const expiresAt = new Date(after(nowMs, partyIdentifications.readable));
      await tx.commitWithAll([
        {
          name: 'insert-identification-to-party',
          text: `
            INSERT INTO "Identification" (id, "citizenId", "relyingPartyId", level, means, "sessionId", "requestId", at, "expiresAt")
            VALUES ($1::uuid, $2::uuid, $3, $4, $5, $6::uuid, $7::uuid, $8, $9)`,
          values: [
            ...[id, citizenId, relyingPartyId, level, means, sessionId, requestId],
            ...[at, expiresAt],
          ],
        },
        { name: 'end-session', text: 'DELETE FROM "Session" WHERE id = $1::uuid', values: [sessionId] },
        auditStatement(
          { type: 'identified', relyingParty: relyingPartyId, level, means },
          { id, citizenId, requestId },
        ),
      ]);
      const known = { relyingPartyId, sector, nationalId };
      return { kind: 'identified', identification: { id, level, means, at, expiresAt, ...known } };
    },
    [lockCitizen(citizenId)],
  );
};
