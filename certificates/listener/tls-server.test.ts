import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';

/** Code without comments. */
const codeOf = (file: string): string => readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');

test('what Node says of a certificate’s authorization is read nowhere: of a resumed session it is wrong', () => {
  const files = readdirSync('certificates', { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  expect(files.length).toBeGreaterThan(8);
  const readers = files.filter((file) =>
    /\bauthorized\b|authorizationError/.test(codeOf(path.join('certificates', file))),
  );
  expect(readers).toEqual([]);
});
