import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { routes } from '../../api/routes.ts';
import {
  answersByName,
  answersByState,
  answersFrom,
  expectedIn,
  statesInOrder,
} from '../contract/answers-by-state.ts';
import { type State, states } from '../contract/states.ts';
import { rowCounts } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ own: true, policy: { failedIdsPerIp: { tries: 10_000, per: 'P1D' } } });
});
afterAll(() => stack.stop());

/** Rows other than those of refusals: requests, their keys, audit trail and counts. Notices of the state may be on their way. */
const lasting = async (): Promise<Record<string, number>> => {
  const rows = await rowCounts(stack);
  const {
    Request: _request,
    IdempotentRequest: _keys,
    AuditEvent: _trail,
    DecoyCode: _decoys,
    // The credential of a call, as a redemption would leave it.
    CertificateIdentification: _certificates,
    ...counts
  } = rows;
  return { ...counts, Text: await stack.db.prisma.text.count({ where: { journeyId: { not: null } } }) };
};

test('every call in every state is in the table', () => {
  expect([...statesInOrder, 'phone-yielded'].sort()).toEqual(Object.keys(states).sort());
  for (const answers of Object.values(answersByState)) expect(answers).toHaveLength(statesInOrder.length);
  const routesByName = routes.map(
    ({ method, path }) => `${method.toUpperCase()} ${path.replace(/:(\w+)/g, '{$1}')}`,
  );
  expect(Object.keys(answersByState)).toEqual(expect.arrayContaining(routesByName));
});

// `every-state.drill.test.ts` makes the calls that change the state.
describe.each(Object.keys(states) as State[])('%s', (state) => {
  test('refuses what is out of step, and nothing of it leaves anything behind', async () => {
    const { withoutEffect } = expectedIn(state);
    const who = await states[state](stack);
    const before = await lasting();
    expect(await answersFrom(stack, who, withoutEffect)).toEqual(answersByName(withoutEffect));
    expect(await lasting()).toEqual(before);
  });
});
