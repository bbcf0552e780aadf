import { upsertSearchAttributes } from '@temporalio/workflow';
import { citizenJourney } from '../../domain/search-attributes.ts';
import { citizen as today } from '../../workflows/citizen.ts';
import type { CitizenSnapshot } from '../../workflows/snapshot.ts';

/**
 * A citizen's workflow that no history of today's fits: one command before the frozen opening. A second timer would not
 * do: a replay tells timers apart by their number, not by how long they run.
 */
export async function citizen(stored: CitizenSnapshot): Promise<void> {
  upsertSearchAttributes([{ key: citizenJourney, value: 'none' }]);
  return today(stored);
}
