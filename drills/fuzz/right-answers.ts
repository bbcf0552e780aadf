import type { Exchanged } from './exchange.ts';
import type { Request } from './requests.ts';

/** Content types that mean JSON in UTF-8, as [RFC9110] 8.3.1 lets them be written, and as clients write them. */
export const rightContentTypes: readonly string[] = [
  ...[
    'application/json;charset="utf-8"',
    'Application/JSON; Charset=UTF-8',
    'application/json; charset=utf8',
  ],
  ...['application/json;', 'application/json ; version="1;2"; charset="ut\\f-8"'],
];

/** Content types that mean something else, or nothing. */
export const wrongContentTypes: readonly string[] = [
  ...['', 'text/plain', 'application/json; charset=utf-16', 'application/json; charset="', 'text/json'],
  ...['application/problem+json', 'multipart/form-data', 'application/json, text/html', '\xff', '/'],
];

/** Fields whose values people type or paste: what is left around them is taken off. */
export const typedFields: readonly string[] = [
  ...['nationalId', 'email', 'phone', 'activationCode', 'otp'],
  ...['givenName', 'firstSurname', 'secondSurname'],
];

/** What copying leaves around a value. */
export const leftovers: readonly string[] = [
  '\u200b',
  '\u00ad',
  '\u202a',
  '\u202c',
  '\ufeff',
  '\u00a0',
  '\t',
  ' ',
];

const surrounded = new RegExp(
  `^[${leftovers.join('')}]*\\{(${typedFields.join('|')})\\}[${leftovers.join('')}]*$`,
);

/** What is wrong with an answer that refuses a right request, or serves a wrong one; undefined if nothing is. */
export function mistakeOf(
  request: Request,
  { status, body }: Pick<Exchanged, 'status' | 'body'>,
): string | undefined {
  const { contentType, flood, framing, headers } = request;
  // Without a body no content type is sent.
  const isPlain = flood === 'none' && headers['Content-Encoding'] === undefined && request.body !== '';
  if (status === 415 && isPlain && rightContentTypes.includes(contentType)) return `415 for ${contentType}`;
  const hasBody = request.method === 'POST' && framing === 'length' && request.body !== '';
  if (status < 300 && hasBody && wrongContentTypes.includes(contentType))
    return `${status} for ${contentType}`;
  const errors = (body as { errors?: readonly FieldError[] } | undefined)?.errors ?? [];
  const sent = status === 400 ? membersOf(request.body) : {};
  const refused = errors.find(({ pointer = '', code }) => {
    const name = pointer.slice(1);
    const value = sent[name];
    // A field that did not arrive, or of whose name something is missing, is refused for that.
    const isJudged = code !== 'required' && code !== 'unknown-field' && typeof value === 'string';
    return isJudged && surrounded.exec(value)?.[1] === name;
  });
  return refused && `400 for a right value at ${refused.pointer}`;
}

interface FieldError {
  readonly pointer?: string;
  readonly code?: string;
}

function membersOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
