/**
 * The table of limits: attempts, periods and lifetimes, each with its unit, scope and source.
 *
 * Each entry names the file that enforces it, and its name in the code (`Policy`) where that differs. `tries` is a number
 * `tolerated`, where the next wrong entry has the effect, or a `max`, the last one allowed: the entry says which.
 * Durations are ISO 8601. A policy file of a deployment overrides entries by these names, which `domain/policy.ts` maps
 * to those of the code; no other file holds a limit. Workflows never import this file: each message that opens a code or
 * a journey carries its limits, so that a changed limit does not affect running clocks.
 * Sources are the short keys of `docs/sources.md`.
 */
export const limits = {
  /**
   * Wrong activation codes tolerated since the issue of the code or the last right entry; the next wrong one blocks. [clave]
   * `tolerated`. Enforced by `workflows/activation-code.ts`; for data that match no citizen, `api/citizens/decoys.ts`.
   */
  activationCode: { tries: 5 },
  /**
   * Failed sign-ins in a row tolerated; the next one blocks the password. [clave], "in a row" is ours.
   * `tolerated`. Enforced by `api/identification/password-attempts.ts`.
   */
  signIn: { tries: 5 },
  /**
   * The SMS code of one journey. `tries`: wrong entries tolerated, shared by all its codes ([SS-activation]);
   * `life` of each code ([ASVS] 6.5.5 allows ten minutes); `sends` per journey and the pause between two, ours.
   * `tolerated` and `maxSends`. Enforced by `workflows/journey.ts`, `submit-otp.ts` and `resend-otp.ts` beside it.
   */
  otp: { tries: 3, life: 'PT10M', sends: 3, resendAfter: 'PT30S' },
  /**
   * SMS codes of a change or renewal. Wrong entries tolerated per SMS code; when they are used up the next code is sent
   * automatically, at most `codes` in all. [SS-change]
   * `tolerated` and `maxCodes`. Enforced by `workflows/journey.ts`.
   */
  changeOtp: { tries: 5, codes: 3 },
  /**
   * Wrong SMS codes of one citizen with the same proof, then 429; after a password, half of them in journeys and half in
   * identifications. Ours, under [NIST] 3.2.2. `wrongOtps.perPeriod` and `halvedWrongOtps.perPeriod`, a `max`. Enforced by
   * `workflows/otp-counts.ts` and `records/otp-counts.ts`.
   */
  otpPerCitizen: { tries: 20, per: 'P1D' },
  /**
   * Wrong SMS codes of one citizen without a right one, then no journey by SMS until a new registration act, or, after a
   * password, a password reset. [NIST] 3.2.2. `wrongOtps.consecutive`, a `max`: halved and enforced likewise.
   */
  otpWithoutRightOne: { tries: 100 },
  /** Time from its start after which an open journey ends. Ours. `journeyLife`. Enforced by `workflows/journey-runner.ts`. */
  visitLife: 'PT30M',
  /**
   * Two calendar years. [clave]; against [NIST] 3.1.1.2, see docs/adr/0004. Set by `workflows/journey-steps.ts`, enforced by
   * `workflows/clocks.ts` and at each start with the password.
   */
  passwordLife: 'P2Y',
  /** Reminders, before the expiry of a password. Ours, after [ASVS] 6.4.5. Enforced by `workflows/clocks.ts`. */
  passwordReminders: ['P30D', 'P7D', 'P1D'],
  /**
   * How long an identification in person, at an office or with the DNIe, is good for signing certificates, and when before the
   * end the one reminder is sent. [clave], "five years"; the reminder is ours. Enforced by `workflows/clocks.ts`.
   */
  identity: { renewal: 'P5Y', reminder: 'P60D' },
  /** A session's limits: unused, and in total. [NIST-B] 2.2.3, tighter. Enforced by `api/identification/sessions.ts`. */
  session: { idle: 'PT15M', absolute: 'PT1H' },
  /**
   * An officer's session at the desk of an office: unused, and in total. Ours: idle as a citizen's session, absolute a
   * working day. [ASVS] 7.3. Enforced by `records/desk-sessions.ts`.
   */
  deskSession: { idle: 'PT15M', absolute: 'PT9H' },
  /**
   * SMS codes to one phone, counted apart for journeys opened with the activation code, the password and a certificate; and as
   * many of one person who registers online, counted over all phones. Ours.
   * `smsPerPhone`, a `max`. Enforced by `records/sms-allowance.ts`.
   */
  textsPerPhone: { tries: 10, per: 'P1D' },
  /**
   * SMS submitted to the provider per second, by all processes together. Ours: a provider account may allow fewer.
   * `smsPerSecond`. Enforced by `records/sms-rate.ts`, and by the task queue for workers (`worker/workers.ts`).
   */
  textsPerSecond: 100,
  /** Requests from one address (IPv6 by /64). Ours. A `max`. Enforced by `api/http/rate-limits.ts`. */
  requestsPerIp: { tries: 300, per: 'PT1M' },
  /** Starts from one address: POST /activations, /password-resets, /sessions. Ours. A `max`. Enforced likewise. */
  startsPerIp: { tries: 30, per: 'PT10M' },
  /**
   * Different national ids on which one address may fail to sign in. Ours. A `max`. Enforced by
   * `api/identification/failed-attempt-slots.ts`.
   */
  failedIdsPerIp: { tries: 20, per: 'P1D' },
  /**
   * How long after a right sign-in its browser may try that citizen's password where the address has no more failed ids left.
   * Ours. Enforced by `api/identification/known-browser.ts`.
   */
  knownBrowser: { life: 'P90D' },
  /**
   * Uniform refusals of a start leave at a multiple of this after the request was read, so that timing reveals nothing.
   * Ours. Enforced by `api/http/serve.ts`.
   */
  refusalTime: 'PT0.1S',
  /** How long a finished journey can be read. Ours. Enforced by `api/http/authentication.ts`. */
  finishedJourney: { readable: 'P1D' },
  /** How long a sealed answer to an Idempotency-Key is repeated. Ours. Enforced by `api/http/idempotency.ts`. */
  idempotency: { kept: 'P1D' },
  /**
   * How long the audit trail is kept. Ours; [ENS] op.exp.8 asks that a period be set. Enforced by functions of the database
   * (`records/retention.ts`).
   */
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
  /**
   * Countries whose phones may be registered (ISO 3166-1 alpha-2). Ours: Spain, others by policy file.
   * Enforced by `api/http/fields.ts`, and again before each SMS.
   */
  phoneCountries: ['ES'],
  /**
   * Characters: fewest, from how many on composition is free ([clave]), and most (at least 128; never cut off).
   * Enforced by `domain/permanente/password-rules.ts`.
   */
  password: { shortest: 8, freeFrom: 16, longest: 256 },
} as const;

