import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { problems } from '../../api/http/problems.ts';
import { addOfficer, ensureFirstOfficer, revokeOfficer } from '../../api/office/officers.ts';
import { routes } from '../../api/routes.ts';
import { type Language, languages } from '../../domain/languages.ts';
import { problemText } from '../../platform/locales.ts';
import { Citizen } from '../actors/citizen.ts';
import { goodPassword, wrongCode } from '../actors/credentials.ts';
import { documentOf } from '../contract/declared-answers.ts';
import { goodBodies } from '../contract/samples.ts';
import { type HttpReply, requestOnce } from '../environment/http.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const get = (path: string) => fetch(`${stack.url}${path}`);

describe('a problem', () => {
  const inLanguage = (acceptLanguage: string | undefined): Promise<HttpReply> =>
    requestOnce(stack, 'GET', '/nothing', {
      headers: acceptLanguage === undefined ? {} : { 'Accept-Language': acceptLanguage },
    });

  test.each<[string, string | undefined, Language]>([
    ...languages.map((language): [string, string, Language] => [language, language, language]),
    ['no language', undefined, 'es'],
    ['languages that we have not', 'fr-FR, de;q=0.8', 'es'],
    ['a regional form', 'gl-ES, es;q=0.5', 'gl'],
    ['Valencian as browsers say it', 'ca-ES-valencia', 'ca-valencia'],
    ['a language less liked than another', 'en;q=0.1, eu;q=0.9', 'eu'],
    ['more than is read', 'en,'.repeat(1_000), 'es'],
    ['something unreadable', '\u00ff;;;=', 'es'],
  ])('asked for in %s is told in the right one, under the same code', async (_name, asked, language) => {
    const { status, headers, body } = await inLanguage(asked);
    expect(headers.get('Content-Language')).toBe(language);
    expect(headers.get('Content-Type')).toMatch(/^application\/problem\+json/);
    const { title, detail } = problemText('not-found', language);
    expect({ status, body }).toEqual({
      status: 404,
      body: { type: 'urn:clave:problem:not-found', code: 'not-found', status: 404, title, detail },
    });
  });

  test('has words of its own in each of the six languages', () => {
    for (const code of Object.keys(problems) as (keyof typeof problems)[]) {
      const titles = languages.map((language) => problemText(code, language).title);
      expect([code, titles.every(Boolean)]).toEqual([code, true]);
      // Catalan and Valencian may say the same; Spanish and Basque never do.
      expect([code, new Set(titles).size >= 3]).toEqual([code, true]);
    }
  });
});

describe('every answer', () => {
  test('names no software, cannot be framed or sniffed, and may not be stored', async () => {
    const citizen = await new Citizen(stack).register();
    const begun = await citizen.tryStartActivation();
    const answers = [
      begun,
      await citizen.tryStartActivation({ activationCode: wrongCode }),
      await requestOnce(stack, 'GET', `/journeys/${begun.body.journey.id}`, { token: begun.body.token }),
      await requestOnce(stack, 'GET', '/nothing'),
      await requestOnce(stack, 'PUT', '/activations'),
      await requestOnce(stack, 'GET', '/journeys/%'),
      await requestOnce(stack, 'GET', '/password-policy'),
    ];
    for (const { headers } of answers) {
      expect(headers.get('Cache-Control')).toBe('no-store');
      expect(headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
    }
    const pages = await Promise.all(['/docs', '/openapi.json', '/healthz', '/nothing'].map(get));
    for (const { headers } of [...answers, ...pages]) {
      expect(headers.get('X-Powered-By')).toBeNull();
      expect(headers.get('Server')).toBeNull();
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
      expect(headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('Content-Security-Policy')).toMatch(/default-src '(none|self)'/);
    }
  });
});

describe('the OpenAPI document', () => {
  test('is valid 3.1 and has each route, and nothing else', async () => {
    const document = await documentOf(stack.url);
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(await new Validator().validate(JSON.parse(JSON.stringify(document)))).toEqual({ valid: true });
    const declared = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    expect(declared.sort()).toEqual(
      routes.map(({ method, path }) => `${method} ${path.replace(':id', '{id}')}`).sort(),
    );
    const ids = Object.values(document.paths).flatMap((item) =>
      Object.values(item).map((each) => (each as { operationId?: string }).operationId),
    );
    expect(new Set(ids).size).toBe(routes.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/);
  });

  test('has every problem of the table, and a declared way to be refused for every caller', async () => {
    const { paths } = await documentOf(stack.url);
    const described = Object.values(paths).flatMap((item) =>
      Object.values(item).flatMap(({ responses }) =>
        Object.values(responses).map(({ description }) => description),
      ),
    );
    for (const code of Object.keys(problems)) expect(described.join()).toContain(`\`${code}\``);
    for (const { method, path, caller } of routes) {
      const responses = paths[path.replace(':id', '{id}')]?.[method]?.responses ?? {};
      expect([path, '401' in responses]).toEqual([path, caller !== 'anyone' || path === '/sessions']);
      for (const status of ['400', '404', '405', '413', '415', '429', '503'])
        expect([path, Object.keys(responses)]).toEqual([path, expect.arrayContaining([status])]);
    }
  });

  test('is shown by a page that loads all it needs from here', async () => {
    const page = await get('/docs');
    expect([page.status, page.headers.get('Content-Type')]).toEqual([
      200,
      expect.stringContaining('text/html'),
    ]);
    const html = await page.text();
    const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, asset]) => asset as string);
    expect(assets.length).toBeGreaterThanOrEqual(3);
    for (const asset of [...assets, '/openapi.json']) {
      expect(asset).toMatch(/^\//);
      const answer = await get(asset);
      expect([asset, answer.status]).toEqual([asset, 200]);
      expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(50);
    }
    // Neither the version of the software, nor another spelling of a path.
    for (const path of ['/docs/package.json', '/docs/', '/DOCS', '/docs/SWAGGER-UI.css', '/openapi.json/'])
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    // No script of the page is in the page, where the policy would forbid it.
    expect(html).not.toMatch(/<script>|\son\w+=/);
    expect(page.headers.get('Content-Security-Policy')).not.toMatch(/script-src[^;]*unsafe/);
  });
});

