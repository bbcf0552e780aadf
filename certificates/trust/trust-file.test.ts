import { describe, expect, test } from '@jest/globals';
import { makeDemoPki } from '../../local/card-reader/pki/demo-pki.ts';
import { certificatePem } from '../../local/card-reader/pki/issue-certificate.ts';
import { demoTrustEntries } from '../../local/card-reader/pki/trust-entries.ts';
import { parseTrustFile } from './trust-file.ts';

const pki = makeDemoPki(new Date());
const [entry, fnmt] = demoTrustEntries(pki, 'http://responder.example');
if (!entry || !fnmt) throw new Error('no entries');
const [issuer] = entry.issuers;
const withIssuer = (change: object) => [{ ...entry, issuers: [{ ...issuer, ...change }] }];
const problemsOf = (content: unknown, loopbackPermitted = false): readonly string[] => {
  const read = parseTrustFile(typeof content === 'string' ? content : JSON.stringify(content), {
    loopbackPermitted,
  });
  return 'problems' in read ? read.problems : [];
};

describe('the trust file', () => {
  test('is a bundle of issuers, each with its root, responders and lists', () => {
    const read = parseTrustFile(JSON.stringify([entry, fnmt]), { loopbackPermitted: false });
    if ('problems' in read) throw new Error(read.problems.join());
    expect(
      read.bundle.issuers.map(({ profile, ocsp, crl, chain }) => ({
        profile,
        ocsp,
        crl,
        length: chain.length,
      })),
    ).toEqual([
      {
        profile: 'dnie',
        ocsp: [{ url: 'http://responder.example/ocsp/dnie' }],
        crl: ['http://responder.example/crl/dnie'],
        length: 1,
      },
      {
        profile: 'fnmt-natural-person',
        ocsp: [{ url: 'http://responder.example/ocsp/fnmt' }],
        crl: ['http://responder.example/crl/fnmt'],
        length: 1,
      },
    ]);
  });

  const someUrl = 'must be an http or https address, without a user and without a fragment';
  test.each([
    ['{', ['is not JSON']],
    [[], ['the file: must have an entry']],
    [[{ ...entry, profile: 'dni' }], ['0.profile: must be one of dnie, fnmt-natural-person, accv-citizen']],
    [[{ ...entry, policies: ['2.16.724.1.2.2.2.3'] }], ['0.policies.0: is none of dnie: 2.16.724.1.2.2.2.4']],
    [[{ ...entry, root: 'x' }], ['0.root: must be one certificate as PEM']],
    [[{ ...entry, roots: [] }], ['0.roots: no such name']],
    [
      [{ ...entry, root: certificatePem(pki.cards[0]?.certificate ?? Buffer.alloc(0)) }],
      [
        '0.root: must be an authority',
        '0.issuers.0.certificate: must be an authority that the root, or another issuer of the entry, has certified',
      ],
    ],
    [
      [{ ...entry, root: fnmt.root }],
      [
        '0.issuers.0.certificate: must be an authority that the root, or another issuer of the entry, has certified',
      ],
    ],
    [withIssuer({ ocsp: [], crl: [] }), ['0.issuers.0: must have a responder or a list']],
    [withIssuer({ crl: ['ldap://x/y'] }), [`0.issuers.0.crl.0: ${someUrl}`]],
    [withIssuer({ ocsp: [{ url: 'http://u:p@x/' }] }), [`0.issuers.0.ocsp.0.url: ${someUrl}`]],
    [withIssuer({ crl: ['http://x/#y'] }), [`0.issuers.0.crl.0: ${someUrl}`]],
    [
      withIssuer({ crl: ['http://127.0.0.1/'] }),
      ['0.issuers.0.crl.0: is of this machine, which is not for production'],
    ],
    [
      withIssuer({ crl: ['http://a.localhost/'] }),
      ['0.issuers.0.crl.0: is of this machine, which is not for production'],
    ],
    [
      withIssuer({ certificate: `${issuer?.certificate}${issuer?.certificate}` }),
      ['0.issuers.0.certificate: must be one certificate as PEM'],
    ],
  ])('has one line for each defect: %#', (content, problems) => {
    expect(problemsOf(content)).toEqual(problems);
  });

  test('may name this machine outside production', () => {
    expect(problemsOf(withIssuer({ crl: ['http://127.0.0.1:3007/crl'] }), true)).toEqual([]);
  });
});
