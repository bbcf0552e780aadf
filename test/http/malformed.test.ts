import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { routes } from '../../api/routes.ts';
import { certificateToken } from '../actors/certificate-holder.ts';
import { asListener, asPortal, issueTicket, type Ticket } from '../actors/certificates.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import type { Journey } from '../actors/journey.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { asGateway } from '../actors/relying-parties.ts';
import { newSession } from '../actors/sessions.ts';
import { badAnywhere, badValues, goodBodies, optionalFields, takesAnyText } from '../contract/samples.ts';
import { rowCounts } from '../database/rows.ts';
import { type HttpReply, requestOnce, requestOnceRaw } from '../environment/http.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
let journey: Journey;
let session: string;
let ticket: Ticket;
let certificate: string;
let before: Record<string, number>;
beforeAll(async () => {
  stack = await startStack({ own: true });
  journey = await (await new Citizen(stack).register()).startActivation();
  await journey.otp();
  ticket = await issueTicket(stack);
  session = await newSession(stack, await activeCitizen(stack));
  certificate = await certificateToken(stack, newPersonalData());
  // Welcome and code of both, and that a password was set: nothing comes by itself any more.
  await until(
    () => stack.db.prisma.text.count({ where: { providerId: { not: null } } }),
    (sent) => sent === 5,
  );
});
beforeEach(async () => {
  before = await rowCounts(stack);
});
afterAll(() => stack.stop());

type Route = (typeof routes)[number];
const withBody = routes.filter(({ body }) => body);
const addressOf = ({ path }: Route): string =>
  path.replace(':id', path.startsWith('/certificate-tickets') ? ticket.id : journey.id);
const tokenFor = ({ caller }: Route): string | undefined =>
  ({
    anyone: undefined,
    ...{ officer: stack.officeKey, 'officer-key': stack.officeKey, 'desk-session': stack.officeKey },
    ...{ journey: journey.token, session, 'bound-session': session, 'any-session': session },
    receipt: session,
    'certificate-ticket': ticket.token,
    ...{ act: certificate, 'officer-or-act': stack.officeKey, 'session-or-act': session },
    'bound-session-or-certificate': session,
  })[caller];
const keyFor = ({ gatewayOnly, onlyFor }: Route): Record<string, string> => {
  if (onlyFor) return onlyFor === 'front-end' ? asPortal(stack) : asListener(stack);
  return gatewayOnly === true ? asGateway(stack) : {};
};
const goodBody = (route: Route): Record<string, unknown> => {
  const make = goodBodies[route.path];
  if (!make) throw new Error(`${route.path} has no line in test/contract/samples.ts`);
  return make();
};

const json = { 'Content-Type': 'application/json' };
const sendText = (
  route: Route,
  body: string | Buffer,
  headers: Record<string, string> = json,
): Promise<HttpReply> => {
  const token = tokenFor(route);
  return requestOnceRaw(stack, 'POST', addressOf(route), {
    body,
    headers: { ...headers, ...(token && { Authorization: `Bearer ${token}` }) },
  });
};

/** Not declared, or written in vain: none of it may be. */
const nothingWritten = async () => expect(await rowCounts(stack)).toEqual(before);

