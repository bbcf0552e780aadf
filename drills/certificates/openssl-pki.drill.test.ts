import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fetchBounded } from '../../certificates/revocation/fetch-bounded.ts';
import { parseTrustFile } from '../../certificates/trust/trust-file.ts';
import { createVerifier } from '../../certificates/verification/verify-certificate.ts';
import { systemClock } from '../../domain/clock.ts';
import { makeOpensslPki, type OpensslPki } from './openssl-pki.ts';

let pki: OpensslPki;
beforeAll(async () => {
  pki = await makeOpensslPki();
});
afterAll(() => pki.close());

test('a PKI that OpenSSL alone has made works by its trust file: responder first, then list', async () => {
  const trust = parseTrustFile(pki.trustFile, { loopbackPermitted: true });
  if ('problems' in trust) throw new Error(trust.problems.join());
  const verifier = createVerifier({
    ...{ trust: trust.bundle, fetchBounded, clock: systemClock, answersKeptMs: 0 },
  });
  const identity = {
    nationalId: '12345678Z',
    givenName: 'LUCÍA',
    firstSurname: 'IBARRA',
    secondSurname: 'ROMERO',
  };
  for (const kind of ['ocsp', 'crl'] as const) {
    expect(await verifier.verify([pki.good])).toMatchObject({
      ...{ kind: 'accepted', profile: 'dnie', identity, revocation: { kind } },
    });
    expect(await verifier.verify([pki.revoked])).toEqual({ kind: 'refused', reason: 'revoked' });
    pki.stopResponder();
  }
});
