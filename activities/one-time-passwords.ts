import type { Fingerprint } from '../domain/fingerprint.ts';
import type { JourneyKind } from '../domain/journeys.ts';
import { otpFrom } from '../domain/one-time-password.ts';
import type { KeyRing } from '../platform/secrets.ts';

/** Which code: the how-manieth of which visit. */
export interface OtpName {
  readonly visitId: string;
  readonly kind: JourneyKind;
  readonly number: number;
}

/**
 * The digits of a code, derived and never stored: a retried send has the same ones, and no two visits share any, since
 * a visit's id is 128 random bits. `keyId`: the key that was first when the code was made.
 */
export const digitsOf = (ring: KeyRing, { visitId, kind, number }: OtpName, keyId: string): string =>
  otpFrom(ring.mac('otp', [visitId, kind, String(number)], keyId));

/** What the workflow keeps of a code. */
export function fingerprintOf(ring: KeyRing, name: OtpName): Fingerprint {
  return ring.fingerprint('otp-fingerprint', [name.visitId, digitsOf(ring, name, ring.currentKeyId)]);
}
