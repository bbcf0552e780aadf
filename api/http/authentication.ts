import type { Request } from 'express';
import { before } from '../../domain/durations.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { findOfficerByKey, useDeskSession } from '../../records/desk-sessions.ts';
import { findJourney } from '../citizens/stored-journey.ts';
import { useSession } from '../identification/sessions.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Problem } from './problems.ts';
import type { CallerKind, Callers } from './route.ts';

type CallerResult<Kind extends CallerKind> = { caller: Callers[Kind] } | Problem;

/** Identifies each kind of caller: a missing or unknown Bearer token is 401, the token of another journey 404. */
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
    const digest = bearerDigest(request);
    const session = digest && (await useSession(dependencies.db, digest, dependencies));
    return session ? { caller: session } : notAuthenticated;
  },
};

const notAuthenticated: Problem = { problem: 'not-authenticated' };

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
