import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { compile } from 'sass';
import { createOpenApi } from '../../api/http/openapi.ts';
import { routes } from '../../api/routes.ts';
import { type OpenApiDocument, typesOfOpenApi } from '../../client/openapi-types.ts';
import { policyWith } from '../environment/test-policy.ts';

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

test('the client of the pages has the types of this API: `npm run portal:client` while the API runs', () => {
  const document = createOpenApi(routes, { policy: policyWith() }) as unknown as OpenApiDocument;
  expect(read('client/schema.ts')).toBe(typesOfOpenApi(document));
});

test('the styles are those of their source: `npm run portal:styles`', () => {
  const source = fileURLToPath(new URL('../../web/styles/portal.scss', import.meta.url));
  const { css } = compile(source, { style: 'compressed', quietDeps: true });
  // The command ends the file with a line feed.
  expect(read('web/public/portal.css').trim()).toBe(css.trim());
});
