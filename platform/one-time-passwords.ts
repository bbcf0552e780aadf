import type { Fingerprint } from '../domain/fingerprint.ts';
import type { JourneyKind } from '../domain/journeys.ts';
import { otpFrom } from '../domain/one-time-password.ts';
import type { KeyRing } from './secrets.ts';

/** Identifies an SMS code: its journey, and its number among that journey's codes, from 1. */
export interface OtpIdentity {
  readonly journeyId: string;
  readonly kind: JourneyKind;
  readonly number: number;
}

/**
 * The digits of an SMS code. They are derived and never stored, so a retried send has the same digits; the journey's id, 128
 * random bits, makes them independent of those of other journeys. `keyId`: the first key of the ring when the code was made.
 */
export const otpDigits = (ring: KeyRing, { journeyId, kind, number }: OtpIdentity, keyId: string): string =>
  otpFrom(ring.mac('otp', [journeyId, kind, String(number)], keyId));

/** The keyed fingerprint of an SMS code, which the workflow compares with entries. */
export function otpFingerprint(ring: KeyRing, name: OtpIdentity): Fingerprint {
  return ring.fingerprint('otp-fingerprint', [name.journeyId, otpDigits(ring, name, ring.currentKeyId)]);
}
