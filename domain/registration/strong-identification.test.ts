import { describe, expect, test } from '@jest/globals';
import { strongIdentification } from './strong-identification.ts';

const at = (text: string): number => Date.parse(text);
const periods = { renewal: 'P5Y', reminder: 'P60D' };

describe('an identification in person', () => {
  test('is due after five calendar years, and reminded of sixty days before', () => {
    const atMs = at('2024-02-29T10:00:00Z');
    expect(strongIdentification({ atMs, by: 'dnie' }, periods, atMs)).toEqual({
      ...{ atMs, by: 'dnie' },
      dueAtMs: at('2029-02-28T10:00:00Z'),
      reminderAtMs: at('2028-12-30T10:00:00Z'),
    });
  });

  test('that comes to a workflow too late for its reminder has none', () => {
    const atMs = at('2021-01-01T00:00:00Z');
    const late = strongIdentification({ atMs, by: 'office' }, periods, at('2025-12-01T00:00:00Z'));
    expect(late).toEqual({ atMs, by: 'office', dueAtMs: at('2026-01-01T00:00:00Z') });
  });

  test('without periods has no clock', () => {
    expect(strongIdentification({ atMs: 1, by: 'office' }, undefined, 1)).toEqual({ atMs: 1, by: 'office' });
  });
});
