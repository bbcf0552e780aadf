import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import nunjucks from 'nunjucks';

const require = createRequire(import.meta.url);

/** The folder of govuk-frontend, whose components the templates use. */
export const govukFolder = path.join(path.dirname(require.resolve('govuk-frontend/package.json')), 'dist');

/** The folder in which template names begin. */
export const portalFolder = fileURLToPath(new URL('..', import.meta.url));

/** Renders a template (`permanente/activation/activation.njk`). Every value is escaped. */
export type Render = (template: string, data: object) => string;

/** Creates the renderer. Templates are read and compiled once, at their first use. */
export function createRender(): Render {
  const loader = new nunjucks.FileSystemLoader([portalFolder, govukFolder]);
  const environment = new nunjucks.Environment(loader, {
    autoescape: true,
    trimBlocks: true,
    lstripBlocks: true,
  });
  return (template, data) => environment.render(template, data);
}
