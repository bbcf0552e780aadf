import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import express, { type RequestHandler } from 'express';
import { govukFolder, webFolder } from '../views/templates.ts';

const folders = ['public', 'browser'].map((name) => path.join(webFolder, name));

/**
 * Serves the styles, scripts and images. Their address contains a digest of all of them, so that browsers may cache them
 * for a year and still load a new version. All replies share one copy in memory: a reply is ended at once, whether or not the
 * client takes it (`platform/admission.ts`).
 */
export function createAssets(): { serve: RequestHandler; asset: (name: string) => string } {
  const contents = new Map(
    folders.flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => /\.(?:css|js|svg)$/.test(name))
        .sort()
        .map((name): [string, Buffer] => [name, readFileSync(path.join(folder, name))]),
    ),
  );
  contents.set('govuk-frontend.js', readFileSync(path.join(govukFolder, 'govuk', 'govuk-frontend.min.js')));
  const digest = createHash('sha256');
  for (const content of contents.values()) digest.update(content);
  const version = digest.digest('base64url').slice(0, 12);
  const router = express.Router({ caseSensitive: true, strict: true });
  for (const [name, content] of contents)
    router.get(`/assets/${version}/${name}`, (_request, response) => {
      response
        .set('Cache-Control', 'public, max-age=31536000, immutable')
        .type(path.extname(name))
        .send(content);
    });
  return { serve: router, asset: (name) => `/assets/${version}/${name}` };
}