describe.each(withBody.map((route) => [route.path, route] as const))('POST %s', (_path, route) => {
  test('names each field that is missing, of another type or of no such form', async () => {
    const good = goodBody(route);
    const cases = Object.keys(good).flatMap((field) => {
      const values = badValues[field];
      if (!values) throw new Error(`${field} has no line in test/contract/samples.ts`);
      const missing: [unknown, string][] = optionalFields.includes(field) ? [] : [[undefined, 'required']];
      const withNul: [unknown, string][] = takesAnyText(field)
        ? []
        : [[`${good[field]}\u0000`, 'invalid-format']];
      const bad = [...badAnywhere, ...withNul].filter(([value]) => value !== good[field]);
      return [...missing, ...values, ...bad].map(([value, code]) => ({
        field,
        value,
        code,
      }));
    });
    for (const { field, value, code } of cases) {
      const { status, body } = await requestOnce(stack, 'POST', addressOf(route), {
        body: { ...good, [field]: value },
        token: tokenFor(route),
      });
      expect({ field, value, status, code: body.code, errors: body.errors }).toEqual({
        ...{ field, value, status: 400, code: 'malformed-request' },
        errors: [{ pointer: `/${field}`, code }],
      });
    }
    await nothingWritten();
  });

  test('names each field that it does not know, however deep or oddly named', async () => {
    const good = JSON.stringify(goodBody(route)).slice(1, -1);
    const deep = `${'['.repeat(3_000)}${']'.repeat(3_000)}`;
    const unknown: readonly [string, string, string][] = [
      ['extra', '1', '/extra'],
      ['__proto__', '{"isAdmin":true}', '/__proto__'],
      ['constructor', '{"prototype":{}}', '/constructor'],
      ['a/b~c', 'null', '/a~1b~0c'],
      ['', '""', '/'],
      ['deep', deep, '/deep'],
      ['\\ud800', '1', '/\ud800'],
    ];
    for (const [name, value, pointer] of unknown) {
      const reply = await sendText(route, `{${[`"${name}":${value}`, good].filter(Boolean).join()}}`);
      expect([name, reply.status, reply.body.errors]).toEqual([
        name,
        400,
        [{ pointer, code: 'unknown-field' }],
      ]);
    }
    await nothingWritten();
  });

  test('takes nothing but a JSON object', async () => {
    const required = Object.keys(goodBody(route)).filter((field) => !optionalFields.includes(field));
    const empty = required.map((field) => ({ pointer: `/${field}`, code: 'required' }));
    for (const text of required.length > 0 ? ['', '{}'] : []) {
      const reply = await sendText(route, text);
      expect([text, reply.status, reply.body.errors]).toEqual([text, 400, empty]);
    }
    for (const text of [
      'null',
      '1',
      '"x"',
      'true',
      '[]',
      '[{}]',
      '{',
      '{"a":}',
      '{} {}',
      '\u0000',
      "{'a':1}",
      '<a/>',
    ]) {
      const reply = await sendText(route, text);
      expect([text, reply.status, reply.body.code]).toEqual([text, 400, 'malformed-request']);
      expect(reply.body.errors).toEqual([
        { pointer: '', code: expect.stringMatching(/^invalid-(format|type)$/) },
      ]);
    }
    const notUtf8 = Buffer.concat([Buffer.from('{"x":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
    expect((await sendText(route, notUtf8)).body.errors).toEqual([{ pointer: '', code: 'invalid-format' }]);
    await nothingWritten();
  });

  test('takes JSON in UTF-8 only, and no more than sixteen kilobytes of it', async () => {
    const good = JSON.stringify(goodBody(route));
    const type = (value: string) => ({ 'Content-Type': value });
    const unsupported: readonly Record<string, string>[] = [
      {},
      ...[
        'text/plain',
        'application/xml',
        'multipart/form-data; boundary=x',
        'application/x-www-form-urlencoded',
      ].map(type),
      ...[
        'application/json; charset=iso-8859-1',
        'application/json; charset=utf-16',
        'application/json; charset=none',
        'application/json; charset="utf-8',
        'application/json; charset=utf-8; charset=utf-16',
        'application/json, text/plain',
      ].map(type),
      { ...json, 'Content-Encoding': 'zip' },
    ];
    for (const headers of unsupported) {
      const reply = await sendText(route, good, headers);
      expect([headers, reply.status, reply.body.code]).toEqual([headers, 415, 'unsupported-media-type']);
    }
    const supported = [
      'Application/JSON',
      'application/json;',
      'application/json; charset="utf-8"',
      'application/json;charset=UTF8',
      'application/json; version="1;2" ; charset=utf-8',
    ];
    for (const value of supported) {
      const reply = await sendText(route, '{', type(value));
      expect([value, reply.status]).toEqual([value, 400]);
    }
    const large = `{"x":"${'x'.repeat(16 * 1_024)}"}`;
    const packed = { ...json, 'Content-Encoding': 'gzip' };
    const tooLarge: readonly [string | Buffer, Record<string, string>][] = [
      [large, json],
      [large, { ...json, 'Transfer-Encoding': 'chunked' }],
      [gzipSync(large), packed],
    ];
    for (const [body, headers] of tooLarge)
      expect(await sendText(route, body, headers)).toMatchObject({
        status: 413,
        body: { code: 'payload-too-large' },
      });
    expect((await sendText(route, 'not packed at all', packed)).status).toBe(400);
    await nothingWritten();
  });
});

describe('every address', () => {
  const addresses = [...new Set(routes.map(({ path }) => path))];

  test.each(addresses)('%s refuses methods that it does not have, and says which it has', async (path) => {
    const allowed = routes.filter((route) => route.path === path).map(({ method }) => method.toUpperCase());
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      if (allowed.includes(method)) continue;
      const reply = await requestOnceRaw(stack, method, path.replace(':id', journey.id));
      expect([method, reply.status, reply.body.code]).toEqual([method, 405, 'method-not-allowed']);
      expect(reply.headers.get('Allow')).toBe(allowed.join(', '));
    }
    await nothingWritten();
  });

  test('that there is none of is not found, and one that cannot be read is malformed', async () => {
    const at = (path: string, token?: string) => requestOnce(stack, 'GET', path, { token });
    for (const path of [
      '/',
      '/nothing',
      '/journeys',
      '/journeys/',
      '/activations/x',
      '/journeys/x/y',
      '/..%2f..%2fetc',
    ])
      expect([path, await at(path)]).toMatchObject([path, { status: 404, body: { code: 'not-found' } }]);
    for (const path of ['/journeys/%', '/journeys/%E0%A4%A', '/journeys/%ff/otp'])
      expect([path, await at(path)]).toMatchObject([
        path,
        { status: 400, body: { code: 'malformed-request' } },
      ]);
    for (const id of ['%00', '..%2f', '%F0%9F%92%A9', 'a'.repeat(4_000), `${journey.id}%20`])
      expect([id, await at(`/journeys/${id}`, journey.token)]).toMatchObject([id, { status: 404 }]);
    expect((await at(`/journeys/${journey.id}?x[y]=z&__proto__=1`, journey.token)).status).toBe(200);
  });
});

describe('routes that authenticate the caller', () => {
  test.each(
    routes
      .filter(({ caller }) => caller !== 'anyone')
      .map((route) => [`${route.method} ${route.path}`, route] as const),
  )('%s: a malformed Authorization header is no credential', async (_name, route) => {
    const body = route.body && JSON.stringify(goodBody(route));
    const odd = [
      '',
      'Bearer',
      'Bearer ',
      'Basic eDp4',
      'Bearer a b',
      `Bearer ${'x'.repeat(600)}`,
      `Token ${tokenFor(route)}`,
      `${tokenFor(route)}`,
    ];
    for (const header of odd) {
      const reply = await requestOnceRaw(stack, route.method.toUpperCase(), addressOf(route), {
        ...(body && { body }),
        headers: { ...(body && json), ...keyFor(route), Authorization: header },
      });
      expect([header, reply.status, reply.body.code]).toEqual([header, 401, 'not-authenticated']);
    }
    await nothingWritten();
    const twice = await requestOnceRaw(stack, route.method.toUpperCase(), addressOf(route), {
      ...(body && { body }),
      headers: {
        ...(body && json),
        ...keyFor(route),
        Authorization: ['Bearer nobody', `Bearer ${tokenFor(route)}`] as unknown as string,
      },
    });
    expect(twice.status).toBe(401);
    before = await rowCounts(stack);
  });
});

test('none of all this has cost a guess', async () => {
  expect((await journey.read()).body.journey).toMatchObject({
    step: 'otp',
    otp: { attemptsLeft: 3, sendsLeft: 2 },
  });
});
