import type { Level, Means } from '../../domain/assurance.ts';
import type { Proven, Shortfall } from '../../domain/gateway/shortfall.ts';
import { pairwiseSubject } from '../../platform/pairwise-subject.ts';
import type { ResponseRandomness } from '../../platform/response-randomness.ts';
import { openEvidence } from '../certificates/evidence.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import type { Reply } from '../http/route.ts';
import { Unavailable } from '../http/unavailable.ts';

/** A row of `Identification`, as far as it is answered, and what the subject is made of under which its party knows the person. */
export interface IdentificationRow {
  readonly id: string;
  readonly level: Level;
  readonly means: Means;
  readonly at: Date;
  readonly expiresAt: Date;
  readonly relyingPartyId: string;
  readonly sector: string;
  readonly nationalId: string;
}

/** The id of the identification that a request writes: derived, so that its repetition finds it. */
export const identificationId = (randomness: ResponseRandomness): string => randomness.uuid('identification');

/** The response to a new identification: its level, means and times, and the citizen's subject at the relying party. */
export function identifiedReply(
  { id, level, means, at, expiresAt, relyingPartyId, sector, nationalId }: IdentificationRow,
  { settings: { CLAVE_SUBJECT_KEY } }: Pick<ApiDependencies, 'settings'>,
): Reply {
  if (!CLAVE_SUBJECT_KEY) throw new Unavailable();
  return {
    status: 201,
    body: {
      ...{ identificationId: id, level, means, expiresAt: expiresAt.toISOString() },
      ...{ relyingParty: relyingPartyId, at: at.toISOString() },
      subject: pairwiseSubject(CLAVE_SUBJECT_KEY, { sector, nationalId }),
    },
  };
}

/** What was proved is less than what the relying party accepts, or asked for. */
export const notReached = (proven: Proven, missing: readonly Shortfall[]): Reply => ({
  problem: 'level-not-reached',
  extra: { ...proven, missing },
});

/** `nationalId` is null for an unregistered person: only the evidence of the certificate has it. */
interface RepeatedRow extends Omit<IdentificationRow, 'nationalId'> {
  readonly nationalId: string | null;
  readonly certificateId: string | null;
  readonly sealedEvidence: string | null;
}

/**
 * The reply to a request whose effect an earlier attempt has had. One that was voided meanwhile is not repeated, nor is that of
 * a relying party which is removed, nor that of a person of whom nothing is left.
 */
export async function replyIfIdentified(
  randomness: ResponseRandomness,
  dependencies: Pick<ApiDependencies, 'db' | 'ring' | 'settings'>,
): Promise<Reply | undefined> {
  const { rows } = await dependencies.db.pool.query<RepeatedRow>({
    name: 'find-identification-to-party',
    text: `
      SELECT identification.id, identification.level, identification.means, identification.at,
        identification."expiresAt", identification."relyingPartyId", party.sector, citizen."nationalId",
        certificate.id AS "certificateId", certificate."sealedEvidence"
      FROM "Identification" identification
      JOIN "RelyingParty" party ON party.id = identification."relyingPartyId" AND party."removedAt" IS NULL
      LEFT JOIN "Citizen" citizen ON citizen.id = identification."citizenId"
      LEFT JOIN "CertificateIdentification" certificate
        ON certificate.id = identification."certificateId" AND identification."citizenId" IS NULL
      WHERE identification.id = $1::uuid AND identification."voidedAt" IS NULL`,
    values: [identificationId(randomness)],
  });
  const [found] = rows;
  const nationalId = found && nationalIdOf(found, dependencies);
  return found && nationalId ? identifiedReply({ ...found, nationalId }, dependencies) : undefined;
}

function nationalIdOf(
  { nationalId, certificateId, sealedEvidence }: RepeatedRow,
  { ring }: Pick<ApiDependencies, 'ring'>,
): string | undefined {
  if (nationalId !== null) return nationalId;
  if (certificateId === null || sealedEvidence === null) return undefined;
  return openEvidence(ring, certificateId, sealedEvidence).identity.nationalId;
}
