import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { retryOnce } from './retry-once.ts';

/** No reply until the deadline, as a gRPC call behaves. */
const noReply = async (deadlineMs: number): Promise<never> => {
  await sleep(deadlineMs - Date.now() + 2);
  throw new Error('deadline');
};

describe('a query', () => {
  test('without a reply is sent once more', async () => {
    let calls = 0;
    const query = (deadlineMs: number) => {
      calls += 1;
      return calls === 1 ? noReply(deadlineMs) : Promise.resolve('here');
    };
    expect([await retryOnce(150, query), calls]).toEqual(['here', 2]);
  });

  test('that is refused is not', async () => {
    let calls = 0;
    const refused = () => {
      calls += 1;
      return Promise.reject(new Error('refused'));
    };
    await expect(retryOnce(60_000, refused)).rejects.toThrow('refused');
    expect(calls).toBe(1);
  });

  test('without a reply twice fails', async () => {
    await expect(retryOnce(60, noReply)).rejects.toThrow('deadline');
  });
});
