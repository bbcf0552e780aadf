import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parseTrustFile } from '../../certificates/trust/trust-file.ts';
import { createVerifier } from '../../certificates/verification/verify-certificate.ts';
import { makeDemoPki } from '../../local/card-reader/pki/demo-pki.ts';
import { certificatePem } from '../../local/card-reader/pki/issue-certificate.ts';
import { demoTrustEntries } from '../../local/card-reader/pki/trust-entries.ts';
import { projectRoot } from '../../local/project-root.ts';
import { respondersInMemory, respondersUrl } from '../../test/certificates/responders-in-memory.ts';
import { installPythonPackages } from '../python/python-packages.ts';
import { type PathCase, pathCases } from './path-cases.ts';

const folder = join(projectRoot(), 'drills', 'certificates');
const pyhanko = installPythonPackages('pyhanko', join(folder, 'pyhanko.requirements.txt'));

const now = new Date();
const pki = makeDemoPki(now);
const cases = pathCases(pki, now);
const names = cases.map(({ name }) => name);
const verdicts = Object.fromEntries(cases.map(({ name, isValid }) => [name, isValid]));

const files = mkdtempSync(join(tmpdir(), 'clave-paths-'));
afterAll(() => rmSync(files, { recursive: true, force: true }));

const crlPem = (der: Buffer): string =>
  `-----BEGIN X509 CRL-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END X509 CRL-----\n`;

function byOpenssl({ leaf, issuers, root, crl, policies }: PathCase): boolean {
  const written = (name: string, text: string): string => {
    const file = join(files, name);
    writeFileSync(file, text);
    return file;
  };
  const { status, error } = spawnSync('openssl', [
    'verify',
    ...['-CAfile', written('root.pem', certificatePem(root))],
    ...['-untrusted', written('issuers.pem', issuers.map(certificatePem).join(''))],
    ...['-crl_check', '-CRLfile', written('crl.pem', crlPem(crl))],
    ...policies.flatMap((policy) => ['-policy', policy]),
    ...['-policy_check', '-explicit_policy', '-x509_strict'],
    written('leaf.pem', certificatePem(leaf)),
  ]);
  if (error) throw error;
  return status === 0;
}

test('the verifier of the listener says of each chain what it must', async () => {
  const trust = parseTrustFile(JSON.stringify(demoTrustEntries(pki, respondersUrl)), {
    loopbackPermitted: true,
  });
  if ('problems' in trust) throw new Error(trust.problems.join());
  const { fetchBounded } = respondersInMemory(pki, () => now);
  const verifier = createVerifier({
    ...{ trust: trust.bundle, fetchBounded, clock: { now: () => now.getTime() }, answersKeptMs: 0 },
  });
  const found = await Promise.all(
    cases.map(async ({ name, leaf, issuers }) => [
      name,
      (await verifier.verify([leaf, ...issuers])).kind === 'accepted',
    ]),
  );
  expect(Object.fromEntries(found)).toEqual(verdicts);
});

test('OpenSSL says the same of each chain', () => {
  expect(Object.fromEntries(cases.map((one) => [one.name, byOpenssl(one)]))).toEqual(verdicts);
});

describe('pyhanko-certvalidator', () => {
  if ('missing' in pyhanko) test.todo(`pyHanko: ${pyhanko.missing}`);
  else
    test('says the same of each chain', () => {
      const input = cases.map(({ leaf, issuers, root, crl, policies }) => ({
        ...{ leaf: leaf.toString('base64'), root: root.toString('base64'), crls: [crl.toString('base64')] },
        ...{ issuers: issuers.map((der) => der.toString('base64')), policies, at: now.toISOString() },
      }));
      const { stdout, stderr } = spawnSync('python3', [join(folder, 'validate_path.py')], {
        input: JSON.stringify(input),
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], PYTHONPATH: pyhanko.path, PYTHONDONTWRITEBYTECODE: '1' },
      });
      expect(stderr).toBe('');
      const found = JSON.parse(stdout) as { valid: boolean; why: string }[];
      expect(Object.fromEntries(found.map(({ valid }, index) => [names[index], valid]))).toEqual(verdicts);
    });
});
