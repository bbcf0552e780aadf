import { describe, expect, test } from '@jest/globals';
import type { CitizenStatusView } from '../../workflows/messages.ts';
import {
  type DiscrepancyKind,
  diff,
  type PostgresState,
  remedyFor,
  type TemporalState,
} from './discrepancies.ts';

const row = (over: Partial<PostgresState> = {}): PostgresState => ({
  password: { id: 'p1', isBlocked: false },
  codeId: 'c2',
  isSuspended: false,
  isUnsubscribed: false,
  ...over,
});
const running = (over: Partial<CitizenStatusView> = {}): TemporalState => ({
  kind: 'running',
  view: { status: 'active', blocked: [], passwordId: 'p1', codeIds: ['c2', 'c1'], ...over },
});
const blockedRow = row({ password: { id: 'p1', isBlocked: true } });
const { password: _password, ...withoutPassword } = row();
const registered: TemporalState = {
  kind: 'running',
  view: { status: 'registered', blocked: [], codeIds: ['c2'] },
};
const blockedWithOldCode = { ...blockedRow, codeId: 'c1' };
const unsubscribed: TemporalState = {
  kind: 'running',
  view: { status: 'unsubscribed', blocked: [], codeIds: ['c2'] },
};
const suspended = running({ status: 'suspended', blocked: ['code', 'password'] });

describe('what PostgreSQL and Temporal say of a citizen', () => {
  test.each<[string, PostgresState | undefined, TemporalState, DiscrepancyKind[]]>([
    ['the same password', row(), running(), []],
    ['no password yet', withoutPassword, registered, []],
    ['the same block', blockedRow, running({ blocked: ['password'] }), []],
    ['a suspension', row({ isSuspended: true }), suspended, []],
    ['that the citizen is unsubscribed', row({ isUnsubscribed: true }), unsubscribed, []],
    ['nothing any more', undefined, { kind: 'missing' }, []],
    ['a citizen of whom PostgreSQL knows nothing', undefined, running(), ['unknown-to-postgres']],
    ['a password without a workflow', row(), { kind: 'missing' }, ['workflow-missing-and-open']],
    ['the same, blocked', blockedRow, { kind: 'missing' }, ['workflow-missing']],
    ['a citizen without either', withoutPassword, { kind: 'missing' }, ['workflow-missing']],
    ['that Temporal knows to be unsubscribed', row(), unsubscribed, ['left-in-temporal']],
    [
      'that PostgreSQL knows to be unsubscribed',
      row({ isUnsubscribed: true }),
      running(),
      ['left-in-postgres'],
    ],
    ['an unsubscribed citizen without a workflow', row({ isUnsubscribed: true }), { kind: 'missing' }, []],
    ['two passwords', row(), running({ passwordId: 'p2' }), ['another-password']],
    ['a password that the workflow does not know', row(), registered, ['another-password']],
    ['two passwords, the one that could open blocked', blockedRow, running({ passwordId: 'p2' }), []],
    ['a password that PostgreSQL has lost', withoutPassword, running(), ['password-lost']],
    ['a block in Temporal alone', row(), running({ blocked: ['password'] }), ['blocked-in-temporal']],
    ['a block in PostgreSQL alone', blockedRow, running(), ['blocked-in-postgres']],
    ['no code of which PostgreSQL would know', row({ codeId: null }), running(), []],
    ['a code that Temporal does not know', row({ codeId: 'c3' }), running(), ['code-replaced']],
    ['a code that Temporal has replaced', row({ codeId: 'c1' }), running(), ['act-lost']],
    ['the same, blocked by now', row({ codeId: 'c1' }), running({ blocked: ['code'] }), ['act-lost']],
    [
      'the same, with nothing left to open',
      blockedWithOldCode,
      running({ blocked: ['code', 'password'] }),
      [],
    ],
    ['two codes, the one that could open blocked', row({ codeId: 'c3' }), running({ blocked: ['code'] }), []],
    [
      'two codes and two passwords',
      row({ codeId: 'c3' }),
      running({ passwordId: 'p2' }),
      ['code-replaced', 'another-password'],
    ],
    ['a suspension in Temporal alone', row(), suspended, ['suspended-in-temporal']],
    ['a suspension in PostgreSQL alone', row({ isSuspended: true }), running(), ['suspended-in-postgres']],
  ])('%s', (_what, postgres, temporal, expected) => {
    expect(diff(postgres, temporal)).toEqual(expected);
  });
});

test.each<[DiscrepancyKind, string]>([
  ['workflow-missing', 'a registration act: only it gives a code, and it starts a workflow'],
  // An act answered 503 may have ended it in PostgreSQL alone.
  ['left-in-temporal', '--mend --after-restore, which carries out the unsubscription in PostgreSQL'],
  ['left-in-postgres', '--mend, which informs the workflow of the unsubscription'],
  [
    'unknown-to-postgres',
    '--mend --after-restore, which ends the workflow: who it was is not known any more',
  ],
])('what helps with %s names who acts, or the option that makes the repair', (kind, remedy) => {
  expect(remedyFor(kind)).toBe(remedy);
});
