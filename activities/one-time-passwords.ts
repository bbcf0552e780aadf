import type { Fingerprint } from '../domain/fingerprint.ts';
import type { JourneyKind } from '../domain/journeys.ts';
import { otpFrom } from '../domain/one-time-password.ts';
import type { KeyRing } from '../platform/secrets.ts';

/** Which code: the how-manieth of which journey. */
export interface OtpIdentity {
  readonly journeyId: string;
  readonly kind: JourneyKind;
  readonly number: number;
}

/**
 * The digits of a code, derived and never stored: a retried send has the same ones, and no two journeys share any, since
 * a journey's id is 128 random bits. `keyId`: the key that was first when the code was made.
 */
export const otpDigits = (ring: KeyRing, { journeyId, kind, number }: OtpIdentity, keyId: string): string =>
  otpFrom(ring.mac('otp', [journeyId, kind, String(number)], keyId));

/** What the workflow keeps of a code. */
export function otpFingerprint(ring: KeyRing, name: OtpIdentity): Fingerprint {
  return ring.fingerprint('otp-fingerprint', [name.journeyId, otpDigits(ring, name, ring.currentKeyId)]);
}
