import { expect, test } from '@jest/globals';
import { parseEmail } from '../domain/identity/email.ts';
import { parsePersonName } from '../domain/identity/person-name.ts';
import { languages } from '../domain/languages.ts';
import { textRuns } from '../test/environment/pdf-text.ts';
import { receiptDocument } from './receipt-document.ts';
import { typeface } from './typefaces.ts';

test('every character that a name or an email address may have is in the typefaces of the receipt', () => {
  const typefaces = [typeface('regular'), typeface('bold')];
  const isAccepted = (character: string): boolean => {
    const results = [
      parsePersonName(`A${character}`),
      parseEmail(`a${character}@example.es`),
      parseEmail(`a@a${character}a.es`),
    ];
    // What is folded to another character is stored as that one.
    return results.some((result) => result.ok && result.value.includes(character));
  };
  const missing: string[] = [];
  for (let code = 0x20; code < 0x30000; code += 1) {
    const character = String.fromCodePoint(code);
    if (typefaces.every((each) => each.hasGlyphForCodePoint(code))) continue;
    if (isAccepted(character)) missing.push(code.toString(16));
  }
  expect(missing).toEqual([]);
});

const issuer = { office: 'Bilbao', address: 'https://clave.example.org/es' };

test.each(languages)('a receipt is a tagged PDF in %s', async (language) => {
  const receipt = {
    language,
    issuedAt: new Date().toISOString(),
    activationCode: '7K3QM-Z9XWT',
    nationalId: '12345678Z',
    name: 'Łucja Ștefan',
    declared: { email: 'lucja@example.org', phone: '+34612345678' },
  };
  const document = await receiptDocument(receipt, issuer);
  const text = textRuns(document).join('\n');
  for (const shown of ['Bilbao', 'https://clave.example.org/es', '+34 612 345 678', '7K3QM-Z9XWT'])
    expect(text).toContain(shown);
  const raw = document.toString('latin1');
  expect(raw).toContain('/MarkInfo');
  // PDF/UA-1, and the steps as a list of items.
  expect(raw).toContain('<pdfuaid:part>1</pdfuaid:part>');
  for (const tag of ['/L\n', '/LI\n', '/LBody\n']) expect(raw).toContain(`/S ${tag}`);
  expect(raw).toMatch(/\/Lang \((es|ca|gl|eu|en-GB)\)/);
  expect(document.length).toBeGreaterThan(10_000);
});
