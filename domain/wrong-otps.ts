import { after, type IsoDuration } from './durations.ts';

/** The limits of wrong SMS codes of one citizen, over all journeys or identifications begun with the same proof. */
export interface WrongOtpLimits {
  readonly perPeriod: { readonly max: number; readonly per: IsoDuration };
  /** Without a right one among them. */
  readonly consecutive: { readonly max: number };
}

/** Wrong SMS codes of one citizen over all journeys, or identifications, begun with the same proof. */
export interface WrongOtpCounts {
  /** In the period that ends at `periodEndsAtMs`. */
  readonly wrongInPeriod: number;
  readonly periodEndsAtMs: number;
  /** Since the last right one. */
  readonly consecutiveWrong: number;
}

/**
 * The Retry-After of a block that has no end in time: a registration act lifts it, or after a password a completed reset.
 * It is no limit. A day keeps a front-end from repeating the request, and is the period of the other limit.
 */
const retryAfterBlock = 'P1D';

/**
 * The instant (ms) from which another SMS code may be requested or entered; undefined if it may be now. Too many wrong
 * codes without a right one are reset by a registration act, those after a password by a completed reset too ([NIST] 3.2.2).
 */
export function otpBlockedUntilMs(
  { consecutiveWrong, wrongInPeriod, periodEndsAtMs }: WrongOtpCounts,
  { perPeriod, consecutive }: WrongOtpLimits,
  nowMs: number,
): number | undefined {
  if (consecutiveWrong >= consecutive.max) return after(nowMs, retryAfterBlock);
  return wrongInPeriod >= perPeriod.max && nowMs < periodEndsAtMs ? periodEndsAtMs : undefined;
}
