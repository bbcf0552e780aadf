import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import nunjucks from 'nunjucks';

const require = createRequire(import.meta.url);

/** The folder of govuk-frontend, whose components the templates use. */
export const govukFolder = path.join(path.dirname(require.resolve('govuk-frontend/package.json')), 'dist');

/** The folder of what front-ends share: layouts, styles, scripts. */
export const webFolder = fileURLToPath(new URL('..', import.meta.url));

type OnExported = (error: unknown, exported?: unknown) => void;
interface Importable {
  getExported(contextOrThen: object | OnExported, parentFrame?: object, then?: OnExported): void;
}

/**
 * Macros that are imported without context are the same each time, but nunjucks runs the templates that define them, and those
 * that these import, anew for each page: a fifth of what a page costs. Here each is run once.
 */
function importOnce(templates: Importable): void {
  const { getExported } = templates;
  const kept = new WeakMap<object, unknown>();
  templates.getExported = function getExportedOnce(this: Importable, contextOrThen, parentFrame, then) {
    if (typeof contextOrThen !== 'function') return getExported.call(this, contextOrThen, parentFrame, then);
    if (kept.has(this)) return (contextOrThen as OnExported)(null, kept.get(this));
    getExported.call(this, (error: unknown, exported: unknown) => {
      if (!error) kept.set(this, exported);
      (contextOrThen as OnExported)(error, exported);
    });
  };
}
importOnce(nunjucks.Template.prototype as unknown as Importable);

/** Renders a template (`permanente/activation/activation.njk`). Every value is escaped. */
export type Render = (template: string, data: object) => string;

/**
 * Creates the renderer of a front-end. Template names begin in its own folder or in the shared one; templates are read and
 * compiled once, at their first use.
 */
export function createRender(folder: string): Render {
  const loader = new nunjucks.FileSystemLoader([folder, webFolder, govukFolder]);
  const environment = new nunjucks.Environment(loader, {
    autoescape: true,
    trimBlocks: true,
    lstripBlocks: true,
  });
  return (template, data) => environment.render(template, data);
}
