import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, test } from '@jest/globals';
import { createAdmission } from './admission.ts';

/** An admission control of one slot under a clock of the test, and how to begin a request. */
function oneSlot() {
  let nowMs = 0;
  const admission = createAdmission({
    maxConcurrent: 1,
    deadlineMs: 60_000,
    maxBodyBytes: 1_000,
    maxArrivingBytes: 1_000,
    isExempt: () => false,
    refuse: () => {},
    now: () => nowMs,
  });
  const listener = admission.admit(() => {});
  /** @returns what ends the request */
  const begin = (): (() => void) => {
    const response = new EventEmitter();
    const request = { headers: {}, socket: new EventEmitter() };
    listener(request as unknown as IncomingMessage, response as unknown as ServerResponse);
    return () => response.emit('close');
  };
  const after = (ms: number) => {
    nowMs += ms;
    return admission.isExhausted;
  };
  return { admission, begin, after };
}

test('is exhausted after half a minute without a free slot, and not before', () => {
  const { begin, after } = oneSlot();
  const end = begin();
  expect([after(0), after(29_999), after(1)]).toEqual([false, false, true]);
  end();
  // A slot that is free for a moment is taken by the next request of a flood.
  expect([after(0), after(999)]).toEqual([true, true]);
  expect(after(1)).toBe(false);
});

test('moments with a free slot do not begin the half minute anew, a second does', () => {
  const { begin, after } = oneSlot();
  for (let second = 0; second < 30; second += 1) {
    const end = begin();
    expect(after(900)).toBe(false);
    end();
    after(100);
  }
  const last = begin();
  expect(after(0)).toBe(true);
  last();

  const other = oneSlot();
  for (let second = 0; second < 40; second += 1) {
    const end = other.begin();
    expect(other.after(900)).toBe(false);
    end();
    other.after(1_000);
  }
});

test('tells how many requests it has, and how many it has refused', () => {
  const { admission, begin } = oneSlot();
  const end = begin();
  begin();
  expect([admission.inProgress, admission.free, admission.refused]).toEqual([1, 0, 1]);
  end();
  expect([admission.inProgress, admission.free, admission.refused]).toEqual([0, 1, 1]);
});
