import { randomUUID } from 'node:crypto';
import type { CitizenClient } from '../../api/citizens/citizen-client.ts';
import type { JourneyKind } from '../../domain/journeys.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { audit } from '../../records/audit.ts';
import * as closures from '../../records/closures.ts';
import { endJourney } from '../../records/journeys.ts';
import {
  activationCodeRevoked,
  citizenUnsubscribed,
  passwordBlocked,
  suspendCitizen,
} from '../../workflows/messages.ts';
import { isRepairable, type RepairableKind, repairEffects } from './discrepancies.ts';
import type { Discrepancy, Stores } from './scan.ts';

/** What a repair writes to. */
export interface RepairTargets extends Stores {
  readonly citizens: Pick<CitizenClient, 'update' | 'signal'>;
}

type Repair = (discrepancy: Discrepancy, targets: RepairTargets) => Promise<void>;

const blockPassword: Repair = ({ citizenId }, { db }) =>
  db.prisma.$transaction((tx) => closures.blockPassword(tx, citizenId, new Date()));

/** Revokes the code that the scan saw, not one that a registration act has issued since. */
const revokeCode: Repair = async ({ citizenId, codeId }, { citizens }) => {
  if (codeId) await citizens.signal(activationCodeRevoked, citizenId, codeId);
};

const reportBlock: Repair = async ({ citizenId }, { db, citizens }) => {
  const password = await db.prisma.password.findUnique({ where: { citizenId }, select: { id: true } });
  if (password) await citizens.signal(passwordBlocked, citizenId, password.id);
};

/** Idempotent repairs by kind. */
const repairs: Readonly<Record<RepairableKind, Repair>> = {
  /** With the workflow end its reminders. */
  async 'unknown-to-postgres'({ citizenId }, { client }) {
    await client.workflow
      .getHandle(citizenWorkflowId(citizenId))
      .terminate(repairEffects['unknown-to-postgres']);
  },
  'left-in-postgres': ({ citizenId }, { citizens }) => citizens.signal(citizenUnsubscribed, citizenId),
  'another-password': blockPassword,
  'workflow-missing-and-open': blockPassword,
  'blocked-in-temporal': blockPassword,
  'blocked-in-postgres': reportBlock,
  'code-replaced': revokeCode,

  async 'act-lost'(discrepancy, targets) {
    // The code comes last: until it is revoked, a repair that was interrupted is found again by the next scan.
    await blockPassword(discrepancy, targets);
    await reportBlock(discrepancy, targets);
    await revokeCode(discrepancy, targets);
  },

  'left-in-temporal': ({ citizenId }, { db }) =>
    db.prisma.$transaction((tx) => closures.recordUnsubscription(tx, citizenId, new Date())),

  'suspended-in-temporal': ({ citizenId }, { db }) =>
    db.prisma.$transaction((tx) => closures.recordSuspension(tx, citizenId, new Date())),

  async 'suspended-in-postgres'({ citizenId }, { db, citizens }) {
    const { id, officerId, requestId } = await db.prisma.suspension.findFirstOrThrow({
      where: { citizenId },
      orderBy: { at: 'desc' },
    });
    const result = await citizens.update(
      suspendCitizen,
      { suspensionId: id, officerId, requestId },
      { citizenId, updateId: randomUUID() },
    );
    if (result.rejected) throw new Error(`the workflow refuses the suspension: ${result.type}`);
  },

  'journey-left-open': ({ citizenId, journeyId = '' }, { db }) =>
    db.prisma.$transaction(async (tx) => {
      const { kind } = await tx.journey.findUniqueOrThrow({ where: { id: journeyId } });
      const end = { outcome: 'superseded', at: new Date() } as const;
      await endJourney(tx, { journeyId, citizenId, kind: kind as JourneyKind, ...end });
    }),
};

/** Repairs a discrepancy and audits the repair. Returns false for a kind that has none. */
export async function repair(discrepancy: Discrepancy, targets: RepairTargets): Promise<boolean> {
  const { citizenId, kind, journeyId } = discrepancy;
  if (!isRepairable(kind)) return false;
  await repairs[kind](discrepancy, targets);
  const stamp = { id: randomUUID(), citizenId, journeyId };
  await audit(targets.db.prisma, { type: 'reconciled', disagreement: kind }, stamp);
  return true;
}
