import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createLog, portionedOutput, redactError } from './log.ts';

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

test('in portions, an error is written at once with all that was logged before it, and the rest soon', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clave-log-'));
  const file = join(folder, 'log');
  const fd = openSync(file, 'w');
  try {
    const log = createLog('test', 'trace', portionedOutput(fd));
    const written = () => readFileSync(file, 'utf8').split('\n').filter(Boolean).length;
    log.info('one');
    log.info('two');
    expect(written()).toBe(0);
    log.error('three');
    expect(written()).toBe(3);
    log.info('four');
    expect(written()).toBe(3);
    await sleep(300);
    expect(written()).toBe(4);
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
});
