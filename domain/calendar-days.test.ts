import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { calendarDaysBetween } from './calendar-days.ts';

test.each([
  ['the same day, to its last minute', '2026-11-28T23:00:00Z', '2026-11-29T22:59:59Z', 0],
  ['a minute before midnight and a minute after it', '2026-11-29T22:59:00Z', '2026-11-29T23:01:00Z', 1],
  ['twenty hours that end on the next day', '2026-11-29T08:00:00Z', '2026-11-30T04:00:00Z', 1],
  ['a day and a minute', '2026-11-29T08:00:00Z', '2026-11-30T08:01:00Z', 1],
  ['the day of 25 hours', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', 1],
  ['the day of 23 hours', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', 1],
  ['a leap day', '2028-02-28T12:00:00Z', '2028-03-01T12:00:00Z', 2],
  ['two years', '2026-11-29T08:00:00Z', '2028-11-29T08:00:00Z', 731],
  ['the past', '2026-11-29T08:00:00Z', '2026-11-28T22:30:00Z', -1],
])('%s', (_, from, to, days) => {
  expect(calendarDaysBetween(Date.parse(from), Date.parse(to))).toBe(days);
});

test('is the difference of the dates that people read', () => {
  const instant = fc.integer({ min: Date.parse('2000-01-01'), max: Date.parse('2100-01-01') });
  const date = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Madrid' });
  fc.assert(
    fc.property(instant, instant, (from, to) => {
      const difference = Date.parse(date.format(to)) - Date.parse(date.format(from));
      expect(calendarDaysBetween(from, to)).toBe(difference / 86_400_000);
    }),
  );
});
