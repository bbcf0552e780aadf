const dayMs = 86_400_000;

/** The instants of one signing key. */
export interface KeyInstants {
  readonly number: number;
  readonly signsFrom: Date;
  readonly signsUntil: Date;
  /** Until when it is in the key set, and verifies. */
  readonly retiresAt: Date;
}

/**
 * A key is in the key set for two days before it signs, so that every relying party has fetched it, and for thirty days
 * after, so that what it signed can be verified (docs/adr/0050).
 */
export const keySchedule = { publishedBeforeDays: 2, signsDays: 90, verifiesDays: 30 } as const;

/** The next key to be made is made so long (ms) before it must be published. */
const leadMs = dayMs;

/** The first key signs from so long ago (ms): another process, whose clock is behind, must not find it in the future. */
const clockSkewMs = 300_000;

const instantsFrom = (number: number, fromMs: number): KeyInstants => {
  const untilMs = fromMs + keySchedule.signsDays * dayMs;
  return {
    number,
    signsFrom: new Date(fromMs),
    signsUntil: new Date(untilMs),
    retiresAt: new Date(untilMs + keySchedule.verifiesDays * dayMs),
  };
};

/** The key of one algorithm that signs: the newest that has begun. One that is overdue signs until its successor does. */
export const signingKey = <Key extends KeyInstants>(keys: readonly Key[], nowMs: number): Key | undefined =>
  keys
    .filter(({ signsFrom, retiresAt }) => signsFrom.getTime() <= nowMs && retiresAt.getTime() > nowMs)
    .sort((a, b) => b.signsFrom.getTime() - a.signsFrom.getTime())[0];

/** The key that must be made now, of one algorithm, if any. `keys`: those that there are and can be opened. */
export function nextKey(
  keys: readonly KeyInstants[],
  highestNumber: number,
  nowMs: number,
): KeyInstants | undefined {
  const number = highestNumber + 1;
  const current = signingKey(keys, nowMs);
  // Nothing signs: the first key, or the gateway has not run for months.
  if (!current) return instantsFrom(number, nowMs - clockSkewMs);
  if (keys.some(({ signsFrom }) => signsFrom.getTime() > nowMs)) return undefined;
  const publishedBeforeMs = keySchedule.publishedBeforeDays * dayMs;
  const endsMs = current.signsUntil.getTime();
  if (nowMs < endsMs - publishedBeforeMs - leadMs) return undefined;
  return instantsFrom(number, Math.max(endsMs, nowMs + publishedBeforeMs));
}
