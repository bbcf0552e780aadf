import { z } from 'zod';
import {
  type CertificateProfile,
  certificateProfileNames,
  certificateProfiles,
} from '../../domain/certificates/profiles.ts';
import { after } from '../../domain/durations.ts';
import { certificateVisits } from '../../domain/limits.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { instant } from '../http/fields.ts';
import { type Reply, route } from '../http/route.ts';
import { openEvidence } from './evidence.ts';
import type { StoredTicket } from './stored-ticket.ts';

interface Redeemed {
  readonly id: string;
  readonly profile: CertificateProfile;
  readonly sealedEvidence: string;
  readonly tokenExpiresAt: Date;
}

/**
 * Redeems the code with which a browser came back, by the token of its ticket: code and token together show that the browser
 * which presented the certificate is the one that the front-end sent. Once.
 */
export const redeemCertificate = route({
  method: 'post',
  path: '/certificate-tickets/:id/redemptions',
  summary: 'Redeem the code of an accepted certificate',
  description:
    'Without a `code` the answer is why the last certificate was refused. `certificateToken` is a Bearer for one call.',
  tag: 'Certificates',
  caller: 'certificate-ticket',
  body: () =>
    z.strictObject({
      code: z
        .string()
        .regex(/^[\w-]{43}$/)
        .optional(),
    }),
  replies: {
    201: z.object({
      certificateToken: z.string(),
      expiresAt: instant,
      identity: z.object({
        nationalId: z.string(),
        givenName: z.string(),
        firstSurname: z.string(),
        secondSurname: z.string().optional(),
      }),
      profile: z.enum(certificateProfileNames),
      strong: z.boolean().meta({ description: 'The DNIe, which alone renews the five years.' }),
      registered: z.boolean(),
    }),
  },
  problems: ['certificate-refused', 'certificate-visit-ended'],
  async handle({ body: { code }, caller, randomness }, dependencies) {
    if (code === undefined || caller.lastRefusal !== null) return refusal(caller);
    const token = randomness.token('certificate');
    const spent = { code: tokenDigest(code), token: tokenDigest(token) };
    const redeemed =
      (await redeem(caller, spent, dependencies)) ?? (await findRedeemed(caller, spent, dependencies));
    return 'id' in redeemed ? redeemedReply(redeemed, token, dependencies) : redeemed;
  },
});

/** A visit that was accepted has no reason any more: its code went elsewhere. */
const refusal = ({ acceptedAt, lastRefusal }: StoredTicket): Reply =>
  acceptedAt
    ? { problem: 'certificate-visit-ended' }
    : { problem: 'certificate-refused', extra: { reason: lastRefusal ?? 'none-sent' } };

interface Spent {
  /** Digests of the code and of the token that it is redeemed for. */
  readonly code: string;
  readonly token: string;
}

/** One statement: of several at once one gets it. A wrong code is another's, and spends nothing. */
async function redeem(
  { id }: StoredTicket,
  { code, token }: Spent,
  { db, clock }: Pick<ApiDependencies, 'db' | 'clock'>,
): Promise<Redeemed | undefined> {
  const nowMs = clock.now();
  const { rows } = await db.pool.query<Redeemed>({
    name: 'redeem-certificate',
    text: `
      UPDATE "CertificateIdentification"
      SET "redeemedAt" = $4, "tokenDigest" = $3, "tokenExpiresAt" = LEAST($5, "notAfter")
      WHERE "ticketId" = $1 AND "codeDigest" = $2 AND "redeemedAt" IS NULL AND "codeExpiresAt" > $4 AND "notAfter" > $4
      RETURNING id, profile, "sealedEvidence", "tokenExpiresAt"`,
    values: [id, code, token, new Date(nowMs), new Date(after(nowMs, certificateVisits.token))],
  });
  return rows[0];
}

/** Why there was nothing to redeem: this very request has done it already, another has, or the code is another's. */
async function findRedeemed(
  { id }: StoredTicket,
  { code, token }: Spent,
  { db }: Pick<ApiDependencies, 'db'>,
): Promise<Redeemed | Extract<Reply, { problem: unknown }>> {
  const { rows } = await db.pool.query<Redeemed & { tokenDigest: string | null }>({
    name: 'find-redeemed-certificate',
    text: `
      SELECT id, profile, "sealedEvidence", "tokenExpiresAt", "tokenDigest" FROM "CertificateIdentification"
      WHERE "ticketId" = $1 AND "codeDigest" = $2`,
    values: [id, code],
  });
  const [row] = rows;
  if (!row) return { problem: 'not-found' };
  return row.tokenDigest === token ? row : { problem: 'certificate-visit-ended' };
}

async function redeemedReply(
  { id, profile, sealedEvidence, tokenExpiresAt }: Redeemed,
  certificateToken: string,
  { db, ring }: Pick<ApiDependencies, 'db' | 'ring'>,
): Promise<Reply> {
  const { identity } = openEvidence(ring, id, sealedEvidence);
  const { rowCount } = await db.pool.query({
    name: 'find-registration-of-certificate',
    text: 'SELECT FROM "Citizen" WHERE "nationalId" = $1 AND "unsubscribedAt" IS NULL',
    values: [identity.nationalId],
  });
  return {
    status: 201,
    body: {
      certificateToken,
      expiresAt: tokenExpiresAt.toISOString(),
      identity,
      profile,
      strong: certificateProfiles[profile].isStrong,
      registered: rowCount === 1,
    },
  };
}
