import { z } from 'zod';
import {
  type CertificatePurpose,
  certificatePurposes,
} from '../../domain/certificates/certified-identity.ts';
import { after } from '../../domain/durations.ts';
import { languages } from '../../domain/languages.ts';
import { certificateVisits } from '../../domain/limits.ts';
import type { ResponseRandomness } from '../../platform/response-randomness.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import type { FrontEnd } from '../http/client-address.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { instant } from '../http/fields.ts';
import { malformed } from '../http/problems.ts';
import { route } from '../http/route.ts';

type Urls = Pick<ApiDependencies['settings'], 'PORTAL_URL' | 'GATEWAY_URL'>;

/** Where a browser may return to: the page of each front-end, and nothing else (an open redirect otherwise). */
const returnUrls: { [Name in FrontEnd]: (urls: Urls) => readonly string[] } = {
  portal: ({ PORTAL_URL }) => languages.map((language) => `${PORTAL_URL}/${language}/certificate`),
  gateway: ({ GATEWAY_URL }) => [`${GATEWAY_URL}/certificate`],
};

/** For what: a certificate that was shown to the gateway opens no act, whatever the gateway does. */
const purposes: Readonly<Record<FrontEnd, CertificatePurpose>> = { portal: 'act', gateway: 'identification' };

/**
 * Issues the ticket of one visit of a browser to the certificate listener. The front-end keeps the token for that browser: the
 * code that the browser brings back is worth nothing without it.
 */
export const issueTicket = route({
  method: 'post',
  path: '/certificate-tickets',
  summary: 'Send a browser to the certificate listener',
  description:
    'The browser is sent to `url`, or to `olderCardUrl` if its card cannot sign as TLS 1.3 asks. It comes back to `returnUrl` with `ticket` and `code`, or `ticket` and `problem`.',
  tag: 'Certificates',
  caller: 'anyone',
  onlyFor: 'front-end',
  body: () =>
    z.strictObject({
      returnUrl: z
        .string()
        .regex(/^https?:\/\/[\x21-\x7e]+$/)
        .max(300)
        .meta({ description: 'The page `/certificate` of the front-end whose key the request has.' }),
      purpose: z.enum(certificatePurposes),
    }),
  replies: {
    201: z.object({
      id: z.string(),
      token: z.string().meta({ description: 'Redeems the code. For this browser only.' }),
      url: z.url(),
      olderCardUrl: z.url(),
      expiresAt: instant,
    }),
  },
  problems: [],
  async handle({ body, frontEnd, randomness, requestId }, { db, clock, settings }) {
    const { returnUrl, purpose } = body;
    if (!frontEnd || !returnUrls[frontEnd](settings).includes(returnUrl))
      return malformed([{ pointer: '/returnUrl', code: 'not-permitted' }]);
    if (purposes[frontEnd] !== purpose) return malformed([{ pointer: '/purpose', code: 'not-permitted' }]);
    const id = randomness.derive('certificate-ticket', 16).toString('base64url');
    const token = randomness.token('certificate-ticket');
    const now = new Date(clock.now());
    // A repetition finds its row, and gives the instant of the first answer.
    const { rows } = await db.pool.query<{ expiresAt: Date }>({
      name: 'insert-certificate-ticket',
      text: `
        INSERT INTO "CertificateTicket" AS ticket (id, "tokenDigest", purpose, "returnUrl", "requestId", "createdAt", "expiresAt")
        VALUES ($1, $2, $3, $4, $5::uuid, $6, $7)
        ON CONFLICT (id) DO UPDATE SET "requestId" = ticket."requestId" RETURNING "expiresAt"`,
      values: [
        ...[id, tokenDigest(token), purpose, returnUrl, requestId],
        ...[now, new Date(after(now.getTime(), certificateVisits.ticket))],
      ],
    });
    const visit = (url: string) => visitUrl(url, id, hostLabel(randomness, settings));
    return {
      status: 201,
      body: {
        id,
        token,
        url: visit(settings.CERTIFICATE_URL),
        olderCardUrl: visit(settings.OLDER_CARD_URL),
        expiresAt: rows[0]?.expiresAt.toISOString(),
      },
    };
  },
});

/** A browser remembers by host which certificate was chosen, or that none was: each visit has a host name of its own. */
const hostLabel = (
  randomness: ResponseRandomness,
  { CERTIFICATE_HOSTS }: Pick<ApiDependencies['settings'], 'CERTIFICATE_HOSTS'>,
): string | undefined =>
  CERTIFICATE_HOSTS === 'fresh' ? randomness.derive('certificate-host', 10).toString('hex') : undefined;

function visitUrl(listener: string, id: string, label: string | undefined): string {
  const url = new URL(listener);
  if (label) url.hostname = `${label}.${url.hostname}`;
  url.searchParams.set('ticket', id);
  return url.href;
}
