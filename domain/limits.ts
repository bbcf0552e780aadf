/**
 * The table of limits: attempts, periods and lifetimes, each with its unit, scope and source.
 *
 * Durations are ISO 8601. A policy file of a deployment overrides entries by these names, which `domain/policy.ts` maps
 * to those of the code; no other file holds a limit. Workflows never import this file: each message that opens a code or
 * a journey carries its limits, so that a changed limit does not affect running clocks.
 * Sources are the short keys of `docs/sources.md`.
 */
export const limits = {
  /** Wrong activation codes tolerated since the issue of the code or the last right entry; the next wrong one blocks. [clave] */
  activationCode: { tries: 5 },
  /** Failed sign-ins in a row tolerated; the next one blocks the password. [clave], "in a row" is ours. */
  signIn: { tries: 5 },
  /**
   * The SMS code of one journey. `tries`: wrong entries tolerated, shared by all its codes ([SS-activation]);
   * `life` of each code ([ASVS] 6.5.5 allows ten minutes); `sends` per journey and the pause between two, ours.
   */
  otp: { tries: 3, life: 'PT10M', sends: 3, resendAfter: 'PT30S' },
  /** SMS codes of a change or renewal: wrong entries tolerated per code, and codes that are sent by themselves. [SS-change] */
  changeOtp: { tries: 5, codes: 3 },
  /** Wrong SMS codes of one citizen over all journeys, then 429. Ours, under [NIST] 3.2.2. */
  otpPerCitizen: { tries: 20, per: 'P1D' },
  /** Wrong SMS codes of one citizen without a right one, then no journey by SMS until a new registration act. [NIST] 3.2.2. */
  otpWithoutRightOne: { tries: 100 },
  /** A journey left alone ends. Ours. */
  visitLife: 'PT30M',
  /** Two calendar years. [clave]; against [NIST] 3.1.1.2, see docs/adr/0004. */
  passwordLife: 'P2Y',
  /** Reminders, before the expiry of a password. Ours, after [ASVS] 6.4.5. */
  passwordReminders: ['P30D', 'P7D', 'P1D'],
  /** A session's limits: unused, and in total. [NIST-B] 2.2.3, tighter. */
  session: { idle: 'PT15M', absolute: 'PT1H' },
  /** SMS codes to one phone, counted apart for journeys started with the activation code and with the password. Ours. */
  textsPerPhone: { tries: 10, per: 'P1D' },
  /** SMS submitted to the provider per second, by all workers together. Ours: a provider account may allow fewer. */
  textsPerSecond: 100,
  /** Requests from one address (IPv6 by /64). Ours. */
  requestsPerIp: { tries: 300, per: 'PT1M' },
  /** Starts from one address: POST /activations, /password-resets, /sessions. Ours. */
  startsPerIp: { tries: 30, per: 'PT10M' },
  /** Different national ids on which one address may fail to sign in. Ours. */
  failedIdsPerIp: { tries: 20, per: 'P1D' },
  /** Uniform refusals of a start leave at a multiple of this after the request was read, so that timing reveals nothing. Ours. */
  refusalTime: 'PT0.1S',
  /** How long a finished journey can be read, and a sealed answer to an Idempotency-Key repeated. Ours. */
  finishedJourney: { readable: 'P1D' },
  idempotency: { kept: 'P1D' },
  /** How long the audit trail is kept. Ours; [ENS] op.exp.8 asks that a period be set. */
  auditTrail: { kept: 'P5Y' },
  /**
   * Deletion of expired rows (`activities/upkeep.ts`): how often it runs, rows per statement, and how long rows are kept.
   * All ours.
   */
  upkeep: {
    every: 'PT15M',
    batch: 1_000,
    /** Staged passwords and acts that were never applied: no message is in transit that long. */
    staged: 'PT1H',
    /** Sessions after their end: a journey started in a session refers to its row. */
    sessions: 'P1D',
    /** Requests without an audit event: longer than a journey, whose later events refer to its request. */
    requests: 'P2D',
    /** Sent SMS: as long as the provider can be asked about them. */
    texts: 'P30D',
    /**
     * Decoy counts, since the last attempt. By then a blocked code of a citizen has probably been replaced at an office,
     * so the restarted sequence reveals nothing.
     */
    decoys: 'P1Y',
  },
  /** Countries whose phones may be registered (ISO 3166-1 alpha-2). Ours: Spain, others by policy file. */
  phoneCountries: ['ES'],
  /** Characters: fewest, from how many on composition is free ([clave]), and most (at least 128; never cut off). */
  password: { shortest: 8, freeFrom: 16, longest: 256 },
} as const;

/**
 * An officer's session at the desk of the pages. No part of the policy file, which only API and workers read. Ours: idle as
 * a citizen's session, and absolute a working day, so that a copied cookie expires ([ASVS] 7.3.2).
 */
export const deskSession = { idle: 'PT15M', absolute: 'PT9H' } as const;

/** How long the desk offers the printed receipt of an activation code. Ours; no part of the policy file. */
export const receiptLife = 'PT1H';
