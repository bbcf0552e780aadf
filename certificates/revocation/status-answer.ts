import type { IsoDuration } from '../../domain/durations.ts';
import { after } from '../../domain/durations.ts';

/** What an answer that can be relied on says of a certificate. */
export interface StatusAnswer {
  readonly status: 'good' | 'revoked';
  readonly kind: 'ocsp' | 'crl';
  /** As it came, for the evidence. */
  readonly answer: Uint8Array;
  /** Until when it may be used again, at most (ms). */
  readonly validUntilMs: number;
}

/** Whether an answer has begun, by clocks that may differ so much, and has not ended. An answer without an end is not used. */
export const isCurrent = (
  { thisUpdate, nextUpdate }: { thisUpdate: Date; nextUpdate: Date | undefined },
  nowMs: number,
  clockSkew: IsoDuration,
): boolean =>
  thisUpdate.getTime() <= after(nowMs, clockSkew) && nextUpdate !== undefined && nextUpdate.getTime() > nowMs;
