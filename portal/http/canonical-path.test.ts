import { expect, test } from '@jest/globals';
import type { Request, Response } from 'express';
import { pathOf, requireCanonicalPath } from './canonical-path.ts';

/** A request within the router of a language. */
const within = (baseUrl: string, path: string) => ({ baseUrl, path }) as Request;
const isRefused = (request: Request): boolean => {
  let to: unknown;
  requireCanonicalPath(request, {} as Response, (where?: unknown) => {
    to = where;
  });
  return to === 'router';
};

test.each([
  ['/es', '/'],
  ['/ca-valencia', '/desk/sign-in'],
  ['/es', '/journeys/9VVanXvI51iN2Ty_dbA1Dw/new-password'],
])('%s%s is how the pages are linked to', (language, path) => {
  expect(isRefused(within(language, path))).toBe(false);
});

test.each([
  ['/es', '/DESK/sign-in'],
  ['/es', '/desk/sign-in/'],
  ['/%65s', '/desk/sign-in'],
  ['/es', '/desk/sign%2Din'],
  ['/es', '//desk'],
  ['/ES', '/desk'],
  ['/es', '/Journeys/id'],
  ['/es', '/journeys/id/State'],
])('%s%s is another spelling', (language, path) => {
  expect(isRefused(within(language, path))).toBe(true);
});

test('the path of a request is below the language, and of the page itself', () => {
  expect([pathOf(within('/es', '/')), pathOf(within('/es', '/desk')), pathOf(within('', '/'))]).toEqual([
    '/es',
    '/es/desk',
    '/',
  ]);
});
