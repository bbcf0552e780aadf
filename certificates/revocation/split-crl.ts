/** A list of revoked certificates in its parts. */
export interface SplitCrl {
  /** The list without its entries, for pkijs. The signature is verified over `signed`, not over this. */
  readonly frame: Uint8Array;
  /** What the issuer has signed. */
  readonly signed: Uint8Array;
  /** The serial numbers of the entries: the octets of the INTEGER, in hexadecimal. */
  readonly serials: ReadonlySet<string>;
  /** Whether an entry has an extension that must be understood to use the list at all. */
  readonly hasCriticalEntry: boolean;
}

/**
 * Splits a DER list ([RFC5280] 5.1). An ASN.1 parser makes objects of every octet: of a list of 130,000 entries 500 MB in several
 * seconds, if it does not refuse so many at all. Here entries are walked through, in some hundredths of a second.
 * @throws Error if it is no such list
 */
export function splitCrl(der: Uint8Array): SplitCrl {
  const bytes = Buffer.from(der.buffer, der.byteOffset, der.byteLength);
  const list = elementAt(bytes, 0, bytes.length);
  if (list.tag !== tags.sequence || list.end !== bytes.length) throw new Error('not a DER list');
  const [tbs, ...signature] = childrenOf(bytes, list, 3);
  if (!tbs) throw new Error('an empty list');
  const parts = childrenOf(bytes, tbs, 7);
  // The algorithm, the issuer, and then the entries, if there are any.
  const entries = parts.filter(({ tag }) => tag === tags.sequence)[2];
  const slice = ({ start, end }: Element) => bytes.subarray(start, end);
  const frame = sequence([
    sequence(parts.filter((part) => part !== entries).map(slice)),
    ...signature.map(slice),
  ]);
  return { frame, signed: slice(tbs), ...readEntries(bytes, entries) };
}

function readEntries(bytes: Buffer, entries: Element | undefined) {
  const serials = new Set<string>();
  let hasCriticalEntry = false;
  for (const entry of entries ? elementsIn(bytes, entries) : []) {
    const [serial, , extensions] = childrenOf(bytes, entry, 3);
    if (serial?.tag !== tags.integer) throw new Error('an entry without a serial number');
    serials.add(bytes.toString('hex', serial.content, serial.end));
    hasCriticalEntry ||= extensions !== undefined && hasCritical(bytes, extensions);
  }
  return { serials, hasCriticalEntry };
}

/** An extension is its name, `critical` if it is, and its value. */
const hasCritical = (bytes: Buffer, extensions: Element): boolean =>
  childrenOf(bytes, extensions, 10).some(
    (extension) => childrenOf(bytes, extension, 3)[1]?.tag === tags.boolean,
  );

const tags = { boolean: 0x01, integer: 0x02, sequence: 0x30 };

/** Where an element is: its first octet, that of its content, and the end of both. */
interface Element {
  readonly tag: number;
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

/** Nothing is verified yet: an element has no more children than it may have. */
function childrenOf(bytes: Buffer, parent: Element, most: number): Element[] {
  const children: Element[] = [];
  for (const child of elementsIn(bytes, parent)) {
    if (children.length === most) throw new Error('too many elements');
    children.push(child);
  }
  return children;
}

function* elementsIn(bytes: Buffer, { content, end }: Element): Generator<Element> {
  for (let at = content; at < end; ) {
    const child = elementAt(bytes, at, end);
    yield child;
    at = child.end;
  }
}

/** The element that begins at an octet, within `limit`. [X.690] 8.1, 10.1: a tag of one octet, a definite length. */
function elementAt(bytes: Buffer, start: number, limit: number): Element {
  const first = bytes.readUInt8(start + 1);
  const octets = first < 0x80 ? 0 : first - 0x80;
  if (octets > 4 || first === 0x80) throw new Error('invalid length');
  const content = start + 2 + octets;
  const length = octets === 0 ? first : bytes.readUIntBE(start + 2, octets);
  if (content + length > limit) throw new Error('an element exceeds its parent');
  return { tag: bytes.readUInt8(start), start, content, end: content + length };
}

function sequence(parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const header = Buffer.from([tags.sequence, 0x84, 0, 0, 0, 0]);
  header.writeUInt32BE(content.length, 2);
  return Buffer.concat([header, content]);
}
