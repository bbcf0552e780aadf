/** A JSON Schema as the API's OpenAPI document has it; only what that document uses. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
}
interface Media {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}
interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly required?: boolean;
  readonly schema: Schema;
}
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Media;
  readonly responses: Readonly<Record<string, Media>>;
}

/** An OpenAPI 3.1 document, as far as it is read. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/**
 * The TypeScript types of an OpenAPI document, in the form that openapi-fetch takes. Our own because openapi-typescript
 * needs TypeScript's old compiler API, which the pinned TypeScript no longer has; the document uses little of OpenAPI.
 * @throws RangeError on an unsupported schema, so that no type is silently `unknown`.
 */
export function typesOfOpenApi(document: OpenApiDocument): string {
  const paths = Object.entries(document.paths).map(
    ([path, operations]) =>
      `${JSON.stringify(path)}: {${methods.map((method) => operationType(method, operations[method])).join('')}};`,
  );
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) => `export type ${name} = ${typeOf(schema)};\n`,
  );
  return `// Made by \`npm run portal:client\` from the API's /openapi.json. Not to be edited.\n${schemas.join('')}\nexport interface paths {\n${paths.join('\n')}\n}\n`;
}

function operationType(method: string, operation: Operation | undefined): string {
  if (!operation) return `${method}?: never;`;
  const { parameters = [], requestBody, responses } = operation;
  const ofKind = (kind: string) => {
    const some = parameters.filter((parameter) => parameter.in === kind);
    const optional = some.every(({ required }) => !required);
    if (some.length === 0) return `${kind}?: never;`;
    const fields = some.map(
      ({ name, required, schema }) => `${JSON.stringify(name)}${required ? '' : '?'}: ${typeOf(schema)};`,
    );
    return `${kind}${optional ? '?' : ''}: {${fields.join('')}};`;
  };
  const answers = Object.entries(responses).map(
    ([status, media]) => `${status}: { headers: Record<string, unknown>; ${contentOf(media)} };`,
  );
  return `${method}: { parameters: {${['query', 'header', 'path', 'cookie'].map(ofKind).join('')}}; ${
    requestBody ? `requestBody: { ${contentOf(requestBody)} };` : 'requestBody?: never;'
  } responses: {${answers.join('')}} };`;
}

function contentOf({ content }: Media): string {
  if (!content) return 'content?: never;';
  const fields = Object.entries(content).map(
    ([type, { schema }]) => `${JSON.stringify(type)}: ${typeOf(schema)};`,
  );
  return `content: {${fields.join('')}};`;
}

function typeOf(schema: Schema): string {
  if (schema.$ref) return schema.$ref.split('/').at(-1) ?? 'never';
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' | ');
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? []);
  if (types.length === 0) throw new RangeError(`no type for ${JSON.stringify(schema)}`);
  return types.map((type) => ofType(type, schema)).join(' | ');
}

function ofType(type: string, schema: Schema): string {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
    case 'number':
      return type;
    case 'integer':
      return 'number';
    case 'array':
      return `(${typeOf(schema.items ?? {})})[]`;
    case 'object':
      return objectType(schema);
    default:
      throw new RangeError(`no type for ${type}`);
  }
}

function objectType({ properties = {}, required = [], additionalProperties }: Schema): string {
  if (typeof additionalProperties === 'object') return `Record<string, ${typeOf(additionalProperties)}>`;
  if (Object.keys(properties).length === 0) return 'Record<string, never>';
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)};`,
  );
  return `{${fields.join('')}}`;
}
