/**
 * The one table of numbers: tries, periods and lifetimes, each with its unit, what it counts and who says so.
 *
 * Durations are ISO 8601. A deployment may lay a policy file over this table (`domain/policy.ts`); nowhere else is
 * a number compared with tries or time. Workflows never import this file: each message that opens something (a
 * code, a visit) carries the numbers it is to live by, so that a changed limit moves no clock that is running.
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
  /** A session: unused, and whatever is done with it. [NIST-B] 2.2.3, tighter. */
  session: { idle: 'PT15M', absolute: 'PT1H' },
  /** Texts with a code to one phone, counted apart for visits begun with the activation code and with the password. Ours. */
  textsPerPhone: { tries: 10, per: 'P1D' },
  /** Texts handed to the provider a second, by all workers together. Ours: a sender of one's own may be allowed fewer. */
  textsPerSecond: 100,
  /** Requests from one address (IPv6 by /64). Ours. */
  requestsPerIp: { tries: 300, per: 'PT1M' },
  /** Starts from one address: POST /activations, /password-resets, /sessions. Ours. */
  startsPerIp: { tries: 30, per: 'PT10M' },
  /** Different national ids on which one address may fail to sign in. Ours. */
  failedIdsPerIp: { tries: 20, per: 'P1D' },
  /** Every refusal of a start leaves at a multiple of this after its arrival, so that its time says nothing. Ours. */
  refusalTime: 'PT0.1S',
  /** How long a finished journey can be read, and a sealed answer to an Idempotency-Key repeated. Ours. */
  finishedJourney: { readable: 'P1D' },
  idempotency: { kept: 'P1D' },
  /** How long the audit trail is kept. Ours; [ENS] op.exp.8 asks that a period be set. */
  auditTrail: { kept: 'P5Y' },
  /**
   * What is removed once it is due (`activities/upkeep.ts`): how often that is looked for, how many rows one statement
   * takes, and how long things stay. All ours.
   */
  upkeep: {
    every: 'PT15M',
    batch: 1_000,
    /** A password or act that was staged and never taken: no message lives that long. */
    staged: 'PT1H',
    /** A session after its end: a journey begun in it rests on its row. */
    sessions: 'P1D',
    /** From where a call came that left nothing in the trail: longer than a journey, whose events refer to its call. */
    requests: 'P2D',
    /** What was texted when: as long as a provider may be asked about it. */
    texts: 'P30D',
    /**
     * Wrong entries under data that match nobody, since the last of them. By then a real code that was blocked has
     * probably been replaced at an office: the sequence goes on saying nothing.
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
