import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import express, { type RequestHandler } from 'express';
import { govukFolder, portalFolder } from '../views/templates.ts';

const folders = ['public', 'browser'].map((name) => path.join(portalFolder, name));

/**
 * Serves the styles, scripts and images. Their address contains a digest of all of them, so that browsers may cache them
 * for a year and still load a new version.
 */
export function createAssets(): { serve: RequestHandler; asset: (name: string) => string } {
  const digest = createHash('sha256');
  const govuk = path.join(govukFolder, 'govuk', 'govuk-frontend.min.js');
  for (const folder of folders)
    for (const name of readdirSync(folder).sort()) digest.update(readFileSync(path.join(folder, name)));
  const version = digest.update(readFileSync(govuk)).digest('base64url').slice(0, 12);
  const router = express.Router({ caseSensitive: true, strict: true });
  const forAYear = { index: false, immutable: true, maxAge: '365d' } as const;
  for (const folder of folders) router.use(`/assets/${version}`, express.static(folder, forAYear));
  router.get(`/assets/${version}/govuk-frontend.js`, (_request, response) => {
    response.sendFile(govuk, { ...forAYear, maxAge: '365d' });
  });
  return { serve: router, asset: (name) => `/assets/${version}/${name}` };
}
