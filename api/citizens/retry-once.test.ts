import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { retryOnce } from './retry-once.ts';

/** Nobody answers: silence until the deadline, as a gRPC call has it. */
const silence = async (deadlineMs: number): Promise<never> => {
  await sleep(deadlineMs - Date.now() + 2);
  throw new Error('deadline');
};

describe('a question', () => {
  test('that nobody answers is asked once more', async () => {
    let asked = 0;
    const ask = (deadlineMs: number) => {
      asked += 1;
      return asked === 1 ? silence(deadlineMs) : Promise.resolve('here');
    };
    expect([await retryOnce(150, ask), asked]).toEqual(['here', 2]);
  });

  test('that is refused is not', async () => {
    let asked = 0;
    const refused = () => {
      asked += 1;
      return Promise.reject(new Error('refused'));
    };
    await expect(retryOnce(60_000, refused)).rejects.toThrow('refused');
    expect(asked).toBe(1);
  });

  test('that nobody answers twice fails', async () => {
    await expect(retryOnce(60, silence)).rejects.toThrow('deadline');
  });
});
