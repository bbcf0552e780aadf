import { z } from 'zod';
import { everyMeans } from '../../domain/assurance.ts';
import { certificateRefusals } from '../../domain/certificates/certificate-refusals.ts';
import { languages } from '../../domain/languages.ts';
import { limits } from '../../domain/limits.ts';
import type { SealedCookie, SealedCookieFamily } from '../../web/http/sealed-cookie.ts';

const formErrors = z.object({
  /** The page on which they are shown, and the language in which the API has answered. */
  step: z.enum(['sign-in', 'journey', 'confirmation']),
  language: z.enum(languages),
  list: z.array(
    z.object({
      field: z.string().optional(),
      target: z.string().optional(),
      text: z.string(),
      brief: z.string().optional(),
    }),
  ),
  /** The nonce with which the form is sent again: after a 503 its idempotency key must not change. */
  nonce: z.string().optional(),
  /** The codes of the rules that a refused password breaks. */
  broken: z.array(z.string()).optional(),
  /** Whether national id or password were refused. */
  isRefused: z.boolean().optional(),
});

const notices = [
  ...['renewed', 'session-ended', 'step-up'],
  ...['too-many-otps', 'timed-out', 'superseded', 'blocked'],
] as const;

/** Why a visit to the certificate listener led to nothing: the certificate, or that it was over or the API did not answer. */
const certificateFailures = [...certificateRefusals, 'ended', 'unavailable'] as const;
export type CertificateFailure = (typeof certificateFailures)[number];

const flowState = z.object({
  /** For the pages of a request that can no longer be found. */
  party: z.object({ name: z.string(), homeUrl: z.string() }),
  expiresAtMs: z.number(),
  /** Why the citizen is on the first page again. */
  notice: z.enum(notices).optional(),
  /** What was typed or chosen on the first page; no password. */
  nationalId: z.string().optional(),
  means: z.string().optional(),
  /** The means that the API has not found enough, whatever the pages expected. */
  insufficient: z.array(z.enum(everyMeans)).optional(),
  /** The registration of the citizen is not enough, whatever the means. */
  isRegistrationTooLow: z.boolean().optional(),
  /** There is none: a certificate identifies without one, but not where the relying party asks for it. */
  isNotRegistered: z.boolean().optional(),
  session: z
    .object({ token: z.string(), means: z.enum(everyMeans), previousAccess: z.string().nullable() })
    .optional(),
  journey: z
    .object({ id: z.string(), token: z.string(), isRenewal: z.boolean(), isResent: z.boolean().optional() })
    .optional(),
  /** A visit to the certificate listener: the token of its ticket, and why the last certificate was refused. */
  certificate: z
    .object({
      ticket: z.string(),
      token: z.string(),
      olderCardUrl: z.string(),
      refusal: z.enum(certificateFailures).optional(),
    })
    .optional(),
  errors: formErrors.optional(),
});

/** Where a flow is in this browser. The gateway stores none of it. */
export type FlowState = z.infer<typeof flowState>;
export type Notice = (typeof notices)[number];
export type StepErrors = NonNullable<FlowState['errors']>;

/** The flows of this browser, by the id of their request: one for each tab. */
export const flowCookie: SealedCookieFamily<FlowState> = {
  name: 'gateway-flow',
  sameSite: 'lax',
  max: 5,
  schema: flowState,
};

/** The flow of each visit to the certificate listener, by the id of its ticket: the browser comes back with that only. */
export const certificateVisitCookie: SealedCookieFamily<string> = {
  name: 'gateway-certificate',
  sameSite: 'lax',
  max: 5,
  schema: z.string(),
};

/** The language that was chosen on a page. */
export const languageCookie: SealedCookie<(typeof languages)[number]> = {
  name: 'gateway-language',
  sameSite: 'lax',
  schema: z.enum(languages),
};

/** The tokens by which the API knows this browser, one for each citizen who has identified here (docs/adr/0044). */
export const browserCookie: SealedCookieFamily<string> = {
  name: 'gateway-browser',
  sameSite: 'lax',
  life: limits.knownBrowser.life,
  max: 4,
  schema: z.string(),
};
