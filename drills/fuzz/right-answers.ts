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
  ...['APPLICATION/JSON;;charset="UTF8"', 'application/json\t;\tcharset=utf-8;', 'application/json; q=1'],
];

/** Content types that mean something else, or nothing. */
export const wrongContentTypes: readonly string[] = [
  ...['', 'text/plain', 'application/json; charset=utf-16', 'application/json; charset="', 'text/json'],
  ...['application/problem+json', 'multipart/form-data', 'application/json, text/html', '\xff', '/'],
  ...['application/json; charset=utf-8; charset=latin1', 'application/json; charset="utf-16"'],
  ...['application/json; charset="utf-8', 'application/json; charset=', 'application/json; charset'],
  ...['application/json charset=utf-8', 'application/ json', 'application/jsonp', 'application/json; =utf-8'],
];

/** Fields whose values people type or paste: what is left around them is taken off. */
export const typedFields: readonly string[] = [
  ...['nationalId', 'email', 'phone', 'activationCode', 'otp'],
  ...['givenName', 'firstSurname', 'secondSurname'],
];

/** What copying leaves around a value. */
export const leftovers: readonly string[] = [
  ...['\u200b', '\u00ad', '\u202a', '\u202c', '\ufeff', '\u2060', '\u061c', '\ufe0f'],
  ...['\u00a0', '\u3000', '\u2007', '\t', ' '],
];

/** What is left between the characters of a value, and cannot be seen: `{email with \u200b}`. */
export const invisible = '\u00ad\u200b';

/** Fields whose values are taken as they are: another one may be right, and is never the same. */
const secrets = ['currentPassword'];

/** By field, values that are not the right one: not of its form, or, of a secret, another one. */
export const wrongSpellings: Readonly<Record<string, readonly string[]>> = {
  nationalId: ['{nationalId}A', '{nationalId} {nationalId}', '\u0661{nationalId}', '{nationalId}\u0000'],
  email: ['{email}@example.org', '{email} {email}', '{email}\nbcc: {email}', '<{email}>', '{email}.'],
  phone: ['{phone}\n{phone}', '{phone};ext=5', '{phone}\u0661', '+{phone}'],
  activationCode: [
    '{activationCode}7',
    'U{activationCode}',
    '{activationCode}é',
    '{activationCode}{activationCode}',
  ],
  otp: ['{otp}7', '7{otp}', '{otp} {otp}', '{otp}\u0661'],
  givenName: ['{givenName}7', '<{givenName}>', '{givenName}\n{givenName}', '{givenName}\u0661'],
  firstSurname: ['{firstSurname}7', '{firstSurname};', '{firstSurname}\u0430'],
  currentPassword: [
    '{currentPassword} ',
    '\u200b{currentPassword}',
    '{currentPassword}\u00ad',
    '\t{currentPassword}',
  ],
};

const surrounded = new RegExp(
  `^[${leftovers.join('')}]*\\{(${typedFields.join('|')})(?: with ${invisible})?\\}[${leftovers.join('')}]*$`,
);

/** Headers that change nothing about whether a request is right. */
const harmlessHeaders = ['Accept-Language', 'User-Agent', 'Accept', 'X-Forwarded-For', 'Range', 'Origin'];
/** What a request is refused with for its form alone. 404 says something of the state, too. */
const refusalsOfForm = [400, 405, 406, 411, 413, 414, 415, 417, 431];

/** What is wrong with an answer that refuses a right request, or serves a wrong one; undefined if nothing is. */
export function mistakeOf(
  request: Request,
  { status, body }: Pick<Exchanged, 'status' | 'body'>,
): string | undefined {
  const errors = (body as { errors?: readonly FieldError[] } | undefined)?.errors ?? [];
  return (
    (isHonest(request) && request.body !== '' && mistakeInContentType(request, status)) ||
    (isHonest(request) && isAddressed(request) && mistakeInForm(request, status, errors)) ||
    mistakeInFields(request, status, errors) ||
    undefined
  );
}

