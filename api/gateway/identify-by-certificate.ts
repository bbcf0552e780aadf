import type { Level } from '../../domain/assurance.ts';
import { certificateProfiles } from '../../domain/certificates/profiles.ts';
import { after } from '../../domain/durations.ts';
import { type Acceptance, provenBy, shortfallsOf } from '../../domain/gateway/shortfall.ts';
import { partyIdentifications } from '../../domain/limits.ts';
import { type RawTransaction, withRawTransaction } from '../../platform/database.ts';
import { auditStatement } from '../../records/audit.ts';
import type { StoredCertificateIdentification } from '../../records/certificate-identifications.ts';
import { lockCitizen } from '../../records/closures.ts';
import { spendReserved, useCertificate } from '../certificates/certificate-use.ts';
import { findCertifiedCitizen } from '../certificates/certified-citizen.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import type { Reply, RequestContext } from '../http/route.ts';
import {
  type IdentificationRow,
  identificationId,
  identifiedReply,
  notReached,
  replyIfIdentified,
} from './identified.ts';

type Context = RequestContext<
  { readonly relyingParty: string; readonly floor: Level },
  StoredCertificateIdentification
>;

/**
 * Identifies whom a certificate names, to any relying party that accepts it: the certificate proves the identity by itself,
 * whatever the registration. If a citizen with its national id is registered and not suspended, the identification belongs to
 * that citizen and is listed in «Mi Cl@ve». Otherwise it belongs to no citizen and is audited under the keyed fingerprint of
 * the national id.
 */
export const identifyByCertificate = (context: Context, dependencies: ApiDependencies): Promise<Reply> =>
  useCertificate(context, context.caller, dependencies, () => identify(context, dependencies));

/** What is known under the lock of the citizen: each null if there is none in force. */
interface Found {
  readonly floor: string | null;
  readonly registrationFloor: string | null;
  readonly acceptedMeans: readonly string[];
  readonly sector: string | null;
  readonly citizenId: string | null;
  readonly registrationLevel: string | null;
}

const find = (relyingParty: string, nationalId: string) => ({
  name: 'find-party-and-citizen',
  text: `
    SELECT party.floor, party."registrationFloor", party.means AS "acceptedMeans", party.sector,
      citizen.id AS "citizenId", citizen.level AS "registrationLevel"
    FROM (SELECT 1) one
    LEFT JOIN "RelyingParty" party ON party.id = $1 AND party."removedAt" IS NULL
    LEFT JOIN "Citizen" citizen ON citizen."nationalId" = $2 AND citizen."suspendedAt" IS NULL`,
  values: [relyingParty, nationalId],
});

async function identify(context: Context, dependencies: ApiDependencies): Promise<Reply> {
  const { body, caller, randomness } = context;
  const { identity, citizen } = await findCertifiedCitizen(caller, dependencies);
  const { nationalId } = identity;
  const reply = await withRawTransaction<Found, Reply | undefined>(
    dependencies.db,
    find(body.relyingParty, nationalId),
    async (tx, [found]) => {
      if (!found || found.floor === null || found.sector === null)
        return { problem: 'unknown-relying-party' };
      const { floor, registrationFloor, acceptedMeans, sector, citizenId, registrationLevel } = found;
      const proven = provenBy(certificateProfiles[caller.profile].means, registrationLevel);
      const acceptance: Acceptance = { floor, registrationFloor, means: acceptedMeans };
      const missing = shortfallsOf(proven, acceptance, body.floor);
      if (missing.length > 0) return notReached(proven, missing);
      const { level, means } = proven;
      return write(tx, context, { citizenId, sector, nationalId, level, means }, dependencies);
    },
    // The lock orders this against a suspension: one that commits first leaves the identification without a citizen, a later
    // one voids it.
    citizen ? [lockCitizen(citizen.id)] : [],
  );
  // An attempt of the same request has written it before; or the certificate has identified in another request.
  return reply ?? (await replyIfIdentified(randomness, dependencies)) ?? { problem: 'not-authenticated' };
}

/** Who has identified, and the sector of the relying party. `citizenId`: null of who is not registered. */
type Identified = Pick<IdentificationRow, 'sector' | 'nationalId' | 'level' | 'means'> &
  Pick<Found, 'citizenId'>;

async function write(
  tx: RawTransaction,
  { body, caller, randomness, requestId }: Context,
  { citizenId, ...identified }: Identified,
  dependencies: Pick<ApiDependencies, 'clock' | 'ring' | 'settings'>,
): Promise<Reply | undefined> {
  const { sector, nationalId, level, means } = identified;
  const nowMs = dependencies.clock.now();
  const id = identificationId(randomness);
  const at = new Date(nowMs);
  const expiresAt = new Date(after(nowMs, partyIdentifications.readable));
  const { relyingParty } = body;
  const inserted = await tx.query({
    name: 'insert-certified-identification',
    text: `
      INSERT INTO "Identification" (id, "citizenId", "certificateId", "relyingPartyId", level, means, "requestId", at, "expiresAt")
      VALUES ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6, $7::uuid, $8, $9) ON CONFLICT DO NOTHING`,
    values: [...[id, citizenId, caller.id, relyingParty, level, means, requestId], ...[at, expiresAt]],
  });
  if (inserted.rowCount === 0) return undefined;
  await spendReserved(tx, { randomness }, caller.id, at);
  const { keyId, digest } = dependencies.ring.fingerprint('national-id', [nationalId]);
  const person = citizenId === null ? { person: `${keyId}.${digest}` } : {};
  await tx.commitWith(
    auditStatement(
      { type: 'identified', relyingParty, level, means, ...person },
      { id, citizenId: citizenId ?? undefined, requestId },
    ),
  );
  return identifiedReply(
    { id, level, means, at, expiresAt, relyingPartyId: relyingParty, sector, nationalId },
    dependencies,
  );
}
