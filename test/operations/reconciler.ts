import { createCitizenClient } from '../../api/citizens/citizen-client.ts';
import { onlyAfterRestore } from '../../operations/reconcile/discrepancies.ts';
import {
  type ReconcileOptions,
  type Reconciliation,
  reconcile,
} from '../../operations/reconcile/reconcile.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { citizenStatus } from '../../workflows/messages.ts';
import type { Citizen } from '../actors/citizen.ts';
import { queryAsOwner } from '../database/rows.ts';
import type { Stack } from '../environment/stack.ts';

/** `npm run reconcile` on a stack that the test file starts, with a short pause between the two scans. */
export function createReconciler(stack: () => Stack) {
  const run = (
    shouldRepair: ReconcileOptions['shouldRepair'],
    print: ReconcileOptions['print'] = () => {},
  ): Promise<Reconciliation> => {
    const { db, client } = stack();
    const targets = { db, client, citizens: createCitizenClient(client, () => true) };
    return reconcile(targets, { shouldRepair, print, rescanAfterMs: 500 });
  };
  const compare = (): Promise<Reconciliation> => run(() => false);
  /** As `--mend --after-restore`. */
  const repairAll = (print?: ReconcileOptions['print']): Promise<Reconciliation> => run(() => true, print);
  const workflowOf = ({ citizenId }: Pick<Citizen, 'citizenId'>) =>
    stack().client.workflow.getHandle(citizenWorkflowId(citizenId));
  return {
    compare,
    repairAll,
    /** As `--mend` without `--after-restore`. */
    repairWithoutRestore: () => run((kind) => !onlyAfterRestore.has(kind)),
    workflowOf,
    statusOf: (citizen: Citizen) => workflowOf(citizen).query(citizenStatus),
    /** Repairs what a test has left and removes the rest, so that the next one starts without discrepancies. */
    async cleanUp(): Promise<void> {
      await repairAll();
      const { left } = await compare();
      for (const { citizenId } of left)
        await queryAsOwner(
          stack(),
          `UPDATE "Citizen" SET "unsubscribedAt" = now() WHERE id = '${citizenId}'`,
        );
      for (const discrepancy of left)
        await workflowOf(discrepancy)
          .terminate()
          .catch(() => {});
    },
  };
}

/** The kinds that were found, sorted. */
export const kindsOf = ({ found }: Reconciliation) => found.map(({ kind }) => kind).sort();
