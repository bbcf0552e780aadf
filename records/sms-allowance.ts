import type { Proof } from '../domain/journeys.ts';
import type { Queries, RawTransaction } from '../platform/database.ts';
import type { KeyRing } from '../platform/secrets.ts';

/** The limit that an SMS counts against, as the workflow's policy sets it. */
export interface SmsAllowance {
  /** Of the journey: each proof has its own allowance. */
  readonly proof: Proof;
  readonly max: number;
  /** End (ms) of the period that this SMS opens, if none is open. */
  readonly endsAtMs: number;
}

/** The key of a phone's row. Made with the first key of the ring: a rotation opens a new period, which is tolerable. */
export const allowanceKey = (ring: KeyRing, phone: string, proof: Proof): string =>
  ring.mac('phone', [phone, proof]).toString('base64url');

/** The key of the allowance of a person who registers online, counted over all phones: any may be declared. */
export const personAllowanceKey = (ring: KeyRing, nationalId: string): string =>
  ring.mac('national-id', ['sms-allowance', nationalId]).toString('base64url');

/** Consumes one SMS, in one atomic statement. Returns undefined, or the instant (ms) at which the allowance renews. */
export async function consumeAllowance(
  tx: Pick<RawTransaction, 'query'>,
  key: string,
  { max, endsAtMs }: SmsAllowance,
  nowMs: number,
): Promise<number | undefined> {
  const taken = await tx.query({
    name: 'take-text',
    text: `
      INSERT INTO "TextAllowance" AS allowance (key, used, "endsAt") VALUES ($1, 1, $2)
      ON CONFLICT (key) DO UPDATE SET
        used = CASE WHEN allowance."endsAt" <= $3 THEN 1 ELSE allowance.used + 1 END,
        "endsAt" = CASE WHEN allowance."endsAt" <= $3 THEN $2 ELSE allowance."endsAt" END
      WHERE allowance.used < $4 OR allowance."endsAt" <= $3`,
    values: [key, new Date(endsAtMs), new Date(nowMs), max],
  });
  if (taken.rowCount === 1) return undefined;
  const { rows } = await tx.query<{ endsAt: Date }>({
    text: 'SELECT "endsAt" FROM "TextAllowance" WHERE key = $1',
    values: [key],
  });
  return rows[0]?.endsAt.getTime() ?? endsAtMs;
}

/** Refunds one SMS that the provider did not accept. */
export const refundAllowance = (db: Pick<Queries, 'textAllowance'>, key: string) =>
  db.textAllowance.updateMany({ where: { key, used: { gt: 0 } }, data: { used: { decrement: 1 } } });
