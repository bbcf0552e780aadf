import type { Mutation } from '../mutation.ts';

const everyState = 'test/http/every-state.test.ts';
const surface = 'test/http/surface.test.ts';
const portalSurface = 'test/portal/surface.test.ts';
const malformed = 'test/http/malformed.test.ts';
const idempotency = 'test/http/idempotency.test.ts';
const messages = 'test/workflows/messages.test.ts';

/** Promises 23, 24 and 26 to 30. */
export const flowMutations: readonly Mutation[] = [
  {
    promise: '23',
    name: 'a-password-out-of-step-is-staged',
    file: 'api/permanente/new-password.ts',
    before:
      "if (view.step !== 'password') return { problem: 'step-not-expected', extra: presentFor(caller, view) };",
    after: '',
    tests: [everyState],
  },
  {
    promise: '23',
    name: 'a-suspension-of-an-unsubscribed-citizen-is-kept',
    file: 'api/office/suspensions.ts',
    before: '{ where: { id: citizenId, unsubscribedAt: null } }',
    after: '{ where: { id: citizenId } }',
    tests: [everyState],
  },
  {
    promise: '23',
    name: 'a-further-code-at-the-step-of-the-password',
    file: 'workflows/resend-otp.ts',
    before: `assertInTime(message);
  const journey = citizen.journeyOf(message.journeyId);
  journey.assertStep('otp');`,
    after: `assertInTime(message);
  const journey = citizen.journeyOf(message.journeyId);
  if (journey.isFinished) journey.assertStep('otp');`,
    tests: [everyState],
  },
  {
    promise: '24',
    name: 'an-officer-may-set-a-password',
    file: 'api/registration/registrations.ts',
    before: "language: language.default('es'),",
    after: "language: language.default('es'), password: z.string().optional(),",
    tests: [surface],
  },
  {
    promise: '24',
    name: 'a-lookup-shows-the-hash',
    file: 'api/office/citizen-lookups.ts',
    before: 'passwordExpiresAt: instant.optional(),',
    after: 'passwordExpiresAt: instant.optional(), passwordHash: z.string().optional(),',
    tests: [surface],
  },
  {
    promise: '26',
    name: 'what-completes-a-journey-is-done-locally',
    file: 'workflows/proxies.ts',
    before: 'work(durableActivities as unknown as Calls);',
    after: 'work(localActivities);',
    tests: ['test/worker/worker-kill.decided.drill.test.ts', 'test/workflows/postgres-away.test.ts'],
  },
  {
    promise: '26',
    name: 'a-decision-that-cannot-be-written-is-lost',
    file: 'workflows/proxies.ts',
    before: `if (isCancellation(error)) throw error;
    return durable(work);`,
    after: `if (isCancellation(error)) throw error;
    return undefined as Result;`,
    tests: ['test/workflows/postgres-away.test.ts'],
  },
  {
    promise: '26',
    name: 'a-code-that-was-not-sent-is-given-back-a-day-later',
    file: 'activities/upkeep.ts',
    before: "const unsentAfter = 'PT1M';",
    after: "const unsentAfter = 'P1D';",
    tests: ['test/activities/upkeep.identifications.test.ts'],
  },
  {
    promise: '26',
    name: 'an-entry-that-was-counted-is-not-judged-again',
    file: 'api/identification/enter-identification-otp.ts',
    before: "if (isRepetition && reason !== 'expired') return { kind: 'counted', row };",
    after: "if (isRepetition) return { kind: 'refused', row };",
    tests: ['test/identification/identification.api-kill.drill.test.ts'],
  },
  {
    promise: '27',
    name: 'a-body-that-cannot-be-read-is-our-fault',
    file: 'api/http/error-handler.ts',
    before: "400: malformed([{ pointer: '', code: 'invalid-format' }]),",
    after: '',
    tests: [malformed],
  },
  {
    promise: '27',
    name: 'bytes-that-are-not-utf-8-are-taken',
    file: 'api/http/json-bodies.ts',
    before: 'if (!areUtf8(body))',
    after: 'if (!areUtf8(body) && body.length > 1_000)',
    tests: [malformed],
  },
  {
    promise: '27',
    name: 'an-error-is-answered-500',
    file: 'api/http/problems.ts',
    before: "'malformed-request': { status: 400,",
    after: "'malformed-request': { status: 500,",
    tests: ['drills/fuzz/fuzz.test.ts', malformed],
  },
  {
    promise: '28',
    name: 'strangers-share-the-answers-of-a-key',
    file: 'api/http/idempotency.ts',
    before: 'const caller = credential ?? bodyHash;',
    after: "const caller = credential ?? '';",
    tests: [idempotency],
  },
  {
    promise: '28',
    name: 'officers-share-the-answers-of-a-key',
    file: 'api/http/idempotency.ts',
    before: "ring.fingerprints('idempotency', [caller, path, idempotencyKey])",
    after: "ring.fingerprints('idempotency', [credential ? '' : caller, path, idempotencyKey])",
    tests: [idempotency],
  },
  {
    promise: '28',
    name: 'a-key-takes-any-body',
    file: 'api/http/idempotency.ts',
    before: "if (found.bodyDigest !== bodyDigest) return { kind: 'other-body' };",
    after: '',
    tests: [idempotency],
  },
  {
    promise: '28',
    name: 'a-repeated-entry-counts-again',
    file: 'api/identification/enter-identification-otp.ts',
    before: 'const isRepetition = row.messageIds.includes(messageId);',
    after: 'const isRepetition = false;',
    tests: ['test/identification/identification.races.test.ts'],
  },
  {
    promise: '29',
    name: 'answers-may-be-stored-and-revalidated',
    file: 'api/http/middleware.ts',
    before: "response.set('Cache-Control', 'no-store');",
    after: "response.set('Cache-Control', 'no-cache');",
    tests: [surface],
  },
  {
    promise: '29',
    name: 'answers-may-be-framed',
    file: 'api/app.ts',
    before: `directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },`,
    after: `directives: { defaultSrc: ["'none'"] },`,
    tests: [surface],
  },
  {
    promise: '29',
    name: 'forms-may-be-sent-anywhere',
    file: 'web/http/security-headers.ts',
    before: `formAction: ["'self'"],`,
    after: '',
    tests: [portalSurface],
  },
  {
    promise: '29',
    name: 'pages-may-be-framed-by-this-origin',
    file: 'web/http/security-headers.ts',
    before: `frameAncestors: ["'none'"],`,
    after: `frameAncestors: ["'self'"],`,
    tests: [portalSurface],
  },
  {
    promise: '29',
    name: 'a-page-may-move-its-base',
    file: 'web/http/security-headers.ts',
    before: `baseUri: ["'none'"],`,
    after: '',
    tests: [portalSurface],
  },
  {
    promise: '30',
    name: 'a-late-message-is-taken',
    file: 'workflows/workflow-errors.ts',
    before: 'if (Date.now() > answerByMs)',
    after: 'if (Date.now() > answerByMs + 60_000)',
    tests: [messages],
  },
  {
    promise: '30',
    name: 'a-message-may-wait-for-a-worker-for-long',
    file: 'api/citizens/citizen-client.ts',
    before: 'const acceptTimeoutMs = 2_400;',
    after: 'const acceptTimeoutMs = 60_000;',
    tests: ['test/permanente/activation.uniform.test.ts'],
  },
  {
    promise: '30',
    name: 'a-suspension-that-an-act-has-lifted-comes-into-force',
    file: 'api/citizens/suspension-outbox.ts',
    before: 'suspendedAt: { not: null }, unsubscribedAt: null };',
    after: 'unsubscribedAt: null };',
    tests: ['test/office/suspension.test.ts'],
  },
];
