import { z } from 'zod';
import { certificateRefusals } from '../../domain/certificates/certificate-refusals.ts';
import { certificateProfileNames } from '../../domain/certificates/profiles.ts';
import { after } from '../../domain/durations.ts';
import { certificateVisits } from '../../domain/limits.ts';
import { type RawTransaction, withRawTransaction } from '../../platform/database.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { auditStatement } from '../../records/audit.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { instant, nationalId } from '../http/fields.ts';
import { type Reply, type RequestContext, route } from '../http/route.ts';
import { type CertificateEvidence, revocationKinds, sealEvidence } from './evidence.ts';
import { isPending } from './stored-ticket.ts';

/** Certificates and answers of responders are a few kilobytes each; the listener keeps longer ones back. */
const derBase64 = (maxBytes: number) => z.base64().max(Math.ceil(maxBytes / 3) * 4);
const name = z.string().min(1).max(200);

const accepted = z.strictObject({
  profile: z.enum(certificateProfileNames),
  identity: z.strictObject({
    nationalId,
    givenName: name,
    firstSurname: name,
    secondSurname: name.optional(),
  }),
  notAfter: instant,
  certificates: z.array(derBase64(16_384)).min(1).max(10).meta({ description: 'DER, the leaf first.' }),
  revocation: z.strictObject({ kind: z.enum(revocationKinds), answer: derBase64(262_144) }),
});

const body = () =>
  z
    .strictObject({
      ticket: z.string().regex(/^[\w-]{22}$/),
      accepted: accepted.optional(),
      refused: z.enum(certificateRefusals).optional(),
    })
    .refine((it) => (it.accepted === undefined) !== (it.refused === undefined), {
      path: ['refused'],
      params: { code: 'required' },
    });
type Present = RequestContext<z.infer<ReturnType<typeof body>>, undefined>;

/**
 * Takes from the certificate listener what came of one presented certificate, and says where the browser goes: back to its
 * front-end, with a code or the reason of the refusal. The first that is accepted ends the visit.
 */
export const presentCertificate = route({
  method: 'post',
  path: '/certificate-presentations',
  summary: 'What came of a presented certificate',
  description: 'For the certificate listener. Either `accepted` or `refused`.',
  tag: 'Certificates',
  caller: 'anyone',
  onlyFor: 'certificate-listener',
  maxBodyBytes: 1_048_576,
  body,
  replies: { 200: z.object({ location: z.url() }) },
  problems: ['certificate-visit-ended'],
  async handle(context, dependencies) {
    const { db, clock } = dependencies;
    const { ticket: id, refused } = context.body;
    return withRawTransaction<{ returnUrl: string; purpose: string }, Reply>(
      db,
      recordOutcome(id, new Date(clock.now()), refused),
      async (tx, [ticket]) => {
        if (!ticket) return repliedOrEnded(tx, context);
        if (refused !== undefined) await refuse(tx, context);
        else await accept(tx, context, dependencies, ticket.purpose);
        return { status: 200, body: { location: returnAddress(context, ticket.returnUrl) } };
      },
    );
  },
});

/** In one statement, so that of several at once one is accepted. Without a presentation that was begun there is no outcome. */
const recordOutcome = (id: string, now: Date, refused: string | undefined) => ({
  name: 'record-certificate-presentation',
  text: `
    UPDATE "CertificateTicket" SET "lastRefusal" = $3,
      "acceptedAt" = CASE WHEN $3::text IS NULL THEN $2::timestamptz END
    WHERE id = $1 AND ${isPending} AND presentations > 0 RETURNING "returnUrl", purpose`,
  values: [id, now, refused ?? null],
});

const presentationId = ({ randomness }: Present): string => randomness.uuid('certificate-presentation');
const codeOf = ({ randomness }: Present): string => randomness.token('certificate-code');

function returnAddress(context: Present, returnUrl: string): string {
  const { ticket, refused } = context.body;
  const url = new URL(returnUrl);
  url.searchParams.set('ticket', ticket);
  if (refused === undefined) url.searchParams.set('code', codeOf(context));
  else url.searchParams.set('problem', refused);
  return url.href;
}

/** Nothing of the certificate is in the trail. */
async function refuse(tx: RawTransaction, context: Present): Promise<void> {
  const { refused: reason } = context.body;
  if (reason === undefined) return;
  const { requestId } = context;
  await tx.commitWith(
    auditStatement({ type: 'certificate-refused', reason }, { id: presentationId(context), requestId }),
  );
}

async function accept(
  tx: RawTransaction,
  context: Present,
  { clock, ring }: Pick<ApiDependencies, 'clock' | 'ring'>,
  purpose: string,
): Promise<void> {
  const { ticket, accepted } = context.body;
  if (!accepted) return;
  const { profile, identity, notAfter, certificates, revocation } = accepted;
  const id = presentationId(context);
  const { secondSurname, ...names } = identity;
  const evidence: CertificateEvidence = {
    identity: { ...names, ...(secondSurname !== undefined && { secondSurname }) },
    certificates,
    revocation,
  };
  const now = new Date(clock.now());
  const { rows } = await tx.query<{ id: string }>({
    name: 'find-certified-citizen',
    text: 'SELECT id FROM "Citizen" WHERE "nationalId" = $1',
    values: [identity.nationalId],
  });
  const { keyId, digest } = ring.fingerprint('national-id', [identity.nationalId]);
  await tx.commitWithAll([
    {
      name: 'insert-certificate-identification',
      text: `
        INSERT INTO "CertificateIdentification"
          (id, "ticketId", purpose, profile, "sealedEvidence", "notAfter", at, "codeDigest", "codeExpiresAt")
        VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, $8, $9)`,
      values: [
        ...[id, ticket, purpose, profile, sealEvidence(ring, id, evidence), new Date(notAfter), now],
        ...[tokenDigest(codeOf(context)), new Date(after(now.getTime(), certificateVisits.code))],
      ],
    },
    auditStatement(
      { type: 'certificate-accepted', profile, person: `${keyId}.${digest}` },
      { id, citizenId: rows[0]?.id, requestId: context.requestId },
    ),
  ]);
}

/** Not open: a repetition of what was accepted gets its answer again. */
async function repliedOrEnded(tx: RawTransaction, context: Present): Promise<Reply> {
  const { rows } = await tx.query<{ returnUrl: string; isRepetition: boolean }>({
    name: 'find-certificate-presentation',
    text: `
      SELECT "returnUrl", EXISTS (SELECT FROM "CertificateIdentification" WHERE id = $2::uuid) AS "isRepetition"
      FROM "CertificateTicket" WHERE id = $1`,
    values: [context.body.ticket, presentationId(context)],
  });
  const [ticket] = rows;
  if (!ticket) return { problem: 'not-found' };
  if (!ticket.isRepetition) return { problem: 'certificate-visit-ended' };
  return { status: 200, body: { location: returnAddress(context, ticket.returnUrl) } };
}
