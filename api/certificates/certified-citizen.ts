import type { StoredCertificateIdentification } from '../../records/certificate-identifications.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { openEvidence } from './evidence.ts';

/**
 * Finds whom a certificate identifies: the identity that it states, and the citizen who is registered with its national id, if
 * there is one. Nothing that was typed counts.
 */
export async function findCertifiedCitizen(
  { id, sealedEvidence }: Pick<StoredCertificateIdentification, 'id' | 'sealedEvidence'>,
  { db, ring }: Pick<ApiDependencies, 'db' | 'ring'>,
) {
  const { identity } = openEvidence(ring, id, sealedEvidence);
  const citizen = await db.prisma.citizen.findUnique({
    where: { nationalId: identity.nationalId },
    include: { password: { select: { id: true, blockedAt: true, expiresAt: true } } },
  });
  return { identity, citizen };
}
