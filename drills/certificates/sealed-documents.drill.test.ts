import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { languages } from '../../domain/languages.ts';
import { projectRoot } from '../../local/project-root.ts';
import { sealPdf } from '../../platform/pdf-seal.ts';
import { receiptDocument } from '../../platform/receipt-document.ts';
import { testSealKey } from '../../test/environment/seal-key.ts';
import { installPythonPackages, pythonOutput } from '../python/python-packages.ts';

const requirements = join(projectRoot(), 'drills', 'certificates', 'pyhanko.requirements.txt');
const pyhanko = installPythonPackages('pyhanko', requirements);
const pdfsig = spawnSync('pdfsig', ['-v']).error ? undefined : 'pdfsig';

/** Prints what pyHanko finds of the signature: the root is the file beside the document. */
const script = `
import sys
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
trust = ValidationContext(trust_roots=[load_cert_from_pemder(sys.argv[2])], allow_fetching=False)
with open(sys.argv[1], 'rb') as document:
    signature = PdfFileReader(document).embedded_signatures[0]
    print(validate_pdf_signature(signature, trust).summary())
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'clave-seals-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function sealedReceipt(language: (typeof languages)[number]): Promise<Buffer> {
  const issuedAt = new Date();
  const document = await receiptDocument(
    {
      ...{ language, activationCode: '7K3QM-Z9XWT', issuedAt: issuedAt.toISOString() },
      ...{ nationalId: '12345678Z', name: 'Łucja Ștefan' },
      declared: { email: 'lucja@example.org', phone: '+34612345678' },
    },
    { certificate: 'dnie', address: 'https://clave.example.org' },
  );
  return sealPdf(document, await testSealKey(), issuedAt);
}

async function written(name: string, document: Buffer): Promise<[string, string]> {
  const files: [string, string] = [join(folder, `${name}.pdf`), join(folder, 'seal.cer')];
  writeFileSync(files[0], document);
  writeFileSync(files[1], (await testSealKey()).certificates[0]);
  return files;
}

if ('missing' in pyhanko) test.todo(`pyHanko: ${pyhanko.missing}`);
else
  describe('pyHanko', () => {
    const summary = (files: readonly string[]) =>
      pythonOutput(['-c', script, ...files], { PYTHONPATH: pyhanko.path });

    test.each(languages)('calls a sealed receipt in %s intact and trusted', async (language) => {
      expect(summary(await written(language, await sealedReceipt(language)))).toBe(
        'INTACT:TRUSTED,UNTOUCHED',
      );
    });

    test('notices a changed byte', async () => {
      const sealed = await sealedReceipt('es');
      const at = sealed.indexOf('/CreationDate');
      sealed[at + 20] = (sealed[at + 20] as number) ^ 1;
      expect(summary(await written('changed', sealed))).toMatch(/^INVALID/);
    });
  });

if (!pdfsig) test.todo('pdfsig of poppler-utils is not installed');
else
  test('pdfsig calls a sealed receipt valid and wholly covered', async () => {
    const [file] = await written('pdfsig', await sealedReceipt('es'));
    const { stdout } = spawnSync(pdfsig, ['-nocert', file], { encoding: 'utf8' });
    expect(stdout).toContain('Signature is Valid');
    expect(stdout).toContain('Total document signed');
  });
