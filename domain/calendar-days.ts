import { DateTime } from 'luxon';

/** The zone of every date and hour that people read: peninsular time, whatever the zone of the server. */
export const peninsularTimeZone = 'Europe/Madrid';

const dayMs = 86_400_000;

/** The number of a calendar day: of consecutive days, consecutive numbers. */
function dayNumber(instantMs: number): number {
  const { year, month, day } = DateTime.fromMillis(instantMs, { zone: peninsularTimeZone });
  return Date.UTC(year, month - 1, day) / dayMs;
}

/**
 * Days from one instant (ms) to another as people count them on a calendar: 0 is the same date, 1 the next one, however
 * many hours lie between. Every text that states days uses it, so that none contradicts another or the date beside it.
 */
export const calendarDaysBetween = (fromMs: number, toMs: number): number =>
  dayNumber(toMs) - dayNumber(fromMs);
