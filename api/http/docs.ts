import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import express, { type Router } from 'express';
import helmet from 'helmet';

/**
 * Serves the OpenAPI document and Swagger UI, without resources of other hosts. All replies share one copy in memory: a reply
 * is ended at once, whether or not the client takes it (`platform/admission.ts`).
 */
export function apiDocs(document: object): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  const assets = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const text = Buffer.from(JSON.stringify(document));
  router.get('/openapi.json', (_request, response) => {
    response.type('json').send(text);
  });
  // Swagger UI sets style attributes; scripts are loaded from this origin only.
  const policy = helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      frameAncestors: ["'none'"],
    },
  });
  router.get('/docs', policy, (_request, response) => {
    response.type('html').send(docsPage);
  });
  router.get('/docs/start.js', (_request, response) => {
    response.type('js').send(docsScript);
  });
  // Not the whole folder: the package.json in it names the version.
  for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
    const content = readFileSync(path.join(assets, name));
    router.get(`/docs/${name}`, policy, (_request, response) => {
      response.type(path.extname(name)).send(content);
    });
  }
  return router;
}

const docsPage = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Cl@ve Permanente: API</title>
  <link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
  <div id="reader"></div>
  <script src="/docs/swagger-ui-bundle.js"></script>
  <script src="/docs/start.js"></script>
</body>
</html>
`;

// Swagger UI leaves some of its lists without a name for screen readers (WCAG 4.1.2).
const docsScript = `const names = { '#servers': 'Server', '.examples-select-element': 'Example' };
const reader = document.getElementById('reader');
new MutationObserver(() => {
  for (const [list, name] of Object.entries(names))
    for (const select of reader.querySelectorAll(list)) select.setAttribute('aria-label', name);
}).observe(reader, { childList: true, subtree: true });
SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reader', deepLinking: true });
`;
