import { createCitizenClient } from '../../api/citizens/citizen-client.ts';
import { onlyAfterRestore } from '../../operations/reconcile/discrepancies.ts';
import { type How, type Reconciled, reconcile } from '../../operations/reconcile/reconcile.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { citizenStatus } from '../../workflows/messages.ts';
import type { Person } from '../actors/front-end.ts';
import { queryAsOwner } from '../database/rows.ts';
import type { Stack } from '../environment/stack.ts';

/** `npm run reconcile`, without its waiting, on a stack that there is once the tests run. */
export function reconciling(stack: () => Stack) {
  const run = (mends: How['mends'], say: How['say'] = () => {}): Promise<Reconciled> => {
    const { db, client } = stack();
    return reconcile(
      { db, client, ask: createCitizenClient(client, () => true) },
      { mends, say, pauseMs: 500 },
    );
  };
  const look = (mends: boolean, say?: How['say']): Promise<Reconciled> => run(() => mends, say);
  const workflowOf = ({ citizenId }: Pick<Person, 'citizenId'>) =>
    stack().client.workflow.getHandle(citizenWorkflowId(citizenId));
  return {
    look,
    workflowOf,
    standingOf: (person: Person) => workflowOf(person).query(citizenStatus),
    /** As `--mend` without `--after-restore`. */
    lookInHealth: () => run((one) => !onlyAfterRestore.has(one)),
    /** Whatever is found has been mended, or is for people: those are taken away. */
    async leaveNothing(): Promise<void> {
      await look(true);
      const { left } = await look(false);
      for (const { citizenId } of left)
        await queryAsOwner(
          stack(),
          `UPDATE "Citizen" SET "unsubscribedAt" = now() WHERE id = '${citizenId}'`,
        );
      for (const one of left)
        await workflowOf(one)
          .terminate()
          .catch(() => {});
    },
  };
}

/** What is said to differ, in order. */
export const names = ({ found }: Reconciled) => found.map(({ disagreement }) => disagreement).sort();
