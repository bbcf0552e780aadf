import type { Work } from './bare-statements.ts';

/*
 * The statements and round trips of one activation, counted on the connections of the product's API and worker while one
 * citizen was registered and activated. A statement that writes no row (a DELETE or UPDATE that finds none, a lock) counts
 * as a SELECT, one that writes several rows as one INSERT or UPDATE. BEGIN is sent with the first statement; COMMIT is a
 * round trip without a statement.
 *
 *                           times   round trips   statements   of which write
 *   registration: request       1             6            6                4
 *                 activity      1             3            8                3
 *   code:         request       1             4            4                3
 *                 activity      1             5            4                3
 *                 SMS           1             4            4                3
 *   SMS code:     request       1             3            3                2
 *                 activity      1             1            1                1
 *   password:     request       1             6            6                3
 *                 activity      1             3            9                3
 *   notice: SMS                 2             5            5                4
 *   status callback: sent       3             1            1                0
 *                    delivered  3             1            1                1
 *   together                                 51           61               36
 */

/** By the API, for each request and each status callback. */
export const requestStatements = {
  /** Limit of the address, officer, origin, citizen, act (two). */
  registration: { selects: 2, inserts: 2, updates: 2 },
  /** Two limits of the address, origin, citizen. */
  code: { selects: 1, inserts: 1, updates: 2 },
  /** Limit, journey, origin. */
  otp: { selects: 1, inserts: 1, updates: 1 },
  /** The same, citizen, the password in force, the hash that is staged. */
  password: { selects: 3, inserts: 2, updates: 1 },
  sent: { selects: 1 },
  delivered: { updates: 1 },
} as const satisfies Record<string, Work>;

/** By the worker, for each activity. */
export const activityStatements = {
  /** Lock and everything that is read; citizen, ends of what was open (three), act, audit event. */
  applyRegistration: { transaction: [{ selects: 2 }, { selects: 3, inserts: 2, updates: 1 }] },
  openJourney: { transaction: [{ selects: 1 }, { inserts: 1 }, { inserts: 1 }, { inserts: 1 }] },
  confirmPhone: { updates: 1 },
  /** Lock and everything that is read; ends of what was open (four), password, audit event, journey. */
  savePassword: { transaction: [{ selects: 2 }, { selects: 4, inserts: 2, updates: 1 }] },
  /** SMS, rate, attempt, outcome. */
  sendOtp: { selects: 1, updates: 3 },
  /** The same, and the SMS's row. */
  sendNotice: { selects: 1, inserts: 1, updates: 3 },
} as const satisfies Record<string, Work>;
