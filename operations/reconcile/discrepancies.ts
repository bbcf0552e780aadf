import type { CitizenStatusView } from '../../workflows/messages.ts';

/** A citizen's state in PostgreSQL. */
export interface PostgresState {
  readonly password?: { readonly id: string; readonly isBlocked: boolean };
  /** The activation code that was issued last; null if unknown. */
  readonly codeId: string | null;
  readonly isSuspended: boolean;
  readonly isUnsubscribed: boolean;
}

/** A citizen's state in Temporal: that of the workflow, or none that could continue. */
export type TemporalState =
  | { readonly kind: 'running'; readonly view: CitizenStatusView }
  | { readonly kind: 'missing' };

/** What the repair of each kind does, where there is one. Why the stricter side prevails: docs/adr/0026. */
export const repairEffects = {
  'unknown-to-postgres': 'ends the workflow: who it was is not known any more',
  'workflow-missing-and-open':
    'blocks the password: an unsubscription may have been undone by the restore; without a restore a registration act starts a workflow, and a suspension shuts the account meanwhile',
  'left-in-temporal': 'carries out the unsubscription in PostgreSQL',
  'left-in-postgres': 'informs the workflow of the unsubscription',
  'suspended-in-temporal': 'carries out the suspension in PostgreSQL',
  'suspended-in-postgres': 'informs the workflow of the suspension',
  'act-lost':
    'blocks code and password: a registration act then brings the data that are missing, and another code',
  'code-replaced': 'revokes the code in the workflow: a registration act then gives another',
  'another-password': 'blocks the password: the citizen then resets it with the activation code',
  'blocked-in-temporal': 'blocks the password in PostgreSQL',
  'blocked-in-postgres': 'informs the workflow of the block',
  'journey-left-open': 'ends the journey as superseded',
} as const;
export type RepairableKind = keyof typeof repairEffects;

/** What an office or the citizen does about the kinds without a repair. */
const remedies = {
  'workflow-missing': 'a registration act: only it gives a code, and it starts a workflow',
  'password-lost': 'the citizen resets the password with the activation code; nothing opens meanwhile',
} as const;
export type DiscrepancyKind = RepairableKind | keyof typeof remedies;

/** Whether `reconcile --mend` has a repair for the kind. */
export const isRepairable = (kind: DiscrepancyKind): kind is RepairableKind => kind in repairEffects;

/**
 * Kinds that also arise without a restore, from a registration act answered with 503 and not repeated yet. They are
 * repaired only when the operator states that a backup was restored.
 */
export const onlyAfterRestore: ReadonlySet<DiscrepancyKind> = new Set([
  'unknown-to-postgres',
  'workflow-missing-and-open',
  'act-lost',
  'code-replaced',
  // PostgreSQL has the act that ends it; the workflow does not have it yet.
  'left-in-temporal',
  'suspended-in-temporal',
]);

/** What helps while a discrepancy is not repaired, as printed: the option that repairs it, or who else acts. */
export function remedyFor(kind: DiscrepancyKind): string {
  if (!isRepairable(kind)) return remedies[kind];
  const options = onlyAfterRestore.has(kind) ? '--mend --after-restore' : '--mend';
  return `${options}, which ${repairEffects[kind]}`;
}

/**
 * Compares both states of one citizen. What one side has closed is closed on the other, so that restoring a backup never
 * grants access. Pure.
 */
export function diff(postgres: PostgresState | undefined, temporal: TemporalState): DiscrepancyKind[] {
  if (!postgres) return temporal.kind === 'running' ? ['unknown-to-postgres'] : [];
  if (temporal.kind === 'missing') {
    // No credential on either side; a registration act starts a workflow.
    if (postgres.isUnsubscribed) return [];
    return [
      postgres.password && !postgres.password.isBlocked ? 'workflow-missing-and-open' : 'workflow-missing',
    ];
  }
  const isUnsubscribed = temporal.view.status === 'unsubscribed';
  if (isUnsubscribed !== postgres.isUnsubscribed)
    return [isUnsubscribed ? 'left-in-temporal' : 'left-in-postgres'];
  // Neither side has a credential until a registration act.
  if (isUnsubscribed) return [];
  const isSuspended = temporal.view.status === 'suspended';
  if (isSuspended !== postgres.isSuspended)
    return [isSuspended ? 'suspended-in-temporal' : 'suspended-in-postgres'];
  // Code and password are blocked on both sides until a registration act.
  if (isSuspended) return [];
  return [...diffCodes(postgres, temporal.view), ...diffPasswords(postgres, temporal.view)];
}

function diffCodes(
  { codeId, password }: PostgresState,
  { codeIds, blocked }: CitizenStatusView,
): DiscrepancyKind[] {
  const [inForce, ...earlier] = codeIds;
  if (codeId === null || codeId === inForce) return [];
  // A blocked code grants no access, whichever it is.
  const isCodeBlocked = blocked.includes('code');
  if (!earlier.includes(codeId)) return isCodeBlocked ? [] : ['code-replaced'];
  // PostgreSQL has lost a registration act and perhaps its phone: the former phone must not confirm the password.
  return isCodeBlocked && (!password || password.isBlocked) ? [] : ['act-lost'];
}

function diffPasswords(
  { password }: PostgresState,
  { blocked, passwordId }: CitizenStatusView,
): DiscrepancyKind[] {
  if (!password) return passwordId ? ['password-lost'] : [];
  // A blocked password grants no access, whichever it is.
  if (password.id !== passwordId) return password.isBlocked ? [] : ['another-password'];
  const isBlocked = blocked.includes('password');
  if (isBlocked === password.isBlocked) return [];
  return [isBlocked ? 'blocked-in-temporal' : 'blocked-in-postgres'];
}
