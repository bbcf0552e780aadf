import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { type Stack, startStack } from '../environment/stack.ts';
import { type EndingName, endings, race } from './endings.ts';

/** For each ending; with `CLAVE_RACES_COUNT=200` it takes some eight minutes. */
const races = Number(process.env['CLAVE_RACES_COUNT'] || 10);
/** Each race steers the next towards the instant at which either comes first. */
const stepMs = 5;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ policy: { failedIdsPerIp: { tries: 1_000_000, per: 'P1D' } } });
});
afterAll(() => stack.stop());

test.each(Object.keys(endings) as EndingName[])(
  'many right codes, each in the same moment as its end by %s: no session is left',
  async (name) => {
    const limit = pLimit(4);
    let delayMs = 40;
    const one = async (index: number) => {
      const result = await race(stack, name, delayMs + ((index % 5) - 2) * stepMs);
      delayMs += result.opened ? stepMs : -stepMs;
      return result;
    };
    const results = await Promise.all(Array.from({ length: races }, (_, index) => limit(() => one(index))));
    expect(results.flatMap(({ wrong }) => wrong)).toEqual([]);
    const opened = results.filter((result) => result.opened).length;
    process.stdout.write(`${name}: ${opened} of ${races} codes came first\n`);
  },
  600_000,
);