describe('registration officers', () => {
  test('are let in by their key until it is revoked, and by no other', async () => {
    const officer = await addOfficer(stack.db, { name: 'Leire Agirre', office: 'Bilbao' });
    const officeRoutes = routes.filter(({ caller }) => caller === 'officer');
    expect(officeRoutes.length).toBeGreaterThanOrEqual(3);
    const as = async (token: string | undefined): Promise<number[]> => {
      const asked = officeRoutes.map(({ path }) =>
        requestOnce(stack, 'POST', path, { body: goodBodies[path]?.(), token }),
      );
      return (await Promise.all(asked)).map(({ status }) => status);
    };
    for (const status of await as(officer.key)) expect([201, 404]).toContain(status);
    const { token } = await (await new Citizen(stack).register()).startActivation();
    for (const stranger of [undefined, `${officer.key}x`, officer.id, token])
      expect(new Set(await as(stranger))).toEqual(new Set([401]));
    expect(await revokeOfficer(stack.db, officer.id)).toBe(true);
    expect(new Set(await as(officer.key))).toEqual(new Set([401]));
    expect(await revokeOfficer(stack.db, officer.id)).toBe(false);
  });

  test('the first one is let in by OFFICE_API_KEY, also a changed one, until revoked: no start of an API brings that back', async () => {
    const as = async (token: string) =>
      (
        await requestOnce(stack, 'POST', '/citizen-lookups', {
          body: goodBodies['/citizen-lookups']?.(),
          token,
        })
      ).status;
    const { id: first, keyDigest } = await stack.db.prisma.officer.findFirstOrThrow({
      where: { office: 'OFFICE_API_KEY' },
    });
    try {
      expect(await ensureFirstOfficer(stack.db, 'another-key')).toBe(true);
      expect([await as(stack.officeKey), await as('another-key')]).toEqual([401, 404]);
      await revokeOfficer(stack.db, first);
      expect(await ensureFirstOfficer(stack.db, 'another-key')).toBe(false);
      expect(await ensureFirstOfficer(stack.db, 'a-third-key')).toBe(false);
      expect([await as('another-key'), await as('a-third-key')]).toEqual([401, 401]);
    } finally {
      await stack.db.prisma.officer.update({ where: { id: first }, data: { keyDigest, revokedAt: null } });
    }
  });

  test('can neither see nor set a password: no route of theirs takes one, and no route at all gives one', async () => {
    const { paths, components } = await documentOf(stack.url);
    const fieldsIn = (value: unknown): string[] => {
      if (typeof value !== 'object' || value === null) return [];
      const { properties = {}, $ref } = value as { properties?: object; $ref?: string };
      const referred = $ref ? fieldsIn(components.schemas[$ref.replace('#/components/schemas/', '')]) : [];
      return [...Object.keys(properties), ...referred, ...Object.values(value).flatMap(fieldsIn)];
    };
    const secret = /password(?!ExpiresAt)|hash/i;
    for (const { method, path, caller } of routes) {
      const operation = paths[path.replace(':id', '{id}')]?.[method] as {
        requestBody?: unknown;
        responses: unknown;
      };
      expect([path, fieldsIn(operation.responses).filter((field) => secret.test(field))]).toEqual([path, []]);
      if (caller === 'officer')
        expect([path, fieldsIn(operation.requestBody).filter((field) => secret.test(field))]).toEqual([
          path,
          [],
        ]);
    }
  });
});

describe('monitoring', () => {
  test('gets counts of answers, and no personal data', async () => {
    const citizen = await new Citizen(stack).register();
    await citizen.activateOrReset();
    await citizen.tryStartActivation({ activationCode: wrongCode });
    const metrics = await until(
      async () => (await get('/metrics')).text(),
      (text) => text.includes('activation-data-refused'),
    );
    expect(metrics).toMatch(
      /clave_http_request_duration_seconds_count\{method="POST",route="\/activations",status="201"\} [1-9]/,
    );
    expect(metrics).toMatch(
      /clave_problems_total\{route="\/activations",code="activation-data-refused"\} [1-9]/,
    );
    expect(metrics).toMatch(/clave_password_hashing_\w+ 0/);
    expect(metrics).toContain('process_cpu_user_seconds_total');
    const { nationalId, email, phone } = citizen.data;
    for (const datum of [nationalId, email, phone, citizen.citizenId, citizen.activationCode, goodPassword])
      expect(metrics).not.toContain(datum);
  });

  test('is refused behind a proxy: the metrics are an unknown path', async () => {
    const asked = { headers: { 'X-Forwarded-For': '203.0.113.7' } };
    const [metrics, nothing] = await Promise.all(
      ['/metrics', '/nothing'].map((path) => fetch(`${stack.url}${path}`, asked)),
    );
    const comparable = async (answer: Response | undefined) => {
      const { 'x-request-id': _id, date: _date, ...headers } = Object.fromEntries(answer?.headers ?? []);
      return { status: answer?.status, headers, body: await answer?.json() };
    };
    const refused = await comparable(metrics);
    expect(refused.status).toBe(404);
    expect(refused).toEqual(await comparable(nothing));
  });

  test('gets 200 for liveness and readiness', async () => {
    expect((await get('/healthz')).status).toBe(200);
    const ready = await get('/readyz');
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ready', database: true, worker: true, slots: true },
    ]);
  });
});
