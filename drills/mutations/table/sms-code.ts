import type { Mutation } from '../mutation.ts';

const journeys = 'test/workflows/journeys.test.ts';
const activationRaces = 'test/permanente/activation.races.test.ts';
const identificationRaces = 'test/identification/identification.races.test.ts';
const substantial = 'test/identification/sign-in.substantial.test.ts';
const idempotence = 'test/activities/idempotence.test.ts';

/** Promises 14 to 16 and 19. */
export const smsCodeMutations: readonly Mutation[] = [
  {
    promise: '14',
    name: 'codes-lose-their-leading-zeros',
    file: 'domain/one-time-password.ts',
    before: "return String(number % 10n ** BigInt(otpDigits)).padStart(otpDigits, '0') as OneTimePassword;",
    after: 'return String(number % 10n ** BigInt(otpDigits)) as OneTimePassword;',
    tests: ['domain/one-time-password.test.ts'],
  },
  {
    promise: '14',
    name: 'a-code-of-a-sign-in-is-void-at-its-last-instant',
    file: 'domain/identification.ts',
    before: "if (nowMs > otpExpiresAtMs) return 'expired';",
    after: "if (nowMs >= otpExpiresAtMs) return 'expired';",
    tests: ['domain/identification.test.ts'],
  },
  {
    promise: '14',
    name: 'a-code-of-a-journey-does-not-expire',
    file: 'workflows/submit-otp.ts',
    before: 'if (journey.isOtpExhausted || nowMs > journey.otp.expiresAtMs)',
    after: 'if (journey.isOtpExhausted || nowMs > journey.deadlineMs)',
    tests: [journeys],
  },
  {
    promise: '14',
    name: 'a-right-code-is-taken-again',
    file: 'workflows/journey.ts',
    before: 'if (this.step !== step || this.inputs[step].value !== undefined)',
    after: "if (this.step !== step && step !== 'otp')",
    tests: [activationRaces],
  },
  {
    promise: '14',
    name: 'a-finished-sign-in-is-completed-again',
    file: 'api/identification/complete-identification.ts',
    before: 'if (!locked || locked.finishedAt || locked.otpNumber !== row.otpNumber) {',
    after: 'if (!locked || locked.otpNumber !== row.otpNumber) {',
    tests: [substantial, identificationRaces],
  },
  {
    promise: '15',
    name: 'all-journeys-have-the-same-codes',
    file: 'platform/one-time-passwords.ts',
    before: "otpFrom(ring.mac('otp', [journeyId, kind, String(number)], keyId));",
    after: "otpFrom(ring.mac('otp', [journeyId.slice(0, 0), kind, String(number)], keyId));",
    tests: ['test/permanente/activation.otp.test.ts'],
  },
  {
    promise: '15',
    name: 'all-codes-of-a-journey-are-the-same',
    file: 'platform/one-time-passwords.ts',
    before: "otpFrom(ring.mac('otp', [journeyId, kind, String(number)], keyId));",
    after: "otpFrom(ring.mac('otp', [journeyId, kind, String(number > 0)], keyId));",
    tests: ['test/permanente/activation.otp.test.ts'],
  },
  {
    promise: '15',
    name: 'a-token-opens-any-journey',
    file: 'api/http/authentication.ts',
    before: "if (row.id !== request.params['id']) return { problem: 'not-found' };",
    after: '',
    tests: ['test/permanente/activation.otp.test.ts'],
  },
  {
    promise: '16',
    name: 'another-code-brings-new-guesses',
    file: 'workflows/journey.ts',
    before: 'wrong: this.isOtpExhausted ? 0 : wrong,',
    after: 'wrong: wrong > 0 ? 0 : wrong,',
    tests: [journeys],
  },
  {
    promise: '16',
    name: 'a-right-code-clears-the-guesses-of-the-day',
    file: 'workflows/otp-counts.ts',
    before: '({ ...counts, consecutiveWrong: 0 });',
    after: '({ ...counts, wrongInPeriod: 0, consecutiveWrong: 0 });',
    tests: ['test/workflows/otp-counts.test.ts'],
  },
  {
    promise: '16',
    name: 'another-code-of-a-sign-in-brings-new-guesses',
    file: 'api/identification/resend-identification-otp.ts',
    before: '"otpSends" = "otpSends" + 1, "otpKeyId" = $2,',
    after: '"otpSends" = "otpSends" + 1, "otpWrong" = 0, "otpKeyId" = $2,',
    tests: [substantial, identificationRaces],
  },
  {
    promise: '16',
    name: 'one-guess-more-a-day-in-sign-ins',
    file: 'records/otp-counts.ts',
    before: '(counted."wrongInPeriod" < $5 OR',
    after: '(counted."wrongInPeriod" <= $5 OR',
    tests: [identificationRaces],
  },
  {
    promise: '19',
    name: 'attempts-at-an-sms-are-counted-once',
    file: 'records/sms.ts',
    before: 'SET attempts = attempts + 1 WHERE',
    after: 'SET attempts = 1 WHERE',
    tests: [idempotence, 'test/permanente/sms-failures.test.ts'],
  },
  {
    promise: '19',
    name: 'each-attempt-has-a-code-of-its-own',
    file: 'activities/sms-activities.ts',
    before: 'otpDigits(dependencies.ring, { journeyId, kind, number }, keyId);',
    after: 'otpDigits(dependencies.ring, { journeyId, kind, number: Date.now() }, keyId);',
    tests: [idempotence, 'test/permanente/sms-failures.test.ts'],
  },
];