/** What a request is right or wrong in, for a summary; undefined if that is not known. */
export function judgedAs(request: Request): string | undefined {
  const { body, contentType, wrong } = request;
  if (!isHonest(request) || !isAddressed(request) || body === '') return undefined;
  if (wrongContentTypes.includes(contentType)) return `content type ${contentType}`;
  if (wrong === 'unknown') return undefined;
  return wrong === 'none' ? `right, ${contentType}` : `wrong ${wrong}`;
}

/** What must be in the summary of many requests: each right content type was served, each wrong one and each field refused. */
export const mustBeJudged: readonly string[] = [
  ...rightContentTypes.map((contentType) => `right, ${contentType}: 2xx`),
  ...wrongContentTypes.map((contentType) => `content type ${contentType}: 415`),
  ...Object.keys(wrongSpellings).map((field) => `wrong ${field}: ${secrets.includes(field) ? 422 : 400}`),
];

/** Whether nothing but the content type, the body and the address can be the matter. */
const isHonest = ({ flood, framing, headers }: Request): boolean =>
  flood === 'none' &&
  ['length', 'chunked', 'slowly'].includes(framing) &&
  Object.keys(headers).every((name) => harmlessHeaders.includes(name));

const isAddressed = ({ method, declared, path, rightPath }: Request): boolean =>
  method === declared && path === rightPath;

/** The content type is judged before anything else of a request that reaches an operation. */
function mistakeInContentType(request: Request, status: number) {
  const { contentType } = request;
  const isWrong = wrongContentTypes.includes(contentType);
  if (status === 415 && !isWrong) return `415 for ${contentType}`;
  const isServed = isWrong && isAddressed(request) && ![415, 503].includes(status);
  return isServed ? `${status} for the content type ${contentType}` : undefined;
}

/** A right form is refused for its state, its caller or a limit only, and a wrong value is served or judged never. */
function mistakeInForm(
  { contentType, framing, wrong, body }: Request,
  status: number,
  errors: readonly FieldError[],
) {
  if (body === '' ? framing !== 'length' : wrongContentTypes.includes(contentType)) return undefined;
  if (wrong === 'none') {
    const isRefused = refusalsOfForm.includes(status) && !isOfAnotherCaller(errors);
    return isRefused ? `${status} for a right request` : undefined;
  }
  if (wrong === 'unknown') return undefined;
  if (status < 300) return `${status} for a wrong ${wrong}`;
  const isOfForm = !secrets.includes(wrong);
  if (isOfForm && [410, 422, 423].includes(status)) return `${status}: a wrong ${wrong} has been judged`;
  if (isOfForm && status === 400 && !errors.some(({ pointer }) => pointer === `/${wrong}`))
    return `400 for other fields than the wrong ${wrong}`;
  return undefined;
}

/** A right value is refused at no field, whatever else is the matter. */
function mistakeInFields({ body }: Request, status: number, errors: readonly FieldError[]) {
  const sent = status === 400 ? membersOf(body) : {};
  const refused = errors.find(({ pointer = '', code }) => {
    const name = pointer.slice(1);
    const value = sent[name];
    // A field that did not arrive, or of whose name something is missing, is refused for that.
    const isJudged = code !== 'required' && code !== 'unknown-field' && typeof value === 'string';
    return isJudged && surrounded.exec(value)?.[1] === name;
  });
  return refused && `400 for a right value at ${refused.pointer}`;
}

/** Fields of which the caller decides whether they must be there, or which value they may have: right for another caller. */
const ofOtherCallers: Readonly<Record<string, readonly string[]>> = {
  // An officer names the citizen, a certificate its holder.
  '/nationalId': ['required', 'unknown-field'],
  // In a session the password is confirmed with the current one, with a certificate there is none.
  '/currentPassword': ['required', 'unknown-field'],
  // The pages send browsers for acts, the gateway for identifications.
  '/purpose': ['not-permitted'],
};

const isOfAnotherCaller = (errors: readonly FieldError[]): boolean =>
  errors.length === 1 &&
  errors.every(({ pointer = '', code = '' }) => ofOtherCallers[pointer]?.includes(code));

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
