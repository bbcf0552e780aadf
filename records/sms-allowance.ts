import type { Queries, RawTransaction } from '../platform/database.ts';
import type { KeyRing } from '../platform/secrets.ts';

/** What a text is counted against, as the workflow's policy says. */
export interface SmsAllowance {
  /** Visits begun with the code and with the password are counted apart, so that one can't use up the other's. */
  readonly proof: 'code' | 'password';
  readonly max: number;
  /** End of the period if this text opens one (ms). */
  readonly endsAtMs: number;
}

/** The row of one phone. Keyed by the first key of the ring: a change of key merely opens a new period. */
export const allowanceKey = (ring: KeyRing, phone: string, proof: SmsAllowance['proof']): string =>
  ring.mac('phone', [phone, proof]).toString('base64url');

/** Takes one text from the allowance in one statement. Returns undefined, or the instant (ms) from which there is more. */
export async function takeSms(
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

/** Gives one text back: the provider never took it. */
export const giveBackSms = (db: Pick<Queries, 'textAllowance'>, key: string) =>
  db.textAllowance.updateMany({ where: { key, used: { gt: 0 } }, data: { used: { decrement: 1 } } });
