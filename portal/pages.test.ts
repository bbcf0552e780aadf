import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { pages } from './pages.ts';

test('every page is on the web map, but for those behind the desk', () => {
  const map = readFileSync('portal/content/web-map.njk', 'utf8');
  const missing = Object.keys(pages).filter(
    (name) => !name.startsWith('desk-') && name !== 'web-map' && !map.match(`["']${name}["']`),
  );
  expect(missing).toEqual([]);
});
