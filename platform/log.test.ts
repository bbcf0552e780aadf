import { expect, test } from '@jest/globals';
import { createLog, redactError } from './log.ts';

test('of an error only its kind, its code and its place are logged: messages of drivers carry values', () => {
  const error = Object.assign(new Error('Key (phone)=(+34600000001) already exists'), { code: '23505' });
  const told = redactError(error);
  expect(told).toMatchObject({ kind: 'Error', code: '23505' });
  expect(JSON.stringify(told)).not.toContain('600000001');
});

test('a thrown value that is no error is not logged either', () => {
  expect(redactError('+34600000001')).toEqual({ kind: 'string' });
});

test('of an object with secrets or personal data no value is logged, on its own or within others', () => {
  const lines: string[] = [];
  const log = createLog('test', 'trace', { write: (line) => void lines.push(line) });
  const secrets = Object.fromEntries(
    [
      ...['nationalId', 'email', 'phone', 'ip'],
      ...['activationCode', 'otp', 'password', 'token', 'authorization'],
      ...['browserToken', 'browser'],
    ].map((field) => [field, `canary of ${field}`]),
  );
  log.info(secrets, 'entered');
  log.info({ body: secrets }, 'entered');
  log.info({ request: { headers: secrets } }, 'entered');
  expect(lines).toHaveLength(3);
  expect(lines.join('').match(/canary of \w+/g)).toBeNull();
});
