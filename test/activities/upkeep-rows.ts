import { randomUUID } from 'node:crypto';
import type { Database } from '../../platform/database.ts';

/** A ticket that expires at an instant. */
export const putTicket = ({ prisma }: Database, expiresAt: Date): Promise<unknown> =>
  prisma.certificateTicket.create({
    data: {
      ...{ id: randomUUID(), tokenDigest: randomUUID(), purpose: 'act', returnUrl: 'https://a.example' },
      ...{ requestId: randomUUID(), expiresAt },
    },
  });

/** A certificate that was accepted at an instant. */
export const putCertificate = ({ prisma }: Database, at: Date): Promise<unknown> =>
  prisma.certificateIdentification.create({
    data: {
      ...{ id: randomUUID(), ticketId: randomUUID(), purpose: 'act', profile: 'dnie', sealedEvidence: '' },
      ...{ notAfter: at, at, codeDigest: '', codeExpiresAt: at },
    },
  });

/** The evidence of an act that was staged at an instant. */
export const putStagedEvidence = ({ prisma }: Database, actId: string, stagedAt: Date): Promise<unknown> =>
  prisma.stagedEvidence.createMany({
    data: [{ actId, kind: 'registration', sealed: 'evidence', stagedAt }],
  });

/** A receipt that can be read until an instant. */
export const putReceipt = ({ prisma }: Database, expiresAt: Date): Promise<unknown> =>
  prisma.actReceipt.create({
    data: { id: randomUUID(), tokenDigest: randomUUID(), sealed: 'sealed', expiresAt },
  });

/** A password that was staged for a journey at an instant. */
export const putStagedPassword = (
  { prisma }: Database,
  citizenId: string,
  journeyId: string,
  createdAt: Date,
): Promise<unknown> =>
  prisma.stagedPassword.create({
    data: { id: randomUUID(), citizenId, journeyId, hash: 'hash', keyId: 'k1', createdAt },
  });

/** A journey that began at an instant, and finished at another or not at all. */
export const putJourney = (
  { prisma }: Database,
  citizenId: string,
  startedAt: Date,
  finishedAt: Date | null,
) =>
  prisma.journey.create({
    data: {
      ...{ id: randomUUID(), citizenId, kind: 'activation', tokenDigest: randomUUID() },
      ...{ requestId: randomUUID(), startedAt, expiresAt: startedAt, finishedAt },
    },
  });
