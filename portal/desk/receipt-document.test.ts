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
    declared: { email: 'lucja@example.org', phone: '+34612345678' },
  });
  const raw = document.toString('latin1');
  expect(raw).toContain('/MarkInfo');
  expect(raw).toMatch(/\/Lang \((es|ca|gl|eu|en-GB)\)/);
  expect(document.length).toBeGreaterThan(10_000);
});
