/** A media type: `type/subtype` in lower case, and its parameters, whose names are in lower case. */
export interface MediaType {
  readonly essence: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const quoted = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*"';
const essenceShape = new RegExp(`^[\\t ]*(${token}/${token})[\\t ]*(?=;|$)`);
// An empty parameter is allowed: `application/json;`.
const parameterShape = new RegExp(`;[\\t ]*(?:(${token})=(${token}|${quoted}))?[\\t ]*(?=;|$)`, 'y');

/**
 * Reads the value of a Content-Type header. Undefined if it is malformed, or gives a parameter two values. Source:
 * [RFC9110] 8.3.1, 5.6.4, 5.6.6.
 */
export function parseMediaType(header: string): MediaType | undefined {
  const [start, essence] = essenceShape.exec(header) ?? [];
  if (start === undefined || essence === undefined) return undefined;
  const parameters = new Map<string, string>();
  parameterShape.lastIndex = start.length;
  while (parameterShape.lastIndex < header.length) {
    const match = parameterShape.exec(header);
    if (!match) return undefined;
    const name = match[1]?.toLowerCase();
    const value = unquoted(match[2] ?? '');
    if (name === undefined) continue;
    if ((parameters.get(name) ?? value) !== value) return undefined;
    parameters.set(name, value);
  }
  return { essence: essence.toLowerCase(), parameters };
}

const unquoted = (value: string): string =>
  value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/gs, '$1') : value;

/** Whether the charset of a media type is UTF-8, which it is without one. `utf8` is no registered name, but is sent. */
export function isUtf8(mediaType: MediaType): boolean {
  const charset = mediaType.parameters.get('charset');
  return charset === undefined || /^utf-?8$/i.test(charset);
}
