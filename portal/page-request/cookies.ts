import { z } from 'zod';
import type { SealedCookie } from '../http/sealed-cookie.ts';

const storedCredential = z.object({
  id: z.string(),
  token: z.string(),
  isRenewal: z.boolean(),
  next: z.string().optional(),
  username: z.string().optional(),
});

/**
 * Id and token of a journey that this browser has started. `isRenewal`: a password change that an expired password started.
 * `next`: the page that was asked for before a sign-in. `username`: the national id as it was typed, for password managers.
 */
export type StoredCredential = z.infer<typeof storedCredential>;

/** The cookies of the portal, each sealed and ended with the browser. */
export const cookies = {
  /** The journeys that this browser has started, the latest first: one for each tab. */
  journeys: { name: 'journeys', sameSite: 'lax', schema: z.array(storedCredential) },
  /** The token of the session. */
  session: { name: 'session', sameSite: 'lax', schema: z.string() },
  /** An officer's key, with the instants (ms) at which the desk was opened and closes. */
  desk: {
    name: 'desk',
    sameSite: 'strict',
    schema: z.object({ key: z.string(), openedAtMs: z.number(), untilMs: z.number() }),
  },
} as const satisfies Record<string, SealedCookie<unknown>>;

export type CookieName = keyof typeof cookies;
export type CookieValue<Name extends CookieName> = z.infer<(typeof cookies)[Name]['schema']>;

// Browsers refuse cookies over 4 KiB.
const maxJourneys = 5;

/** The journeys with one more in front; the oldest is dropped. */
export const addJourney = (
  journeys: readonly StoredCredential[],
  started: StoredCredential,
): StoredCredential[] => [started, ...journeys.filter(({ id }) => id !== started.id)].slice(0, maxJourneys);
