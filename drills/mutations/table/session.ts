import type { Mutation } from '../mutation.ts';

const signIn = 'test/identification/sign-in.test.ts';
const substantial = 'test/identification/sign-in.substantial.test.ts';
const identificationRaces = 'test/identification/identification.races.test.ts';
const access = 'test/activities/access.test.ts';
const assurance = 'domain/assurance.test.ts';

/** Promises 20 to 22. */
export const sessionMutations: readonly Mutation[] = [
  {
    promise: '20',
    name: 'the-idle-limit-is-the-absolute-one',
    file: 'api/identification/sessions.ts',
    before: 'before(clock.now(), policy.session.idle)',
    after: 'before(clock.now(), policy.session.absolute)',
    tests: [signIn],
  },
  {
    promise: '20',
    name: 'each-use-moves-the-absolute-limit',
    file: 'api/identification/sessions.ts',
    before: 'SET "lastUsedAt" = $2\n',
    after: 'SET "lastUsedAt" = $2, "endsAt" = greatest("endsAt", $2::timestamptz + interval \'1 hour\')\n',
    tests: [signIn],
  },
  {
    promise: '20',
    name: 'tokens-are-stored-as-they-are',
    file: 'platform/secrets.ts',
    before: "createHash('sha256').update(token).digest('base64url');",
    after: 'token;',
    tests: [signIn],
  },
  {
    promise: '20',
    name: 'every-sign-in-has-the-token-of-its-journey',
    file: 'api/identification/sessions.ts',
    before: "token: randomness.token('session'),\n  browserToken",
    after: "token: randomness.token('journey'),\n  browserToken",
    tests: [substantial],
  },
  {
    promise: '20a',
    name: 'a-revoked-key-leaves-its-desk-session',
    file: 'records/desk-sessions.ts',
    before: ' AND officer."revokedAt" IS NULL',
    after: '',
    tests: ['test/office/desk-sessions.test.ts'],
  },
  {
    promise: '20a',
    name: 'the-desk-stays-open-after-signing-out',
    file: 'records/desk-sessions.ts',
    before: 'await tx.deskSession.deleteMany({ where: { id } });',
    after: '',
    tests: ['test/office/desk-sessions.test.ts', 'test/portal/desk.test.ts'],
  },
  {
    promise: '21',
    name: 'a-reset-ends-no-session',
    file: 'activities/passwords.ts',
    before: 'AND id IS DISTINCT FROM $2::uuid)',
    after: 'AND id <> $2::uuid)',
    tests: [access],
  },
  {
    promise: '21',
    name: 'a-registration-act-ends-no-session',
    file: 'activities/registration-statements.ts',
    before: `endSessionsStatement(citizenId),
    {`,
    after: '{',
    tests: [identificationRaces],
  },
  {
    promise: '21',
    name: 'an-unsubscription-leaves-sessions',
    file: 'records/closures.ts',
    before: `await endSessions(tx, citizenId);
  await voidIdentifications(`,
    after: 'await voidIdentifications(',
    tests: [access, 'test/permanente/races.test.ts'],
  },
  {
    promise: '21',
    name: 'a-block-leaves-the-sign-in-under-way',
    file: 'api/identification/password-attempts.ts',
    before: "endIdentificationsStatement(citizenId, 'blocked', now),",
    after: '',
    tests: [substantial, identificationRaces],
  },
  {
    promise: '21',
    name: 'a-suspension-leaves-sessions',
    file: 'records/closures.ts',
    before: `await endIdentifications(tx, citizenId, 'blocked', at);
  await endSessions(tx, citizenId);`,
    after: "await endIdentifications(tx, citizenId, 'blocked', at);",
    tests: [access, 'test/office/suspension.test.ts'],
  },
  {
    promise: '21a',
    name: 'a-session-of-an-unknown-kind-is-open',
    file: 'records/sessions.ts',
    before: 'ELSE false END`;',
    after: 'ELSE true END`;',
    tests: [signIn],
  },
  {
    promise: '21a',
    name: 'a-session-rests-on-whatever-password-there-is',
    file: 'records/sessions.ts',
    before: 'WHERE id = session."credentialId" AND',
    after: 'WHERE "citizenId" = session."citizenId" AND',
    tests: [signIn],
  },
  {
    promise: '21a',
    name: 'an-unknown-level-is-the-highest',
    file: 'domain/assurance.ts',
    before: "level === 'advanced' ? 'advanced' : 'basic'",
    after: "level === 'basic' ? 'basic' : 'advanced'",
    tests: [assurance],
  },
  {
    promise: '21a',
    name: 'the-level-does-not-bound-the-assurance',
    file: 'domain/assurance.ts',
    before: "'password-sms': { basic: 'basic',",
    after: "'password-sms': { basic: 'substantial',",
    tests: [assurance, substantial],
  },
  {
    promise: '22',
    name: 'the-access-before-is-this-one',
    file: 'records/sessions.ts',
    before: 'RETURNING before."lastAccessAt"),',
    after: 'RETURNING citizen."lastAccessAt"),',
    tests: [signIn],
  },
  {
    promise: '22',
    name: 'a-sign-in-with-an-sms-code-shows-no-access',
    file: 'api/identification/identification-kinds.ts',
    before: '...insertedSession(rows as readonly InsertedSession[]) }),',
    after: '...insertedSession(rows as readonly InsertedSession[]), previousAccessAt: null }),',
    tests: [substantial],
  },
];
