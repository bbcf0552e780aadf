import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/** An answer as it is compared with the OpenAPI document. */
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

type Json = Readonly<Record<string, unknown>>;
interface Operation {
  readonly responses: Readonly<Record<string, Declared>>;
}
interface Declared {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly required?: boolean; readonly schema: Json }>>;
  readonly content?: Readonly<Record<string, { readonly schema: Json }>>;
}
/** The OpenAPI document, as far as answers go. */
export interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

const documents = new Map<string, Promise<OpenApi>>();
const documentsByText = new Map<string, OpenApi>();

/** The document that this API serves, read once. APIs that serve the same text share it, and what is compiled of it. */
export function documentOf(url: string): Promise<OpenApi> {
  const known = documents.get(url) ?? readDocument(url);
  documents.set(url, known);
  return known;
}

async function readDocument(url: string): Promise<OpenApi> {
  const text = await (await fetch(`${url}/openapi.json`)).text();
  const document = documentsByText.get(text) ?? (JSON.parse(text) as OpenApi);
  documentsByText.set(text, document);
  return document;
}

/** What may be answered before any route, to addresses and methods that no route has. */
const toNoRoute = [400, 404, 405, 408, 413, 415, 429, 431, 503];

/**
 * Holds an answer to the OpenAPI document that the API itself serves: status, headers, media type, problem code, every
 * field. @throws Error with what is not declared
 */
export async function mustBeDeclared(
  url: string,
  method: string,
  path: string,
  answer: Answer,
): Promise<void> {
  const document = await documentOf(url);
  const seen = `${method} ${path} answered ${answer.status} ${JSON.stringify(answer.body)}`;
  const operation = operationFor(document, method, path);
  if (!operation && !toNoRoute.includes(answer.status)) throw new Error(`${seen}, and is no route`);
  const declared = (operation ?? anyOperation(document))?.responses[answer.status];
  if (!declared) throw new Error(`${seen}, a status that is not declared`);
  for (const [name, { required, schema }] of Object.entries(declared.headers ?? {})) {
    const value = answer.headers.get(name);
    if (value === null && required) throw new Error(`${seen} without ${name}`);
    if (value === null) continue;
    mustFit(document, schema, schema['type'] === 'integer' ? Number(value) : value, `${seen}, and ${name}`);
  }
  if (!declared.content && answer.body === undefined) return;
  const mediaType = answer.headers.get('Content-Type')?.split(';')[0] ?? 'none';
  const content = declared.content?.[mediaType];
  if (!content) throw new Error(`${seen} as ${mediaType}, which is not declared`);
  // The answer to a HEAD has no body to be held to anything.
  if (method === 'HEAD') return;
  const { code } = (answer.body ?? {}) as { code?: string };
  if (operation && mediaType === 'application/problem+json' && !declared.description.includes(`\`${code}\``))
    throw new Error(`${seen}, a problem that is not declared`);
  mustFit(document, content.schema, answer.body, seen);
}

/** What every operation declares is what is answered where there is none. */
const anyOperation = ({ paths }: OpenApi): Operation | undefined =>
  Object.values(paths).flatMap((item) => Object.values(item))[0];

function operationFor({ paths }: OpenApi, method: string, path: string): Operation | undefined {
  const [asked = ''] = path.split('?');
  const found = Object.entries(paths).find(([template]) =>
    new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(asked),
  );
  const item = found?.[1];
  // HEAD is GET without what it would have answered ([RFC9110] 9.3.2).
  return item?.[method === 'HEAD' ? 'get' : method.toLowerCase()];
}

const validators = new WeakMap<Json, ValidateFunction>();

function mustFit({ components }: OpenApi, schema: Json, value: unknown, seen: string): void {
  const validate = validators.get(schema) ?? compiled({ ...schema, components });
  validators.set(schema, validate);
  if (!validate(value)) throw new Error(`${seen}, unlike its schema: ${ajv.errorsText(validate.errors)}`);
}

// Formats come with patterns in the document: the pattern decides.
const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  formats: { 'date-time': true, uuid: true, uri: true },
});
const compiled = (schema: Json): ValidateFunction => ajv.compile(schema);
