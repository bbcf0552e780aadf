import { describe, expect, test } from '@jest/globals';
import { blockCode, countEntry, isBlocked, issueCode, matchesCode } from './activation-code.ts';

const fingerprint = { keyId: 'k1', digest: 'right' };
const code = () => issueCode({ codeId: 'code', fingerprint, tolerated: 5 }, 1_000);
const afterWrong = (times: number) =>
  Array.from({ length: times }).reduce<ReturnType<typeof code>>(
    (counted) => countEntry(counted, false),
    code(),
  );

describe('an activation code', () => {
  test('tolerates five wrong entries, and the sixth blocks it', () => {
    expect([isBlocked(afterWrong(5)), isBlocked(afterWrong(6))]).toEqual([false, true]);
  });

  test('has its count reset by the right entry', () => {
    expect(countEntry(afterWrong(5), true).wrong).toBe(0);
  });

  test('can be blocked without an entry', () => {
    expect(isBlocked(blockCode(code()))).toBe(true);
  });

  test('matches an entry under the key with which it was made, and no other digest', () => {
    expect(matchesCode(code(), [{ keyId: 'k2', digest: 'right' }, fingerprint])).toBe(true);
    expect(matchesCode(code(), [{ keyId: 'k1', digest: 'wrong' }])).toBe(false);
  });
});
