import type { PrismaClient } from '../../prisma/generated/client.ts';

/** How many requests of a relying party ended alike in a month. */
export interface UsageRow {
  readonly clientId: string;
  readonly protocol: string;
  readonly floor: string;
  /** `under-way` for those that are not over yet. */
  readonly outcome: string;
  readonly means: string | null;
  readonly level: string | null;
  readonly requests: number;
}

/** The first instants of a month (UTC), `2026-11`, and of the next; undefined if the text is no month. */
export function monthOf(text: string): { from: Date; to: Date } | undefined {
  const [, year, month] = /^(20\d\d)-(0[1-9]|1[0-2])$/.exec(text) ?? [];
  if (!year || !month) return undefined;
  const startOf = (number: number) => new Date(Date.UTC(Number(year), number, 1));
  return { from: startOf(Number(month) - 1), to: startOf(Number(month)) };
}

/** The requests that began in a month, counted by party, floor, outcome, means and level. No row knows a person. */
export function usageOf(
  db: Pick<PrismaClient, '$queryRaw'>,
  { from, to }: { from: Date; to: Date },
): Promise<UsageRow[]> {
  return db.$queryRaw<UsageRow[]>`
    SELECT "relyingPartyId" AS "clientId", protocol, floor, coalesce(outcome, 'under-way') AS outcome, means, level,
           count(*)::int AS requests
    FROM "IdentificationRequest" WHERE "startedAt" >= ${from} AND "startedAt" < ${to}
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6`;
}
