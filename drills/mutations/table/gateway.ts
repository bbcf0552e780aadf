import type { Mutation } from '../mutation.ts';

const identification = 'test/gateway/identification.test.ts';
const byCertificate = 'test/gateway/identification-by-certificate.test.ts';
const boundSession = 'test/gateway/bound-session.test.ts';
const shortfall = 'domain/gateway/shortfall.test.ts';
const subject = 'platform/pairwise-subject.test.ts';
const flow = 'test/gateway/flow.sessions.test.ts';
const voided = 'test/gateway/voided-identifications.test.ts';
const migrations = 'test/database/migrations.test.ts';
const partyFile = 'domain/gateway/party-file.test.ts';

/** Promises 44, 46 and 47, and the registry's part of 44b. */
export const gatewayMutations: readonly Mutation[] = [
  {
    promise: '44',
    name: 'the-floor-of-the-party-is-not-asked',
    file: 'domain/gateway/shortfall.ts',
    before: '!isAtLeast(levels, level, floor) || ',
    after: '',
    tests: [shortfall, identification],
  },
  {
    promise: '44',
    name: 'the-floor-of-the-request-is-not-asked',
    file: 'domain/gateway/shortfall.ts',
    before: ' || !isAtLeast(levels, level, requested)',
    after: '',
    tests: [shortfall, identification],
  },
  {
    promise: '44c',
    name: 'a-shortfall-of-a-certificate-identifies-all-the-same',
    file: 'api/gateway/identify-by-certificate.ts',
    before: 'if (missing.length > 0) return',
    after: 'if (missing.length > 3) return',
    tests: [byCertificate],
  },
  {
    promise: '44c',
    name: 'who-is-not-registered-meets-every-floor-of-registration',
    file: 'domain/gateway/shortfall.ts',
    before: '(registration === undefined || ',
    after: '(registration !== undefined && ',
    tests: [byCertificate],
  },
  {
    promise: '44c',
    name: 'a-suspended-citizen-is-a-citizen-by-certificate',
    file: 'api/gateway/identify-by-certificate.ts',
    before: ' AND citizen."suspendedAt" IS NULL',
    after: '',
    tests: [byCertificate],
  },
  {
    promise: '44',
    name: 'a-shortfall-identifies-all-the-same',
    file: 'api/gateway/identify.ts',
    before: 'if (missing.length > 0) return',
    after: 'if (missing.length > 3) return',
    tests: [identification],
  },
  {
    promise: '44',
    name: 'a-session-identifies-to-every-party',
    file: 'api/gateway/identify.ts',
    before: "if (body.relyingParty !== caller.relyingPartyId) return { problem: 'wrong-purpose' };",
    after: '',
    tests: [boundSession],
  },
  {
    promise: '44',
    name: 'a-session-outlives-its-identification',
    file: 'api/gateway/identify.ts',
    before: 'DELETE FROM "Session" WHERE id = $1::uuid',
    after: 'UPDATE "Session" SET "lastUsedAt" = "lastUsedAt" WHERE id = $1::uuid',
    tests: [identification, boundSession],
  },
  {
    promise: '44',
    name: 'a-bound-session-opens-the-account',
    file: 'api/http/authentication.ts',
    before: 'return isBound(session) ? wrongPurpose : { caller: session };',
    after: 'return { caller: session };',
    tests: [boundSession],
  },
  {
    promise: '44',
    name: 'anyone-signs-in-for-a-party',
    file: 'api/identification/sign-in.ts',
    before: 'gatewayOnly: ({ relyingParty }) => relyingParty !== undefined,',
    after: '',
    tests: [boundSession],
  },
  {
    promise: '44',
    name: 'a-session-that-is-replaced-goes-on',
    file: 'gateway/flow/sign-in.ts',
    before: 'await endSession(flow, token);',
    after: '',
    tests: [flow],
  },
  {
    promise: '47',
    name: 'every-attribute-is-told',
    file: 'domain/gateway/attributes.ts',
    before: '(name) => names.includes(name)',
    after: '() => names.length >= 0',
    tests: [identification],
  },
  {
    promise: '47',
    name: 'the-identification-of-another-party-is-told',
    file: 'api/gateway/read-identification.ts',
    before: ' AND party.id = $2 AND',
    after: ' AND $2::text IS NOT NULL AND',
    tests: [identification],
  },
  {
    promise: '47',
    name: 'an-expired-identification-is-told',
    file: 'api/gateway/read-identification.ts',
    before: 'identification."expiresAt" > $3',
    after: 'identification.at <= $3',
    tests: [identification],
  },
  {
    promise: '47',
    name: 'one-subject-for-all-sectors',
    file: 'platform/pairwise-subject.ts',
    before: 'of [sector, nationalId])',
    after: 'of [sector.slice(0, 0), nationalId])',
    tests: [subject, identification],
  },
  {
    promise: '47',
    name: 'a-subject-whose-parts-run-together',
    file: 'platform/pairwise-subject.ts',
    before: ':`).update(part);',
    after: '`.slice(0, 0)).update(part);',
    tests: [subject],
  },
  {
    promise: '47',
    name: 'a-suspension-voids-nothing',
    file: 'records/closures.ts',
    before: `await blockPassword(tx, citizenId, at);
  await voidIdentifications(tx, citizenId, at);`,
    after: 'await blockPassword(tx, citizenId, at);',
    tests: [voided],
  },
  {
    promise: '47',
    name: 'a-report-voids-nothing',
    file: 'api/identification/report-unrecognised-activity.ts',
    before: 'voidIdentificationsStatement(citizenId, now),',
    after: '',
    tests: [voided],
  },
  {
    promise: '44b',
    name: 'a-registered-address-may-be-a-pattern',
    file: 'domain/gateway/party-urls.ts',
    before: "if (text.includes('*'))",
    after: "if (text.includes('***'))",
    tests: [partyFile],
  },
  {
    promise: '44b',
    name: 'a-registered-address-may-be-http-anywhere',
    file: 'domain/gateway/party-urls.ts',
    before: "if (url.protocol === 'http:' && !isLoopback(url.hostname))",
    after: "if (url.protocol === 'http:' && url.hostname === '')",
    tests: [partyFile],
  },
  {
    promise: '46',
    name: 'the-gateway-may-read-citizens',
    file: 'prisma/grants.ts',
    before: 'const gatewayRights: Readonly<Record<string, string>> = {',
    after: "const gatewayRights: Readonly<Record<string, string>> = {\n  Citizen: 'SELECT',",
    tests: [migrations],
  },
  {
    promise: '46',
    name: 'the-gateway-may-call-what-runs-as-the-owner',
    file: 'prisma/grants.ts',
    before: 'grant(ownerUrl, gatewayUrl, gatewayRights, [])',
    after: 'grant(ownerUrl, gatewayUrl, gatewayRights, functions)',
    tests: [migrations],
  },
];
