import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../platform/database.ts';

/** Of the bucket, what notices leave for codes; where that is less than one SMS, codes come first by asking more often. */
const reservedForCodes = 0.2;
const codePauseMs = 25;
const noticePauseMs = 200;
/** Within the timeout of an attempt (`workflows/proxies.ts`) together with the provider's. */
const patienceMs = 1_500;

/**
 * Waits for a place in the rate of SMS that all processes share (`policy.smsPerSecond`). Codes come before notices.
 * Returns false if none was free in time.
 */
export async function waitForSmsToken(
  db: Pick<Database, 'pool'>,
  perSecond: number,
  isCode: boolean,
): Promise<boolean> {
  const reserved = isCode ? 0 : Math.min(perSecond * reservedForCodes, perSecond - 1);
  const deadline = performance.now() + patienceMs;
  for (;;) {
    if (await takeSmsToken(db, perSecond, reserved)) return true;
    if (performance.now() > deadline) return false;
    await sleep(isCode ? codePauseMs : noticePauseMs);
  }
}

const filled =
  'least($1::float8, bucket.tokens + extract(epoch FROM clock_timestamp() - bucket.at)::float8 * $1::float8)';

/** Takes one SMS from the bucket, which fills at `perSecond` and holds a second's worth. Its clock is the database's. */
async function takeSmsToken(
  { pool }: Pick<Database, 'pool'>,
  perSecond: number,
  reserved: number,
): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'take-sms-token',
    text: `
      INSERT INTO "SmsRate" AS bucket (id, tokens, at) VALUES (1, $1::float8 - 1, clock_timestamp())
      ON CONFLICT (id) DO UPDATE SET at = clock_timestamp(), tokens = ${filled} - 1
      WHERE ${filled} >= 1 + $2::float8`,
    values: [perSecond, reserved],
  });
  return rowCount === 1;
}
