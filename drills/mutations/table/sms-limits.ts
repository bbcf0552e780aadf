import type { Mutation } from '../mutation.ts';

const limits = 'test/permanente/sms-limits.test.ts';
const httpLimits = 'test/http/limits.test.ts';

/** Promises 17 and 18. */
export const smsLimitsMutations: readonly Mutation[] = [
  {
    promise: '17',
    name: 'a-journey-sends-as-many-codes-as-are-asked-for',
    file: 'workflows/resend-otp.ts',
    before: 'if (journey.sendsLeft === 0) throw workflowError(workflowErrors.tooMany, journey.deadlineMs);',
    after: '',
    tests: [limits],
  },
  {
    promise: '17',
    name: 'one-code-more-to-a-phone',
    file: 'records/sms-allowance.ts',
    before: 'WHERE allowance.used < $4 OR',
    after: 'WHERE allowance.used <= $4 OR',
    tests: [limits],
  },
  {
    promise: '17',
    name: 'sign-ins-and-resets-share-the-codes-of-a-phone',
    file: 'records/sms-allowance.ts',
    before: "ring.mac('phone', [phone, proof]).toString('base64url');",
    after: "ring.mac('phone', [phone, proof.slice(0, 0)]).toString('base64url');",
    tests: ['test/identification/sign-in.substantial.test.ts', limits],
  },
  {
    promise: '17',
    name: 'one-start-more-from-an-address',
    file: 'prisma/migrations/20261129010000_request_limits/migration.sql',
    before: 'IF counted.points <= maxima[i] THEN CONTINUE; END IF;',
    after: 'IF counted.points <= maxima[i] + 1 THEN CONTINUE; END IF;',
    tests: [httpLimits],
  },
  {
    promise: '17',
    name: 'a-malformed-request-does-not-count',
    file: 'api/http/rate-limits.ts',
    before: "(await enforceLimits(['requests'], 'any', origin, dependencies)) ?? problem;",
    after: "(await enforceLimits([], 'any', origin, dependencies)) ?? problem;",
    tests: [httpLimits],
  },
  {
    promise: '17',
    name: 'a-right-key-is-let-in-beyond-the-limit-of-guesses',
    file: 'api/http/stages.ts',
    before: 'if (spent) return end(spent);',
    after: '',
    tests: ['test/http/audited-refusals.test.ts'],
  },
  {
    promise: '17',
    name: 'pages-are-counted-for-all-addresses-together',
    file: 'web/http/address-budget.ts',
    before: "parsed.kind() === 'ipv4' ? address :",
    after: "parsed.kind() === 'ipv4' ? 'ipv4' :",
    tests: ['test/portal/surface.test.ts'],
  },
  {
    promise: '18',
    name: 'a-phone-of-a-country-that-is-no-longer-allowed',
    file: 'records/sms.ts',
    before: "if (!parsePhone(to, policy.phoneCountries).ok) return refused('country-not-allowed');",
    after: "if (!parsePhone(to, policy.phoneCountries)) return refused('country-not-allowed');",
    tests: ['test/activities/refusals.test.ts'],
  },
  {
    promise: '18',
    name: 'a-phone-of-no-country-may-be-registered',
    file: 'domain/identity/phone-number.ts',
    before: 'if (!phone.country || !countries.includes(phone.country))',
    after: 'if (phone.country && !countries.includes(phone.country))',
    tests: [limits],
  },
];
