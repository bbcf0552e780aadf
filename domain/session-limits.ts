import { after, type IsoDuration } from './durations.ts';

/** When a session ends unless it is used again: the idle limit after its last use, and `endsAt`, the absolute limit, at most. */
export const idleLimit = (lastUsedAtMs: number, idle: IsoDuration, endsAt: Date): Date =>
  new Date(Math.min(after(lastUsedAtMs, idle), endsAt.getTime()));
