import { randomUUID } from 'node:crypto';
import type { CitizenClient } from '../../api/citizens/citizen-client.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { audit } from '../../records/audit.ts';
import { blockPassword, endSessions } from '../../records/end-sessions.ts';
import { activationCodeRevoked, passwordBlocked, suspendCitizen } from '../../workflows/messages.ts';
import { type Disagreement, disagreements } from './discrepancies.ts';
import type { Found, Sides } from './scan.ts';

export interface Mending extends Sides {
  readonly ask: Pick<CitizenClient, 'update' | 'signal'>;
}

type Mend = (found: Found, mending: Mending) => Promise<void>;

/** Nobody is reminded by it any more, and no message finds it. */
const endWorkflow: Mend = async ({ citizenId, disagreement }, { client }) => {
  await client.workflow.getHandle(citizenWorkflowId(citizenId)).terminate(disagreements[disagreement]);
};

const block: Mend = ({ citizenId }, { db }) =>
  db.prisma.$transaction((tx) => blockPassword(tx, citizenId, new Date()));

/** The one that was seen, and no other that an act has brought since. */
const voidCode: Mend = async ({ citizenId, codeId }, { ask }) => {
  if (codeId) await ask.signal(activationCodeRevoked, citizenId, codeId);
};

const tellOfBlock: Mend = async ({ citizenId }, { db, ask }) => {
  const password = await db.prisma.password.findUnique({ where: { citizenId }, select: { id: true } });
  if (password) await ask.signal(passwordBlocked, citizenId, password.id);
};

/** How each disagreement is mended; the others are for people. Each may be done twice. */
const mends: Readonly<Partial<Record<Disagreement, Mend>>> = {
  'unknown-to-postgres': endWorkflow,
  'left-in-postgres': endWorkflow,
  'another-password': block,
  'workflow-missing-and-open': block,
  'blocked-in-temporal': block,
  'blocked-in-postgres': tellOfBlock,
  'code-replaced': voidCode,

  async 'act-lost'(found, mending) {
    // The code last: while it is open, what a run that was cut off has left is found again.
    await block(found, mending);
    await tellOfBlock(found, mending);
    await voidCode(found, mending);
  },

  'left-in-temporal': ({ citizenId }, { db }) =>
    db.prisma.$transaction(async (tx) => {
      await tx.password.deleteMany({ where: { citizenId } });
      await endSessions(tx, citizenId);
      await tx.citizen.update({ where: { id: citizenId }, data: { unsubscribedAt: new Date() } });
    }),

  'suspended-in-temporal': ({ citizenId }, { db }) =>
    db.prisma.$transaction(async (tx) => {
      const suspendedAt = new Date();
      await blockPassword(tx, citizenId, suspendedAt);
      await tx.citizen.update({ where: { id: citizenId }, data: { suspendedAt } });
    }),

  async 'suspended-in-postgres'({ citizenId }, { db, ask }) {
    const { id, officerId, requestId } = await db.prisma.suspension.findFirstOrThrow({
      where: { citizenId },
      orderBy: { at: 'desc' },
    });
    const told = await ask.update(
      suspendCitizen,
      { suspensionId: id, officerId, requestId },
      { citizenId, updateId: randomUUID() },
    );
    if (told.refused) throw new Error(`the workflow refuses the suspension: ${told.type}`);
  },

  'journey-left-open': ({ citizenId, journeyId = '' }, { db }) =>
    db.prisma.$transaction(async (tx) => {
      const { count } = await tx.journey.updateMany({
        where: { id: journeyId, finishedAt: null },
        data: { finishedAt: new Date(), outcome: 'superseded' },
      });
      await tx.stagedPassword.deleteMany({ where: { journeyId } });
      const { kind } = await tx.journey.findUniqueOrThrow({ where: { id: journeyId } });
      const event = { type: 'journey-finished', kind: kind as never, outcome: 'superseded' } as const;
      if (count > 0) await audit(tx, event, { id: journeyId, citizenId, journeyId });
    }),
};

/** Mends one, and says so in the trail. Returns false where that is for people. */
export async function mend(found: Found, mending: Mending): Promise<boolean> {
  const { citizenId, disagreement, journeyId } = found;
  const work = mends[disagreement];
  if (!work) return false;
  await work(found, mending);
  const stamp = { id: randomUUID(), citizenId, ...(journeyId && { journeyId }) };
  await audit(mending.db.prisma, { type: 'reconciled', disagreement }, stamp);
  return true;
}
