import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { stopRequests } from './stop-requests.ts';

test('only a second Ctrl-C is a second request: npm’s end, or the same Ctrl-C from npm, is none', async () => {
  let seconds = 0;
  const { stopSignal, forget } = stopRequests(() => {
    seconds += 1;
  });
  try {
    process.emit('SIGINT', 'SIGINT');
    process.emit('SIGINT', 'SIGINT');
    expect(stopSignal.aborted).toBe(true);
    await sleep(350);
    process.emit('SIGTERM', 'SIGTERM');
    expect(seconds).toBe(0);
    process.emit('SIGINT', 'SIGINT');
    expect(seconds).toBe(1);
  } finally {
    forget();
  }
});
