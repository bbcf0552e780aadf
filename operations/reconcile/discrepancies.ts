import type { CitizenStatusView } from '../../workflows/messages.ts';

/** A citizen's state in PostgreSQL. */
export interface PostgresState {
  readonly password?: { readonly id: string; readonly isBlocked: boolean };
  /** The activation code that was issued last; null if unknown. */
  readonly codeId: string | null;
  readonly isSuspended: boolean;
  readonly isUnsubscribed: boolean;
}

/** A citizen's state in Temporal: running, ended by an unsubscription, or without a workflow that could continue. */
export type TemporalState =
  | { readonly kind: 'running'; readonly view: CitizenStatusView }
  | { readonly kind: 'left' }
  | { readonly kind: 'missing' };

/** Each kind of discrepancy with its remedy, as printed. Why the stricter side prevails: docs/adr/0026. */
export const remedies = {
  'unknown-to-postgres': 'the workflow is ended: who it was is not known any more',
  'workflow-missing': 'a registration act: only it gives a code, and it starts a workflow',
  'workflow-missing-and-open': 'the password is blocked: who has left since may have been brought back',
  'left-in-temporal': 'the unsubscription is carried out in PostgreSQL',
  'left-in-postgres': 'the workflow is ended',
  'suspended-in-temporal': 'the suspension is carried out in PostgreSQL',
  'suspended-in-postgres': 'the workflow is told of the suspension',
  'act-lost':
    'code and password are shut: a registration act brings the data that are missing, and another code',
  'code-replaced': 'the workflow is told that its code is void: a registration act gives another',
  'another-password': 'the password is blocked: the citizen resets it with the activation code',
  'password-lost': 'the citizen resets the password with the activation code; nothing opens meanwhile',
  'blocked-in-temporal': 'the password is blocked in PostgreSQL',
  'blocked-in-postgres': 'the workflow is told of the block',
  'journey-left-open': 'the journey ends as superseded',
} as const;
export type DiscrepancyKind = keyof typeof remedies;

/**
 * Kinds that also arise without a restore, from a registration act answered with 503 and not repeated yet. They are
 * repaired only when the operator states that a backup was restored.
 */
export const onlyAfterRestore: ReadonlySet<DiscrepancyKind> = new Set([
  'unknown-to-postgres',
  'workflow-missing-and-open',
  'act-lost',
  'code-replaced',
]);

/**
 * Compares both states of one citizen. What one side has closed is closed on the other, so that restoring a backup never
 * grants access. Pure.
 */
export function diff(postgres: PostgresState | undefined, temporal: TemporalState): DiscrepancyKind[] {
  if (!postgres) return temporal.kind === 'running' ? ['unknown-to-postgres'] : [];
  if (postgres.isUnsubscribed) return temporal.kind === 'running' ? ['left-in-postgres'] : [];
  if (temporal.kind === 'left') return ['left-in-temporal'];
  if (temporal.kind === 'missing')
    return [
      postgres.password && !postgres.password.isBlocked ? 'workflow-missing-and-open' : 'workflow-missing',
    ];
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
