import { z } from 'zod';
import { assuranceOf } from '../../domain/assurance.ts';
import { certificateProfiles } from '../../domain/certificates/profiles.ts';
import { after } from '../../domain/durations.ts';
import { withRawTransaction } from '../../platform/database.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { lockCitizen } from '../../records/closures.ts';
import { type InsertedSession, insertedSession } from '../../records/sessions.ts';
import { spendReserved, useCertificate } from '../certificates/certificate-use.ts';
import { findCertifiedCitizen } from '../certificates/certified-citizen.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { type ActCaller, type Reply, type RequestContext, route } from '../http/route.ts';
import {
  openedSessionSchema,
  openSessionStatement,
  presentOpenedSession,
  type StoredSession,
} from './sessions.ts';

type Context = RequestContext<unknown, ActCaller>;

/**
 * Signs a registered citizen in with a certificate, without Temporal and without a password (docs/adr/0064). The session reads,
 * signs out, and reports what was not its citizen; it opens no act. It ends with the certificate at the latest.
 */
export const signInWithCertificate = route({
  method: 'post',
  path: '/sessions/certificate',
  summary: 'Sign in with a certificate',
  description:
    'The session opens no act: a change of the password or an unsubscription needs the certificate anew. It ends at the end of the certificate’s validity at the latest.',
  tag: 'Sessions',
  caller: 'act',
  body: () => z.strictObject({}),
  replies: { 201: z.object({ session: openedSessionSchema }) },
  problems: ['wrong-purpose', 'not-registered', 'suspended'],
  handle: (context, dependencies) =>
    useCertificate(context, context.caller.certificate, dependencies, () =>
      openSession(context, dependencies),
    ),
});

async function openSession(context: Context, dependencies: ApiDependencies): Promise<Reply> {
  const { db, policy, clock } = dependencies;
  const { randomness, requestId } = context;
  const { certificate } = context.caller;
  const { citizen } = await findCertifiedCitizen(certificate, dependencies);
  if (!citizen) return { problem: 'not-registered' };
  const { id: citizenId } = citizen;
  const { means } = certificateProfiles[certificate.profile];
  const nowMs = clock.now();
  const session = {
    id: randomness.uuid('session'),
    citizenId,
    basis: 'certificate',
    credentialId: certificate.id,
    assurance: assuranceOf(means, citizen.level),
    relyingPartyId: null,
  } as const;
  const opened = await withRawTransaction<{ isSuspended: boolean }, StoredSession | undefined>(
    db,
    findSuspension(citizenId),
    async (tx, [found]) => {
      if (!found || found.isSuspended) return undefined;
      await spendReserved(tx, context, certificate.id, new Date(nowMs));
      const { rows } = await tx.commitWith<InsertedSession>(
        openSessionStatement(
          {
            ...session,
            means,
            tokenDigest: tokenDigest(randomness.token('session')),
            startedAtMs: nowMs,
            endsAtMs: after(nowMs, policy.session.absolute),
            credentialExpiresAt: certificate.notAfter,
          },
          { type: 'signed-in', assurance: session.assurance, means },
          { id: session.id, citizenId, requestId },
        ),
      );
      return { ...session, ...insertedSession(rows) };
    },
    // A suspension or a reset commits before, or after it: then it ends this session too.
    [lockCitizen(citizenId)],
  );
  if (!opened) return { problem: 'suspended' };
  return { status: 201, body: { session: presentOpenedSession(opened, randomness, dependencies) } };
}

const findSuspension = (citizenId: string) => ({
  name: 'find-suspension',
  text: 'SELECT "suspendedAt" IS NOT NULL AS "isSuspended" FROM "Citizen" WHERE id = $1::uuid',
  values: [citizenId],
});
