import type { Mutation } from '../mutation.ts';

const verification = 'test/certificates/verification.test.ts';
const issuers = 'test/certificates/trusted-issuers.test.ts';
const revocation = 'test/certificates/revocation.test.ts';
const list = 'certificates/revocation/read-crl.test.ts';
const identity = 'domain/certificates/read-identity.test.ts';
const verify = 'certificates/verification/verify-certificate.ts';
const path = 'certificates/verification/validate-path.ts';
const ocsp = 'certificates/revocation/read-ocsp-answer.ts';

/** Promise 36. */
export const certificateMutations: readonly Mutation[] = [
  {
    promise: '36',
    name: 'a-list-that-nobody-signed',
    file: 'certificates/revocation/read-crl.ts',
    before: '!(await isSigned(signed, crl, issuer))',
    after: '!isSigned(signed, crl, issuer)',
    tests: [list],
  },
  {
    promise: '36',
    name: 'a-list-of-another-issuer',
    file: 'certificates/revocation/read-crl.ts',
    before: '!crl.issuer.isEqual(issuer.subject) || ',
    after: '',
    tests: [list],
  },
  {
    promise: '36',
    name: 'a-critical-extension-of-an-entry-is-ignored',
    file: 'certificates/revocation/read-crl.ts',
    before: 'hasCriticalEntry || ',
    after: '',
    tests: [list],
  },
  {
    promise: '36',
    name: 'an-expired-certificate-identifies',
    file: verify,
    before: "if (leaf.notAfter.getTime() < nowMs) return refused('expired');",
    after: '',
    tests: [verification],
  },
  {
    promise: '36',
    name: 'no-path-is-validated',
    file: verify,
    before: "return refused('bad-chain');\n    return isFor",
    after: 'return undefined;\n    return isFor',
    tests: [verification],
  },
  {
    promise: '36',
    name: 'what-cannot-be-asked-is-accepted',
    file: verify,
    before: "if (!revocation) return refused('revocation-unknown');",
    after: "if (!revocation) return refused('none-sent');",
    tests: [revocation],
  },
  {
    promise: '36',
    name: 'a-certificate-for-signing-authenticates',
    file: 'certificates/verification/key-usage.ts',
    before: 'if (!permitsDigitalSignature(certificate)) return false;',
    after: '',
    tests: [verification],
  },
  {
    promise: '36',
    name: 'a-policy-that-the-issuer-may-not-certify',
    file: path,
    before: 'if (!chain.every((issuer) => permitsPolicies(issuer, policies))) return false;',
    after: '',
    tests: [issuers],
  },
  {
    promise: '36',
    name: 'an-unknown-critical-extension-is-ignored',
    file: path,
    before: 'extensions.every(({ critical, extnID }) => !critical || knownExtensions.includes(extnID))',
    after: 'extensions.length > 0',
    tests: [verification],
  },
  {
    promise: '36',
    name: 'a-stale-answer-counts',
    file: 'certificates/revocation/status-answer.ts',
    before: ' && nextUpdate.getTime() > nowMs',
    after: '',
    tests: [revocation],
  },
  {
    promise: '36',
    name: 'anybody-answers-for-an-issuer',
    file: ocsp,
    before: 'if (isSame(candidate, issuer)) return true;',
    after: 'if (candidate) return true;',
    tests: [revocation],
  },
  {
    promise: '36',
    name: 'an-answer-to-another-request-counts',
    file: ocsp,
    before: 'if (!hasOurNonce(basic, question.nonce)) return undefined;',
    after: '',
    tests: ['test/certificates/ocsp-answers.test.ts'],
  },
  {
    promise: '36',
    name: 'any-certificate-of-the-issuer-answers-for-it',
    file: ocsp,
    before: '(keyPurposes(candidate)?.includes(ocspSigning) ?? false) &&',
    after: '',
    tests: ['test/certificates/ocsp-answers.test.ts'],
  },
  {
    promise: '36',
    name: 'an-earlier-list-counts',
    file: 'certificates/revocation/check-revocation.ts',
    before: 'number < last',
    after: 'number < 0n',
    tests: [revocation],
  },
  {
    promise: '36',
    name: 'the-alternative-name-may-say-another-id',
    file: 'domain/certificates/name-readers.ts',
    before: "const nationalId = onlyValue(alternative, 'fnmtNif');",
    after: "const nationalId = onlyValue(subject, 'serialNumber')?.replace('IDCES-', '');",
    tests: [identity, verification],
  },
  {
    promise: '36',
    name: 'redirects-are-followed',
    file: 'certificates/revocation/fetch-bounded.ts',
    before: "redirect: 'error'",
    after: "redirect: 'follow'",
    tests: ['certificates/revocation/fetch-bounded.test.ts'],
  },
];
