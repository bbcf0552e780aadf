import type { Mutation } from '../mutation.ts';

const blocking = 'test/permanente/activation.blocking.test.ts';
const signInBlocking = 'test/identification/sign-in.blocking.test.ts';
const slots = 'test/identification/failed-attempt-slots.test.ts';
const messages = 'test/workflows/messages.test.ts';
const outbox = 'test/workflows/password-block-outbox.test.ts';
const problemTable = 'api/http/problems.test.ts';
const refusalTime = 'api/http/refusal-time.test.ts';
const serve = 'api/http/serve.test.ts';
const uniform = 'test/permanente/activation.uniform.test.ts';
const statements = 'test/identification/sign-in.statements.test.ts';

/** Promises 10 to 13. */
export const activationCodeMutations: readonly Mutation[] = [
  {
    promise: '10',
    name: 'a-journey-leaves-the-one-before-open',
    file: 'domain/journeys.ts',
    before: 'proofs.indexOf(proof) >= proofs.indexOf(other);',
    after: 'proofs.indexOf(proof) > proofs.indexOf(other);',
    tests: ['test/permanente/activation.races.test.ts'],
  },
  {
    promise: '10',
    name: 'a-superseded-journey-goes-on',
    file: 'workflows/citizen-state.ts',
    before: "if (supersedes(journey.proof, other.proof)) other.finish('superseded');",
    after:
      "if (supersedes(journey.proof, other.proof) && other.step === 'password') other.finish('superseded');",
    tests: ['test/permanente/activation.races.test.ts'],
  },
  {
    promise: '11',
    name: 'the-fifth-wrong-code-blocks',
    file: 'workflows/activation-code.ts',
    before: 'code.wrong > code.tolerated;',
    after: 'code.wrong >= code.tolerated;',
    tests: [blocking],
  },
  {
    promise: '11',
    name: 'a-right-code-is-counted-as-wrong',
    file: 'workflows/activation-code.ts',
    before: 'wrong: right ? 0 : code.wrong + 1,',
    after: 'wrong: code.wrong + 1,',
    tests: [blocking],
  },
  {
    promise: '11',
    name: 'a-right-password-clears-no-failures',
    file: 'api/identification/password-attempts.ts',
    before: 'if (isOutdated || password.failuresInARow > 0)',
    after: 'if (isOutdated)',
    tests: [signInBlocking],
  },
  {
    promise: '12',
    name: 'a-wrong-email-counts',
    file: 'api/permanente/activation.ts',
    before: '&& sameEmail(citizen.email, body.email);',
    after: ';',
    tests: [blocking],
  },
  {
    promise: '12',
    name: 'a-failure-does-not-keep-the-slot-of-another-attempt',
    file: 'api/identification/failed-attempt-slots.ts',
    before: 'ON CONFLICT (address, id) DO UPDATE SET failed = true`;',
    after: 'ON CONFLICT (address, id) DO NOTHING`;',
    tests: [slots, 'test/identification/sign-in.addresses.test.ts'],
  },
  {
    promise: '12',
    name: 'a-wrong-password-does-not-keep-the-slot-of-another-attempt',
    file: 'api/identification/password-attempts.ts',
    before: '...occupySlotParameters(slot),',
    after: '...occupySlotParameters(slot?.isNew ? slot : undefined),',
    tests: [slots, 'test/identification/sign-in.addresses.test.ts'],
  },
  {
    promise: '12',
    name: 'one-slot-more-than-the-policy-says',
    file: 'prisma/migrations/20261129011000_prepared_sign_ins/migration.sql',
    before: 'IF occupied > max_slots THEN',
    after: 'IF occupied > max_slots + 1 THEN',
    tests: [slots],
  },
  {
    promise: '12',
    name: 'slots-are-counted-by-several-at-once',
    file: 'prisma/migrations/20261129011000_prepared_sign_ins/migration.sql',
    before: 'PERFORM pg_advisory_xact_lock(hashtextextended(slot_address, 0));',
    after: 'PERFORM pg_advisory_xact_lock(hashtextextended(slot_id, 0));',
    tests: [slots],
  },
  {
    promise: '12',
    name: 'a-block-that-was-lifted-is-reported',
    file: 'workflows/signals.ts',
    before:
      'if (!(await localThenDurable((activities) => activities.isPasswordBlocked(passwordId)))) return;',
    after: 'await localThenDurable((activities) => activities.isPasswordBlocked(passwordId));',
    tests: [outbox],
  },
  {
    promise: '12a',
    name: 'an-entry-after-the-block-is-in-the-history',
    file: 'workflows/submit-activation-code.ts',
    before: '  if (isBlocked(citizen.code)) throw workflowError(workflowErrors.codeBlocked);',
    after: '',
    tests: [messages, blocking],
  },
  {
    promise: '12a',
    name: 'wrong-entries-outlive-a-registration-act',
    file: 'workflows/citizen-state.ts',
    before: 'code: issueCode(code, atMs) };',
    after: 'code: { ...issueCode(code, atMs), wrong: this.permanente?.code?.wrong ?? 0 } };',
    tests: [messages, blocking],
  },
  {
    promise: '12b',
    name: 'a-regeneration-lifts-the-block-of-a-code',
    file: 'workflows/regenerate-activation-code.ts',
    before: 'if (isBlocked(citizen.code) || citizen.isSuspended || citizen.password?.blocked)',
    after: 'if (citizen.isSuspended || citizen.password?.blocked)',
    tests: ['test/workflows/journeys.test.ts'],
  },
  {
    promise: '12b',
    name: 'a-regeneration-does-not-ask-about-the-password',
    file: 'activities/activation-codes.ts',
    before: 'if (isNew && password?.blockedAt) throw new Blocked();',
    after: '',
    tests: [outbox],
  },
  {
    promise: '12b',
    name: 'a-suspended-citizen-gets-a-code',
    file: 'workflows/regenerate-activation-code.ts',
    before: 'if (isBlocked(citizen.code) || citizen.isSuspended || citizen.password?.blocked)',
    after: 'if (isBlocked(citizen.code) || citizen.password?.blocked)',
    tests: ['test/workflows/journeys.test.ts'],
  },
  {
    promise: '13',
    name: 'a-refused-sign-in-leaves-at-once',
    file: 'api/http/problems.ts',
    before: "'sign-in-refused': { status: 401, uniform: true,",
    after: "'sign-in-refused': { status: 401, uniform: false,",
    tests: [problemTable],
  },
  {
    promise: '13',
    name: 'a-refused-activation-leaves-at-once',
    file: 'api/http/problems.ts',
    before: "'activation-data-refused': { status: 422, uniform: true,",
    after: "'activation-data-refused': { status: 422, uniform: false,",
    tests: [problemTable],
  },
  {
    promise: '13',
    name: 'a-refusal-does-not-wait',
    file: 'api/http/serve.ts',
    before: 'if (route.isStart && isUniform(reply)) await untilRefusalTime(',
    after: 'if (route.isStart && isUniform(reply)) void untilRefusalTime(',
    tests: [serve],
  },
  {
    promise: '13',
    name: 'a-refusal-waits-the-whole-period-after-its-work',
    file: 'api/http/serve.ts',
    before: 'refusalLeavesAtMs({ readAtMs, decidedAtMs, periodMs }) - decidedAtMs',
    after: 'refusalLeavesAtMs({ readAtMs: decidedAtMs, decidedAtMs, periodMs }) - decidedAtMs',
    tests: [serve],
  },
  {
    promise: '13',
    name: 'a-late-refusal-leaves-when-it-is-decided',
    file: 'api/http/refusal-time.ts',
    before: 'return readAtMs + periods * periodMs;',
    after: 'return Math.max(decidedAtMs, readAtMs + periodMs);',
    tests: [refusalTime],
  },
  {
    promise: '13',
    name: 'an-unknown-id-blocks-one-entry-sooner',
    file: 'api/citizens/decoys.ts',
    before: 'return (row?.wrong ?? 0) > tolerated;',
    after: 'return (row?.wrong ?? 0) >= tolerated;',
    tests: [uniform],
  },
  {
    promise: '13',
    name: 'a-wrong-code-tells-of-a-phone-that-has-passed-on',
    file: 'workflows/submit-activation-code.ts',
    before: 'workflowErrors.phoneYielded, ...(isRight ? [] : [wrongCodeEntered])',
    after: 'workflowErrors.phoneYielded',
    tests: [uniform],
  },
  {
    promise: '13',
    name: 'an-unknown-id-needs-no-worker',
    file: 'api/permanente/activation.ts',
    before: 'await readiness.probeWorker();',
    after: '',
    tests: ['test/permanente/uniform-outage.test.ts'],
  },
  {
    promise: '13',
    name: 'an-unknown-id-keeps-no-slot',
    file: 'api/identification/password-attempts.ts',
    before: 'await tx.commitWith(refuseStatement(event, shown, undefined, slot));',
    after:
      'await tx.commitWith(password ? refuseStatement(event, shown, undefined, slot) : auditStatement(event, shown));',
    tests: [statements],
  },
];
