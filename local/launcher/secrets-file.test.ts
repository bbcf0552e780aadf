import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readGatewaySettings, readServiceSettings } from '../../platform/config.ts';
import { openSecrets } from './secrets-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clave-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = () => join(folder, 'secrets.json');

test('are made once, for our eyes only, and stay', () => {
  const made = openSecrets(folder);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(openSecrets(folder)).toEqual(made);
});

test.each([
  'PORTAL_COOKIE_KEY',
  'GATEWAY_KEY',
  'GATEWAY_SECRET_KEY',
  'CLAVE_SUBJECT_KEY',
  'CERTIFICATE_KEY',
] as const)('of an earlier release get %s, and keep the others', (name) => {
  const { [name]: _lacking, ...earlier } = openSecrets(folder);
  writeFileSync(file(), JSON.stringify(earlier));
  const completed = openSecrets(folder);
  expect(completed).toMatchObject(earlier);
  expect(completed[name].length).toBeGreaterThan(20);
  expect(openSecrets(folder)).toEqual(completed);
});

test('are what the settings ask for', () => {
  const other = { DATABASE_URL: 'postgresql://h/d', TEMPORAL_ADDRESS: 'h:1', TWILIO_FROM: 'Clave' };
  expect(
    readGatewaySettings({ GATEWAY_DATABASE_URL: 'postgresql://h/d', ...openSecrets(folder) }),
  ).toBeDefined();
  expect(readServiceSettings({ ...other, ...openSecrets(folder) }).CLAVE_SECRET_KEY[0].bytes).toHaveLength(
    32,
  );
});

test('lose file rights that were given to other users', () => {
  openSecrets(folder);
  chmodSync(file(), 0o644);
  openSecrets(folder);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});

test('that are broken are never replaced', () => {
  writeFileSync(file(), '{"CLAVE_SECRET_KEY":');
  expect(() => openSecrets(folder)).toThrow(
    `${file()} is broken: restore it from a backup, or move it away.`,
  );
});
