import type { Request } from 'express';
import { before } from '../../domain/durations.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { findJourney } from '../citizens/stored-journey.ts';
import { useSession } from '../identification/sessions.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Problem } from './problems.ts';
import type { CallerKind, Callers } from './route.ts';

type Found<Kind extends CallerKind> = { caller: Callers[Kind] } | Problem;

/** How each kind of caller is told by what it sends: no or unknown Bearer is 401, another journey's token 404. */
const finders: {
  [Kind in CallerKind]: (request: Request, dependencies: ApiDependencies) => Promise<Found<Kind>>;
} = {
  anyone: async () => ({ caller: undefined }),

  async officer(request, { db }) {
    const digest = bearerDigest(request);
    const officer = digest && (await db.prisma.officer.findUnique({ where: { keyDigest: digest } }));
    return officer && !officer.revokedAt ? { caller: { officerId: officer.id } } : unknown;
  },

  async journey(request, { db, policy }) {
    const digest = bearerDigest(request);
    const row = digest && (await findJourney(db, { tokenDigest: digest }));
    if (!row) return unknown;
    if (row.id !== request.params['id']) return { problem: 'not-found' };
    const readableSinceMs = before(Date.now(), policy.finishedJourney.readable);
    return row.finishedAt && row.finishedAt.getTime() < readableSinceMs
      ? { problem: 'not-found' }
      : { caller: row };
  },

  async session(request, dependencies) {
    const digest = bearerDigest(request);
    const session = digest && (await useSession(dependencies.db, digest, dependencies));
    return session ? { caller: session } : unknown;
  },
};

const unknown: Problem = { problem: 'not-authenticated' };

/** Who calls, as the route asks for. */
export const findCaller = (
  kind: CallerKind,
  request: Request,
  dependencies: ApiDependencies,
): Promise<Found<CallerKind>> => finders[kind](request, dependencies);

/** The digest of the Bearer token, by which it is looked up: the token itself is compared with nothing. */
export function bearerDigest(request: Request): string | undefined {
  const [, token] = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(request.get('Authorization') ?? '') ?? [];
  return token && tokenDigest(token);
}
