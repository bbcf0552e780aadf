import { randomBytes, randomUUID } from 'node:crypto';
import { type CertificateEvidence, sealEvidence } from '../../api/certificates/evidence.ts';
import type { CertificatePurpose } from '../../domain/certificates/certified-identity.ts';
import type { CertificateProfile } from '../../domain/certificates/profiles.ts';
import type { NationalId } from '../../domain/identity/national-id.ts';
import { type KeyRing, tokenDigest } from '../../platform/secrets.ts';
import type { Stack } from '../environment/stack.ts';
import { anyCertificate } from './any-certificate.ts';

type Service = Pick<Stack, 'db' | 'ring'>;
interface Holder {
  readonly nationalId: string;
  readonly [datum: string]: unknown;
}
interface TokenOptions {
  readonly profile?: CertificateProfile;
  readonly purpose?: CertificatePurpose;
  /** The end of the certificate's validity. */
  readonly notAfter?: Date;
  readonly tokenExpiresAt?: Date;
}

const inMinutes = (minutes: number): Date => new Date(Date.now() + minutes * 60_000);

/** The token of a certificate that was presented, verified and redeemed, as the listener and the API leave it. */
export async function certificateToken(
  service: Service,
  holder: Holder,
  options: TokenOptions = {},
): Promise<string> {
  return (await certificateIdentification(service, holder, options)).token;
}

/** The same with the id of its row. */
export async function certificateIdentification(
  { db, ring }: Service,
  holder: Holder,
  options: TokenOptions = {},
): Promise<{ id: string; token: string }> {
  const { row, token } = redeemedCertificate(ring, holder, options);
  await db.prisma.certificateIdentification.createMany({ data: [row] });
  return { id: row.id, token };
}

/** The row of a certificate that was redeemed, and its token. */
function redeemedCertificate(
  ring: KeyRing,
  holder: Holder,
  {
    profile = 'dnie',
    purpose = 'act',
    notAfter = inMinutes(60 * 24 * 365),
    tokenExpiresAt = inMinutes(10),
  }: TokenOptions = {},
) {
  const id = randomUUID();
  const token = randomBytes(32).toString('base64url');
  const row = {
    ...{ id, ticketId: randomUUID(), purpose, profile, notAfter, at: new Date() },
    sealedEvidence: sealEvidence(ring, id, evidenceOf(holder)),
    ...{ codeDigest: tokenDigest(randomUUID()), codeExpiresAt: inMinutes(1), redeemedAt: new Date() },
    ...{ tokenDigest: tokenDigest(token), tokenExpiresAt },
  };
  return { row, token };
}

/** What the listener would have found. */
function evidenceOf(holder: Holder): CertificateEvidence {
  const text = (datum: unknown, otherwise: string) => (typeof datum === 'string' ? datum : otherwise);
  const { nationalId, givenName, firstSurname, secondSurname } = holder;
  return {
    identity: {
      nationalId: nationalId as NationalId,
      givenName: text(givenName, 'Begoña'),
      firstSurname: text(firstSurname, 'Etxeberria'),
      ...(typeof secondSurname === 'string' && { secondSurname }),
    },
    certificates: [anyCertificate],
    revocation: { kind: 'ocsp', answer: randomBytes(32).toString('base64') },
  };
}
