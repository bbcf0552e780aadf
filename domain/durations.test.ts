import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  after as instantAfter,
  before as instantBefore,
  isDuration,
  lengthMs,
  wholeMinutes,
} from './durations.ts';

const at = (iso: string) => Date.parse(iso);
const iso = (ms: number) => new Date(ms).toISOString();

describe('isDuration', () => {
  test.each(['PT10M', 'P2Y', 'PT0.1S', 'P1W', 'P1DT12H', 'P100Y'])('accepts %s', (text) => {
    expect(isDuration(text)).toBe(true);
  });

  test.each([
    ['nothing', ''],
    ['words', '2 years'],
    ['a number', '600'],
    ['no parts', 'P'],
    ['a zero length', 'PT0S'],
    ['a negative length', '-PT10M'],
    ['a part that takes time away', 'P1M-29D'],
    ['less than a millisecond', 'PT0.0001S'],
    ['more than a hundred years, where calendars end', 'P300000Y'],
  ])('refuses %s', (_, text) => {
    expect(isDuration(text)).toBe(false);
  });
});

describe('the calendar', () => {
  test.each([
    [
      'two years from 29 February end on 28 February',
      '2024-02-29T10:00:00.000Z',
      'P2Y',
      '2026-02-28T10:00:00.000Z',
    ],
    [
      'four years from 29 February end on 29 February',
      '2024-02-29T10:00:00.000Z',
      'P4Y',
      '2028-02-29T10:00:00.000Z',
    ],
    [
      'two years across a leap day keep their date',
      '2026-11-23T09:00:00.000Z',
      'P2Y',
      '2028-11-23T09:00:00.000Z',
    ],
    [
      'a month from the 31st ends with the next month',
      '2026-01-31T00:00:00.000Z',
      'P1M',
      '2026-02-28T00:00:00.000Z',
    ],
    [
      'clocks put forward in Spain take no hour',
      '2026-03-28T12:00:00.000Z',
      'P1D',
      '2026-03-29T12:00:00.000Z',
    ],
  ])('%s', (_, from, duration, to) => {
    expect(iso(instantAfter(at(from), duration))).toBe(to);
  });

  test.each([
    [
      'a month before 31 March is the end of February',
      '2026-03-31T08:00:00.000Z',
      'P1M',
      '2026-02-28T08:00:00.000Z',
    ],
    [
      'a year before 29 February is 28 February',
      '2028-02-29T08:00:00.000Z',
      'P1Y',
      '2027-02-28T08:00:00.000Z',
    ],
    ['30 days before cross a month of 28', '2026-03-15T08:00:00.000Z', 'P30D', '2026-02-13T08:00:00.000Z'],
  ])('%s', (_, from, duration, to) => {
    expect(iso(instantBefore(at(from), duration))).toBe(to);
  });
});

describe('durations of a fixed length', () => {
  const units = { S: 1_000, M: 60_000, H: 3_600_000 } as const;
  const fixed = fc
    .tuple(fc.integer({ min: 1, max: 100_000 }), fc.constantFrom('S', 'M', 'H'))
    .map(([amount, unit]) => ({
      text: `PT${amount}${unit}`,
      ms: amount * units[unit as keyof typeof units],
    }));
  const instant = fc.integer({ min: at('1990-01-01T00:00:00Z'), max: at('2100-01-01T00:00:00Z') });

  test('before undoes after', () => {
    fc.assert(
      fc.property(instant, fixed, (ms, { text }) => {
        expect(instantBefore(instantAfter(ms, text), text)).toBe(ms);
      }),
    );
  });

  test('after adds their length in milliseconds', () => {
    fc.assert(
      fc.property(instant, fixed, (ms, { text, ms: length }) => {
        expect(instantAfter(ms, text)).toBe(ms + length);
        expect(lengthMs(text)).toBe(length);
      }),
    );
  });

  test.each([
    ['PT10M', 10],
    ['PT90S', 1],
    ['PT8S', 1],
    ['PT2H', 120],
  ])('%s has %s whole minutes', (duration, minutes) => {
    expect(wholeMinutes(duration)).toBe(minutes);
  });

  test('a month counts as thirty days where a plain length is asked for', () => {
    expect(lengthMs('P1M')).toBe(30 * 86_400_000);
  });
});