/** How long the desk offers the printed receipt of an activation code. Ours; no part of the policy file. */
export const receiptLife = 'PT1H';

/**
 * Pages of one address (IPv6 by /64, and 64 times as many by /48) that a process of the pages makes, files not counted. Twice what the API allows it, since
 * an office may have one address. Ours; no part of the policy file. A `max`. Enforced by `web/http/address-budget.ts`.
 */
export const pagesPerAddress = { max: 600, per: 'PT1M' } as const;

/**
 * Requests from one address that begin an identification at a process of the gateway (`GET /oidc/auth`): anybody may send them,
 * and each writes rows. A fifth of the pages, since an identification takes about five of them. Ours; no part of the policy
 * file. A `max`. Enforced by `gateway/flow/request-budgets.ts`.
 */
export const authorizationsPerAddress = { max: 120, per: 'PT1M' } as const;

/**
 * Calls of the servers of relying parties from one address, at a process of the gateway: its tokens, userinfo, pushed requests,
 * keys and discovery. A server calls for all its citizens; a hundred calls a second are some thirty identifications. Ours; no
 * part of the policy file. A `max`. Enforced by `gateway/flow/request-budgets.ts`.
 */
export const serverCallsPerAddress = { max: 6_000, per: 'PT1M' } as const;

/**
 * The limits of an IPv6 /48 network are those of one address, times this. Each of its 65,536 /64 networks has the limits of
 * an address: one owner of a whole /48 would have all of them. The factor leaves room for a mobile operator, whose /48 has
 * one citizen in each /64 (docs/adr/0010). Ours; no part of the policy file.
 */
export const wideNetworkFactor = 64;

/**
 * Requests of relying parties, whatever the protocol. Ours; no part of the policy file. `life`: what the citizen has; three SMS
 * codes fit into it (docs/adr/0052). `gracePeriod`: for so long after it a citizen who is late is led back. `abandonedAfter`:
 * when its row says that it was given up; the clocks of gateway and database may differ. Enforced by the protocols, as
 * `gateway/oidc/provider.ts`, and `gateway/flow/request-log.ts`.
 */
export const identificationRequests = {
  life: 'PT30M',
  gracePeriod: 'PT30M',
  abandonedAfter: 'PT35M',
} as const;

/**
 * What OpenID Connect issues and takes. Ours; no part of the policy file. `code`: a client redeems it at once. `idToken`: read
 * at once, too. `accessToken`: as long as an identification is readable, at most. `clientAssertion`: the longest life that a
 * client may claim, since each must be remembered. Enforced by `gateway/oidc/provider.ts`.
 */
export const oidcLifetimes = {
  code: 'PT1M',
  idToken: 'PT10M',
  accessToken: 'PT10M',
  clientAssertion: 'PT1H',
} as const;

/**
 * Identifications to relying parties. Ours; no part of the policy file. `readable`: how long the gateway can read what the
 * relying party may have (`api/gateway/read-identification.ts`). `voidable`: until how long after it an identification is
 * voided, and its relying party told (`records/party-identifications.ts`): a working day at the party's site.
 */
export const partyIdentifications = { readable: 'PT10M', voidable: 'PT12H' } as const;

/**
 * A visit to the certificate listener. Ours; no part of the policy file. `ticket`: until when certificates may be presented, and
 * how many, a `max`; `code`: how long the browser may take to carry the code back; `token`: how long a redeemed certificate
 * opens its one call, time enough to fill in a form. Enforced by `api/certificates`.
 */
export const certificateVisits = { ticket: 'PT10M', presentations: 5, code: 'PT2M', token: 'PT10M' } as const;

/**
 * What the certificate listener takes and asks. Ours; no part of the policy file. A presented certificate: its octets, its
 * names and how many may come with it, each a `max`. `clockSkew`: how far other clocks may be ahead of ours.
 * `ocspAnswer`: how old an OCSP answer may be, its octets and its time; `crl` likewise, whose age is its own.
 * Enforced by `certificates/verification` and `certificates/revocation`.
 */
export const certificateChecks = {
  certificateBytes: 16_384,
  names: 40,
  presented: 10,
  clockSkew: 'PT5M',
  ocspAnswer: { age: 'P1D', bytes: 65_536, within: 'PT4S' },
  crl: { bytes: 5_000_000, within: 'PT8S' },
} as const;
