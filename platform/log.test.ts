import { expect, test } from '@jest/globals';
import { redactError } from './log.ts';

test('of an error only its kind, its code and its place are logged: messages of drivers carry values', () => {
  const error = Object.assign(new Error('Key (phone)=(+34600000001) already exists'), { code: '23505' });
  const told = redactError(error);
  expect(told).toMatchObject({ kind: 'Error', code: '23505' });
  expect(JSON.stringify(told)).not.toContain('600000001');
});

test('a thrown value that is no error is not logged either', () => {
  expect(redactError('+34600000001')).toEqual({ kind: 'string' });
});
