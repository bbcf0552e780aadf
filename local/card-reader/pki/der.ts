/** The DER encodings that certificates, lists and OCSP answers are made of. [X.690] */

export type Der = Buffer;

/** One element: its tag, the length of its content, and the content. */
export function element(tag: number, ...content: readonly Uint8Array[]): Der {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

export const sequence = (...items: readonly Uint8Array[]): Der => element(0x30, ...items);

/** A SET OF, whose elements DER sorts. */
export const setOf = (...items: readonly Uint8Array[]): Der =>
  element(0x31, ...[...items].sort(Buffer.compare));

/** `[tag]` around an element. */
export const explicit = (tag: number, ...content: readonly Uint8Array[]): Der =>
  element(0xa0 | tag, ...content);

/** `[tag]` in the place of the tag of a primitive. */
export const implicit = (tag: number, content: Uint8Array): Der => element(0x80 | tag, content);

export const boolean = (value: boolean): Der => element(0x01, Buffer.from([value ? 0xff : 0]));

/** A non-negative integer, given as a number or as big-endian bytes. */
export function integer(value: number | Uint8Array): Der {
  const hex = typeof value === 'number' ? value.toString(16) : Buffer.from(value).toString('hex');
  const even = hex.padStart(hex.length + (hex.length % 2), '0').replace(/^(?:00)+(?=..)/, '');
  return element(0x02, Buffer.from(Number.parseInt(even.slice(0, 2), 16) < 0x80 ? even : `00${even}`, 'hex'));
}

export const enumerated = (value: number): Der => element(0x0a, Buffer.from([value]));

export const octets = (content: Uint8Array): Der => element(0x04, content);

/** Whole octets of bits. */
export const bits = (content: Uint8Array): Der => element(0x03, Buffer.from([0]), content);

/** A BIT STRING of named bits: without trailing zeros, as DER demands. */
export function namedBits(positions: readonly number[]): Der {
  const last = Math.max(...positions);
  const body = Buffer.alloc(Math.floor(last / 8) + 1);
  for (const position of positions) {
    const index = Math.floor(position / 8);
    body[index] = (body[index] ?? 0) | (0x80 >> (position % 8));
  }
  return element(0x03, Buffer.from([7 - (last % 8)]), body);
}

export const nothing = (): Der => element(0x05);

export const utf8 = (text: string): Der => element(0x0c, Buffer.from(text, 'utf8'));

export const printable = (text: string): Der => element(0x13, Buffer.from(text, 'ascii'));

export const ia5 = (text: string): Der => element(0x16, Buffer.from(text, 'ascii'));

export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...others.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    digits.unshift((rest % 128) | 0x80);
  return digits;
}

/** GeneralizedTime in whole seconds: OCSP and certificates have no fractions. [RFC5280] 4.1.2.5.2 */
export const generalizedTime = (at: Date): Der => element(0x18, Buffer.from(`${digits(at)}Z`, 'ascii'));

/** UTCTime until 2049, GeneralizedTime from 2050 on. [RFC5280] 4.1.2.5 */
export const time = (at: Date): Der =>
  at.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(`${digits(at).slice(2)}Z`, 'ascii'))
    : generalizedTime(at);

const digits = (at: Date): string => at.toISOString().slice(0, 19).replace(/[-:T]/g, '');
