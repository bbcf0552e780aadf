import { setTimeout as sleep } from 'node:timers/promises';
import { type DiscrepancyKind, remedyFor } from './discrepancies.ts';
import { type RepairTargets, repair } from './repair.ts';
import { type Discrepancy, rescan, scan } from './scan.ts';

/** All discrepancies, those repaired, and those left to an operator. */
export interface Reconciliation {
  readonly found: readonly Discrepancy[];
  readonly repaired: readonly Discrepancy[];
  readonly left: readonly Discrepancy[];
}

export interface ReconcileOptions {
  /** Whether a kind is to be repaired, if it has a repair. */
  shouldRepair(kind: DiscrepancyKind): boolean;
  /** Receives one line for each discrepancy, with ids only. */
  print(line: string): void;
  readonly rescanAfterMs?: number;
}

/** Writes under way at the first scan, such as a journey's end, are complete by then. */
const defaultRescanAfterMs = 5_000;

/**
 * Compares PostgreSQL and Temporal, citizen by citizen, while the service runs; scans a second time what differs; and
 * repairs what `shouldRepair` selects.
 */
export async function reconcile(
  targets: RepairTargets,
  { shouldRepair, print, rescanAfterMs = defaultRescanAfterMs }: ReconcileOptions,
): Promise<Reconciliation> {
  const first = await scan(targets);
  if (first.length > 0) await sleep(rescanAfterMs);
  const found = first.length > 0 ? await rescan(targets, first) : [];
  const repaired: Discrepancy[] = [];
  for (const discrepancy of found) {
    const isRepaired = shouldRepair(discrepancy.kind) && (await repairIfPresent(discrepancy, targets));
    if (isRepaired) repaired.push(discrepancy);
    print(formatLine(discrepancy, isRepaired));
  }
  return { found, repaired, left: found.filter((discrepancy) => !repaired.includes(discrepancy)) };
}

/** A registration act, or the citizen, may have resolved it since the scan. */
async function repairIfPresent(discrepancy: Discrepancy, targets: RepairTargets): Promise<boolean> {
  const [current] = await rescan(targets, [discrepancy]);
  return current !== undefined && repair(current, targets);
}

const formatLine = ({ citizenId, kind, journeyId }: Discrepancy, isRepaired: boolean): string =>
  [
    `citizen=${citizenId}`,
    ...(journeyId ? [`journey=${journeyId}`] : []),
    kind,
    isRepaired ? 'mended' : `what helps: ${remedyFor(kind)}`,
  ].join('  ');
