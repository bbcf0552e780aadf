import cookieParser from 'cookie-parser';
import express, { type RequestHandler } from 'express';
import { maxFormBytes } from './page-server.ts';

/** cookie-parser turns `j:` cookies into objects; the handlers expect text only. */
const dropJsonCookies: RequestHandler = (request, _response, next) => {
  const cookies = Object.entries((request.cookies ?? {}) as Record<string, unknown>);
  request.cookies = Object.fromEntries(cookies.filter(([, value]) => typeof value === 'string'));
  next();
};

const parseCookies = cookieParser();

/** Reads the cookies, at once: `next` has been called when it returns. Without effect if they are read already. */
export const readCookies: RequestHandler = (request, response, next) =>
  parseCookies(request, response, () => dropJsonCookies(request, response, next));

/** Reads cookies and form. */
export const readForm: readonly RequestHandler[] = [
  readCookies,
  express.urlencoded({ extended: false, limit: maxFormBytes, parameterLimit: 50 }),
];
