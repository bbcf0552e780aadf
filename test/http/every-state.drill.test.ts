import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { answersByName, answersFrom, expectedIn } from '../contract/answers-by-state.ts';
import { type CallName, type State, states } from '../contract/states.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ policy: { failedIdsPerIp: { tries: 10_000, per: 'P1D' } } });
});
afterAll(() => stack.stop());

/** Calls that leave the citizen in the same state: one citizen serves for all of these, too. */
const keepsState = (name: CallName, answer: string): boolean =>
  answer.startsWith('403') ||
  [
    'POST /desk-sessions',
    'POST /sessions',
    'sign-in for a relying party',
    'POST /identification-renewals',
    'POST /sessions/certificate',
    'POST /certificate-tickets',
  ].includes(name) ||
  name.endsWith('/extension');

test.each(Object.keys(states) as State[])('%s: does what is in step', async (state) => {
  const { withEffect } = expectedIn(state);
  // Each on a citizen of its own, so that several run at a time; those that keep the state one after the other.
  const limit = pLimit(4);
  const keeping = withEffect.filter(({ name, answer }) => keepsState(name, answer));
  const others = withEffect.filter((call) => !keeping.includes(call));
  const ask = async (named: readonly { name: CallName }[]) =>
    answersFrom(stack, await states[state](stack), named);
  const answers = await Promise.all(
    [keeping, ...others.map((call) => [call])].map((named) => limit(() => ask(named))),
  );
  expect(Object.assign({}, ...answers)).toEqual(answersByName(withEffect));
});
