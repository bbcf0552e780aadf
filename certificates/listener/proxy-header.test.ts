import { expect, test } from '@jest/globals';
import { makeDemoPki } from '../../local/card-reader/pki/demo-pki.ts';
import { certificatePem } from '../../local/card-reader/pki/issue-certificate.ts';
import { chainFromHeader, headerForms, hopKeyHeader } from './proxy-header.ts';

const hopKey = 'h'.repeat(24);
const [card] = makeDemoPki(new Date()).cards;
if (!card) throw new Error('no card');
const { certificate, issuerCertificate } = card;
const base64 = (der: Buffer) => `:${der.toString('base64')}:`;
const escaped = (...ders: Buffer[]) => encodeURIComponent(ders.map(certificatePem).join(''));

/** As each proxy sends a certificate with that of its issuer, where it can. */
const headersOf = {
  rfc9440: { 'client-cert': base64(certificate), 'client-cert-chain': `${base64(issuerCertificate)}` },
  nginx: {
    'x-ssl-client-cert': escaped(certificate),
    'x-ssl-client-verify': 'FAILED:unable to get local issuer certificate',
    'x-ssl-session-reused': '.',
  },
  envoy: {
    'x-forwarded-client-cert': `Hash=ab12;Cert="${escaped(certificate)}";Chain="${escaped(certificate, issuerCertificate)}";Subject="CN=a\\"b;c,d"`,
  },
};
const withKey = { [hopKeyHeader]: hopKey };
const read = (form: (typeof headerForms)[number], headers: Record<string, string>) =>
  chainFromHeader(headers, { form, hopKey }).map((der) => Buffer.from(der));

test.each(headerForms)('a certificate in a header of the form %s is read, byte for byte', (form) => {
  const chain = form === 'nginx' ? [certificate] : [certificate, issuerCertificate];
  expect(read(form, { ...headersOf[form], ...withKey })).toEqual(chain);
});

test.each(headerForms)('without the hop key there is no certificate in a header of the form %s', (form) => {
  expect(read(form, headersOf[form])).toEqual([]);
  expect(read(form, { ...headersOf[form], [hopKeyHeader]: 'x'.repeat(24) })).toEqual([]);
});

test.each([
  ['rfc9440', { 'client-cert': `${base64(certificate)}, ${base64(certificate)}` }],
  ['rfc9440', { 'client-cert': certificate.toString('base64') }],
  ['rfc9440', { 'client-cert': '' }],
  ['nginx', { ...headersOf.nginx, 'x-ssl-client-verify': 'NONE' }],
  ['nginx', { ...headersOf.nginx, 'x-ssl-client-verify': 'NONE, SUCCESS' }],
  ['nginx', { ...headersOf.nginx, 'x-ssl-session-reused': 'r' }],
  ['nginx', { ...headersOf.nginx, 'x-ssl-client-cert': '%zz' }],
  ['nginx', { 'x-ssl-client-cert': headersOf.nginx['x-ssl-client-cert'] }],
  ['envoy', { 'x-forwarded-client-cert': `${headersOf.envoy['x-forwarded-client-cert']},Hash=cd34` }],
  ['envoy', { 'x-forwarded-client-cert': 'Hash=ab12;Subject="CN=a"' }],
] as const)('a header of the form %s that is not as it should be is none: %j', (form, headers) => {
  expect(read(form, { ...headers, ...withKey })).toEqual([]);
});

test('of many certificates no more are read than tell that there are too many', () => {
  const chain = Array.from({ length: 50 }, () => base64(issuerCertificate)).join(', ');
  const headers = { 'client-cert': base64(certificate), 'client-cert-chain': chain, ...withKey };
  expect(read('rfc9440', headers)).toHaveLength(11);
});
