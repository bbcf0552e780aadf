import type { CitizenStatusView } from '../../workflows/messages.ts';

/** What PostgreSQL says of a citizen. */
export interface InPostgres {
  readonly password?: { readonly id: string; readonly isBlocked: boolean };
  /** The activation code that the office gave last; null where that is not known. */
  readonly codeId: string | null;
  readonly isSuspended: boolean;
  readonly isUnsubscribed: boolean;
}

/** What Temporal says: a workflow that runs, one that ended because the citizen left, or none that could go on. */
export type InTemporal =
  | { readonly kind: 'running'; readonly standing: CitizenStatusView }
  | { readonly kind: 'left' }
  | { readonly kind: 'missing' };

/** Where the two differ, and what brings them together again. Which side is right, and why: docs/adr/0026. */
export const disagreements = {
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
export type Disagreement = keyof typeof disagreements;

/**
 * What in a service that was never restored is nothing, or an act that was answered 503 and is about to be repeated: mended
 * only where a restore is known to have been.
 */
export const onlyAfterRestore: ReadonlySet<Disagreement> = new Set([
  'unknown-to-postgres',
  'workflow-missing-and-open',
  'act-lost',
  'code-replaced',
]);

/**
 * Compares what both say of one citizen. Whatever would open more on one side than on the other is to be shut on both:
 * nobody gets in by a backup. Pure.
 */
export function compared(row: InPostgres | undefined, workflow: InTemporal): Disagreement[] {
  if (!row) return workflow.kind === 'running' ? ['unknown-to-postgres'] : [];
  if (row.isUnsubscribed) return workflow.kind === 'running' ? ['left-in-postgres'] : [];
  if (workflow.kind === 'left') return ['left-in-temporal'];
  if (workflow.kind === 'missing')
    return [row.password && !row.password.isBlocked ? 'workflow-missing-and-open' : 'workflow-missing'];
  const isSuspended = workflow.standing.status === 'suspended';
  if (isSuspended !== row.isSuspended)
    return [isSuspended ? 'suspended-in-temporal' : 'suspended-in-postgres'];
  // Shut on both sides until a registration act.
  if (isSuspended) return [];
  return [...codes(row, workflow.standing), ...passwords(row, workflow.standing)];
}

function codes({ codeId, password }: InPostgres, { codeIds, blocked }: CitizenStatusView): Disagreement[] {
  const [inForce, ...earlier] = codeIds;
  if (codeId === null || codeId === inForce) return [];
  // A blocked code opens nothing, whichever it is.
  const isShut = blocked.includes('code');
  if (!earlier.includes(codeId)) return isShut ? [] : ['code-replaced'];
  // With the act PostgreSQL has lost a phone: the password is not to be confirmed by that of before.
  return isShut && (!password || password.isBlocked) ? [] : ['act-lost'];
}

function passwords({ password }: InPostgres, { blocked, passwordId }: CitizenStatusView): Disagreement[] {
  if (!password) return passwordId ? ['password-lost'] : [];
  // One that is blocked opens nothing, whichever it is.
  if (password.id !== passwordId) return password.isBlocked ? [] : ['another-password'];
  const isBlocked = blocked.includes('password');
  if (isBlocked === password.isBlocked) return [];
  return [isBlocked ? 'blocked-in-temporal' : 'blocked-in-postgres'];
}
