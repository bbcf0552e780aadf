import { describe, expect, test } from '@jest/globals';
import type { Language } from '../domain/languages.ts';
import { secondsUntil as secondsInBrowser } from '../web/browser/countdown.js';
import { dateText, dateTimeText, secondsUntil } from './date-texts.ts';

const instant = '2028-11-28T15:13:00.000Z';

test.each([
  ['es', '28 de noviembre de 2028, 16:13'],
  ['ca', '28 de novembre de 2028, 16:13'],
  ['ca-valencia', '28 de novembre de 2028, 16:13'],
  ['gl', '28 de novembro de 2028, 16:13'],
  ['eu', '2028ko azaroaren 28a, 16:13'],
  ['en', '28 November 2028, 16:13'],
] as const)('an instant in %s is %s', (language: Language, text) => {
  expect(dateTimeText(instant, language)).toBe(text);
});

test('the time is that of the peninsula, also when the day differs from the one in UTC', () => {
  expect(dateTimeText('2028-06-30T22:05:00.000Z', 'es')).toBe('1 de julio de 2028, 00:05');
});

describe('Basque dates', () => {
  test.each([
    ['2026-01-01T12:00:00Z', '2026ko urtarrilaren 1a'],
    ['2030-08-11T12:00:00Z', '2030eko abuztuaren 11'],
    ['2031-12-31T12:00:00Z', '2031ko abenduaren 31'],
    ['2035-02-21T12:00:00Z', '2035eko otsailaren 21a'],
    ['2041-05-10T12:00:00Z', '2041eko maiatzaren 10a'],
    ['2040-10-05T12:00:00Z', '2040ko urriaren 5a'],
  ])('%s is written as it is read: %s', (iso, text) => {
    expect(dateText(iso, 'eu')).toBe(text);
  });
});

test('pages and their scripts round the seconds that are left up, and none is left once the time is over', () => {
  const nowMs = Date.parse('2028-11-24T16:00:00Z');
  for (const [leftMs, seconds] of [
    [120_001, 121],
    [120_000, 120],
    [1, 1],
    [0, 0],
    [-1, 0],
  ] as const) {
    const untilMs = nowMs + leftMs;
    expect(secondsUntil(new Date(untilMs).toISOString(), nowMs)).toBe(seconds);
    expect(secondsInBrowser(untilMs, nowMs)).toBe(seconds);
  }
});
