import { writeFileSync } from 'node:fs';
import { readPortalSettings } from '../platform/config.ts';
import { type OpenApiDocument, typesOfOpenApi } from './openapi-types.ts';

/** `npm run portal:client`: writes `schema.ts` anew from the API that is running. */
const { API_URL } = readPortalSettings();
const response = await fetch(new URL('/openapi.json', API_URL));
const file = new URL('schema.ts', import.meta.url);
writeFileSync(file, typesOfOpenApi((await response.json()) as OpenApiDocument));
process.stdout.write(`${file.pathname}\n`);
