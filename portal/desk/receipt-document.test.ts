import { expect, test } from '@jest/globals';
import { languages } from '../../domain/languages.ts';
import { receiptDocument } from './receipt-document.ts';

test.each(languages)('a receipt is a tagged PDF in %s', async (language) => {
  const document = await receiptDocument({
    language,
    issuedAt: new Date().toISOString(),
    activationCode: '7K3QM-Z9XWT',
    nationalId: '12345678Z',
    name: 'Łucja Ștefan',
  });
  const raw = document.toString('latin1');
  expect(raw).toContain('/MarkInfo');
  // PDF/UA-1, and the steps as a list of items.
  expect(raw).toContain('<pdfuaid:part>1</pdfuaid:part>');
  for (const tag of ['/L\n', '/LI\n', '/LBody\n']) expect(raw).toContain(`/S ${tag}`);
  expect(raw).toMatch(/\/Lang \((es|ca|gl|eu|en-GB)\)/);
  expect(document.length).toBeGreaterThan(10_000);
});
