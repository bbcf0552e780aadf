import type { Request } from 'express';
import type { CertificatePurpose } from '../../domain/certificates/certified-identity.ts';
import { before } from '../../domain/durations.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { findReceipts } from '../../records/act-receipts.ts';
import { findCertificateIdentification } from '../../records/certificate-identifications.ts';
import { findOfficerByKey, useDeskSession } from '../../records/desk-sessions.ts';
import { findTicket } from '../certificates/stored-ticket.ts';
import { findJourney } from '../citizens/stored-journey.ts';
import { isBound, type StoredSession, useSession } from '../identification/sessions.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Problem } from './problems.ts';
import type { CallerKind, Callers } from './route.ts';

type CallerResult<Kind extends CallerKind> = { caller: Callers[Kind] } | Problem;

/**
 * Identifies each kind of caller: a missing or unknown Bearer token is 401, the token of another journey or ticket 404, a session of
 * the pages in the place of one that is bound to a relying party 403, and the reverse.
 */
const finders: {
  [Kind in CallerKind]: (request: Request, dependencies: ApiDependencies) => Promise<CallerResult<Kind>>;
} = {
  anyone: async () => ({ caller: undefined }),

  async officer(request, dependencies) {
    const digest = bearerDigest(request);
    if (!digest) return notAuthenticated;
    const officer =
      (await findOfficerByKey(dependencies.db, digest)) ?? (await useDeskSession(digest, dependencies));
    return officer ? { caller: { officerId: officer.officerId } } : notAuthenticated;
  },

  async 'officer-key'(request, { db }) {
    const digest = bearerDigest(request);
    const officer = digest && (await findOfficerByKey(db, digest));
    return officer ? { caller: officer } : notAuthenticated;
  },

  async 'desk-session'(request, dependencies) {
    const digest = bearerDigest(request);
    const session = digest && (await useDeskSession(digest, dependencies));
    return session ? { caller: session } : notAuthenticated;
  },

  async journey(request, { db, policy }) {
    const digest = bearerDigest(request);
    const row = digest && (await findJourney(db, { tokenDigest: digest }));
    if (!row) return notAuthenticated;
    if (row.id !== request.params['id']) return { problem: 'not-found' };
    const readableSinceMs = before(Date.now(), policy.finishedJourney.readable);
    return row.finishedAt && row.finishedAt.getTime() < readableSinceMs
      ? { problem: 'not-found' }
      : { caller: row };
  },

  async session(request, dependencies) {
    const session = await findSession(request, dependencies);
    if (!session) return notAuthenticated;
    return isBound(session) ? wrongPurpose : { caller: session };
  },

  async 'bound-session'(request, dependencies) {
    const session = await findSession(request, dependencies);
    if (!session) return notAuthenticated;
    return isBound(session) ? { caller: session } : wrongPurpose;
  },

  async 'any-session'(request, dependencies) {
    const session = await findSession(request, dependencies);
    return session ? { caller: session } : notAuthenticated;
  },

  async 'certificate-ticket'(request, { db }) {
    const digest = bearerDigest(request);
    const ticket = digest && (await findTicket(db, { tokenDigest: digest }));
    if (!ticket) return notAuthenticated;
    return ticket.id === request.params['id'] ? { caller: ticket } : { problem: 'not-found' };
  },

  act: findAct,

  async receipt(request, { db, clock }) {
    const digest = bearerDigest(request);
    const receipts = digest ? await findReceipts(db, digest, new Date(clock.now())) : [];
    if (receipts.length === 0) return notAuthenticated;
    const receipt = receipts.find(({ id }) => id === request.params['id']);
    return receipt ? { caller: receipt } : { problem: 'not-found' };
  },

  async 'officer-or-act'(request, dependencies) {
    const found = await finders.officer(request, dependencies);
    if ('problem' in found) return findAct(request, dependencies);
    return { caller: { by: 'officer', officerId: found.caller.officerId } };
  },

  async 'session-or-act'(request, dependencies) {
    const session = await findSession(request, dependencies);
    if (!session) return findAct(request, dependencies);
    // A session that a certificate opened reads, and signs out: an act needs the certificate itself, anew (docs/adr/0064).
    return isBound(session) || session.basis !== 'password'
      ? wrongPurpose
      : { caller: { by: 'session', session } };
  },

  async 'bound-session-or-certificate'(request, dependencies) {
    const session = await findSession(request, dependencies);
    if (session) return isBound(session) ? { caller: { by: 'session', session } } : wrongPurpose;
    return findCertificate(request, dependencies, 'identification');
  },
};

/** The holder of a certificate token for one act. Whether it is used already, the act itself asks (`certificate-use.ts`). */
function findAct(request: Request, dependencies: ApiDependencies): Promise<CallerResult<'act'>> {
  return findCertificate(request, dependencies, 'act');
}

async function findCertificate(
  request: Request,
  { db, clock }: ApiDependencies,
  purpose: CertificatePurpose,
): Promise<CallerResult<'act'>> {
  const digest = bearerDigest(request);
  const certificate = digest && (await findCertificateIdentification(db, digest, new Date(clock.now())));
  if (!certificate) return notAuthenticated;
  return certificate.purpose === purpose ? { caller: { by: 'certificate', certificate } } : wrongPurpose;
}

const notAuthenticated: Problem = { problem: 'not-authenticated' };
const wrongPurpose: Problem = { problem: 'wrong-purpose' };

/** The open session of the Bearer token. */
async function findSession(
  request: Request,
  dependencies: ApiDependencies,
): Promise<StoredSession | undefined> {
  const digest = bearerDigest(request);
  return digest === undefined ? undefined : useSession(dependencies.db, digest, dependencies);
}

/** Identifies the caller of a request, of the kind that the route declares. */
export const findCaller = (
  kind: CallerKind,
  request: Request,
  dependencies: ApiDependencies,
): Promise<CallerResult<CallerKind>> => finders[kind](request, dependencies);

/** The digest of the Bearer token. Tokens are looked up by digest and never compared, so timing reveals nothing. */
export function bearerDigest(request: Request): string | undefined {
  const [, token] = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(request.get('Authorization') ?? '') ?? [];
  return token && tokenDigest(token);
}
