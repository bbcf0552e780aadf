import { expect, test } from '@jest/globals';
import { addressOfIdentification, identificationId } from './identification-return.ts';

test.each([
  '//evil.example',
  'https://evil.example',
  '../admin',
  'a'.repeat(101),
  'short',
  'id?x=1#y',
  'id\r\nX: 1',
  '',
])('takes no id from %j', (typed) => {
  expect(identificationId(typed)).toBeUndefined();
});

test('an id of the gateway leads to the gateway of the settings', () => {
  const id = identificationId('9VVanXvI51iN2Ty_dbA1D') ?? '';
  expect(addressOfIdentification('https://gateway.example', id)).toBe(
    'https://gateway.example/identify/9VVanXvI51iN2Ty_dbA1D',
  );
});
