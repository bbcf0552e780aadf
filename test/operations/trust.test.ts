import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parseTrustFile } from '../../certificates/trust/trust-file.ts';
import { makeDemoPki } from '../../local/card-reader/pki/demo-pki.ts';
import { certificatePem } from '../../local/card-reader/pki/issue-certificate.ts';
import { add, show, TrustError } from '../../operations/trust/commands.ts';
import { respondersInMemory, respondersUrl } from '../certificates/responders-in-memory.ts';

const pki = makeDemoPki(new Date());
const responders = respondersInMemory(pki, () => new Date());
const folder = mkdtempSync(path.join(tmpdir(), 'trust-'));
afterAll(() => rmSync(folder, { recursive: true }));

const pem = (name: string, der: Uint8Array): string => {
  const file = path.join(folder, name);
  writeFileSync(file, certificatePem(der));
  return file;
};
const { root, issuer } = pki.issuers.fnmt;
const file = path.join(folder, 'trust.json');
const entry = {
  file,
  profile: 'fnmt-natural-person',
  root: pem('root.pem', root.certificate),
  issuer: pem('issuer.pem', issuer.certificate),
  ocsp: [`${respondersUrl}/ocsp/fnmt`],
  crl: [`${respondersUrl}/crl/fnmt`, `${respondersUrl}/crl/nothing`],
  local: true,
};
const fingerprint = new X509Certificate(root.certificate).fingerprint256;

describe('the trust command', () => {
  test('shows fingerprints and policies, tries every source, and writes nothing unasked', async () => {
    expect(await add(entry, responders.fetchBounded)).toMatchObject({
      written: false,
      entries: [
        {
          profile: 'fnmt-natural-person',
          accepted: ['1.3.6.1.4.1.5734.3.10.1'],
          root: { fingerprint },
          issuer: { subject: expect.stringContaining('AC FNMT Usuarios'), policies: ['2.5.29.32.0'] },
          sources: [
            { by: 'ocsp', outcome: 'answered' },
            { by: 'crl', outcome: 'answered' },
            { by: 'crl', outcome: 'unreachable' },
          ],
        },
      ],
    });
    expect(() => readFileSync(file)).toThrow();
  });

  test('writes what a reviewer accepts by the fingerprint of its root, and replaces what was there of it', async () => {
    await expect(add({ ...entry, accept: 'AB:CD' }, responders.fetchBounded)).rejects.toThrow(TrustError);
    const accept = fingerprint.toLowerCase();
    expect(await add({ ...entry, accept }, responders.fetchBounded)).toMatchObject({ written: true });
    await add({ ...entry, accept, crl: [] }, responders.fetchBounded);
    const read = parseTrustFile(readFileSync(file, 'utf8'), { loopbackPermitted: true });
    expect(read).toMatchObject({ bundle: { issuers: [{ profile: 'fnmt-natural-person', crl: [] }] } });
    expect(await show({ file, local: true }, responders.fetchBounded)).toMatchObject([
      { sources: [{ outcome: 'answered' }] },
    ]);
  });

  test.each([
    [{ ...entry, local: false }, '0.issuers.0.ocsp.0.url: is of this machine'],
    [{ ...entry, profile: 'dni' }, '0.profile: must be one of'],
    [{ ...entry, root: '/nowhere.pem' }, '/nowhere.pem: cannot be read (ENOENT)'],
    [{ file, profile: 'dnie' }, '--root and --issuer: both are needed'],
  ])('says what is wrong: %#', async (options, line) => {
    await expect(add(options, responders.fetchBounded)).rejects.toThrow(line);
  });
});
