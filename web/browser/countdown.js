// A sentinel in the text of the page, which is replaced by the current number. It selects the plural form; its thousands
// separator varies by language.
const numberSentinel = /98[.,\s]?765/;

/** A number in words: `one` for 1, otherwise `more`, a text with the sentinel. */
export const numbered = (number, one, more) =>
  number === 1 ? one : more.replace(numberSentinel, String(number));

/** The rest of a time in words: in minutes, the last one in seconds. */
export const timeLeft = (seconds, { inMinutes, inMinute, inSeconds, inSecond }) =>
  seconds >= 60
    ? numbered(Math.floor(seconds / 60), inMinute, inMinutes)
    : numbered(seconds, inSecond, inSeconds);

/** The whole seconds until an instant, rounded up, so that a time is over when none is left. */
export const secondsUntil = (untilMs, nowMs = Date.now()) =>
  Math.max(0, Math.ceil((untilMs - nowMs) / 1_000));
