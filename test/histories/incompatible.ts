import { upsertSearchAttributes } from '@temporalio/workflow';
import { citizenJourneyAttribute } from '../../domain/search-attributes.ts';
import { citizen as today } from '../../workflows/citizen.ts';
import type { CitizenSnapshot } from '../../workflows/snapshot.ts';

/**
 * A citizen's workflow that no recorded history fits: it issues one command before the frozen opening. A second timer
 * would not do, since a replay identifies timers by their number and ignores their length.
 */
export async function citizen(stored: CitizenSnapshot): Promise<void> {
  upsertSearchAttributes([{ key: citizenJourneyAttribute, value: 'none' }]);
  return today(stored);
}
