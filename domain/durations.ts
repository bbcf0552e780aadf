import { DateTime, Duration } from 'luxon';

/** An ISO 8601 duration, such as `PT10M` or `P2Y`. */
export type IsoDuration = string;

// Longer durations exceed the range of dates, and instants become NaN.
const maxDurationMs = Duration.fromObject({ years: 100 }).toMillis();

/**
 * Whether a text is an ISO 8601 duration above zero and of at most a hundred years. Minus signs are not allowed:
 * `P1M-29D` is positive in January and negative in February.
 */
export const isDuration = (text: string): boolean => {
  const duration = Duration.fromISO(text);
  return (
    duration.isValid && !text.includes('-') && duration.toMillis() > 0 && duration.toMillis() <= maxDurationMs
  );
};

/**
 * The instant (ms) a duration after another. Years and months are calendar ones, reckoned in UTC so that every
 * worker agrees whatever its time zone: two years from 29 February end on 28 February.
 */
export const after = (instantMs: number, duration: IsoDuration): number =>
  DateTime.fromMillis(instantMs, { zone: 'utc' }).plus(Duration.fromISO(duration)).toMillis();

/** The instant (ms) a duration before another; the calendar as in `after`. */
export const before = (instantMs: number, duration: IsoDuration): number =>
  DateTime.fromMillis(instantMs, { zone: 'utc' }).minus(Duration.fromISO(duration)).toMillis();

/** Whole minutes of a duration, as an SMS states them: never more than it has, but one at least. */
export const wholeMinutes = (duration: IsoDuration): number =>
  Math.max(1, Math.floor(lengthMs(duration) / 60_000));

/** A duration's length in ms, for timers and windows of at most weeks (a month counts as 30 days). */
export const lengthMs = (duration: IsoDuration): number => Duration.fromISO(duration).toMillis();
