import { expect, test } from '@jest/globals';
import { runAll } from './run-all.ts';

test('each step runs in turn, and every error is told', async () => {
  const done: number[] = [];
  const [one, two] = [new Error('one'), new Error('two')];
  const step = (id: number, error?: Error) => async () => {
    done.push(id);
    if (error) throw error;
  };
  await expect(runAll([step(1), step(2)])).resolves.toBeUndefined();
  await expect(runAll([step(3, one), step(4)])).rejects.toBe(one);
  const both = runAll([step(5, one), step(6, two), step(7)]);
  await expect(both).rejects.toBeInstanceOf(AggregateError);
  await expect(both).rejects.toMatchObject({ errors: [one, two] });
  expect(done).toEqual([1, 2, 3, 4, 5, 6, 7]);
});
