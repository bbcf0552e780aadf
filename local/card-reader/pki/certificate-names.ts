import { type Der, element, oid, printable, sequence, setOf, utf8 } from './der.ts';

/** The attributes that demo names have, by their usual short names. */
const attributeTypes = {
  C: '2.5.4.6',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  CN: '2.5.4.3',
  serialNumber: '2.5.4.5',
  SN: '2.5.4.4',
  GN: '2.5.4.42',
  pseudonym: '2.5.4.65',
  organizationIdentifier: '2.5.4.97',
  UID: '0.9.2342.19200300.100.1.1',
  fnmtName: '1.3.6.1.4.1.5734.1.1',
  fnmtFirstSurname: '1.3.6.1.4.1.5734.1.2',
  fnmtSecondSurname: '1.3.6.1.4.1.5734.1.3',
  fnmtNif: '1.3.6.1.4.1.5734.1.4',
} as const;

/** A name, one attribute after another, such as `{ C: 'ES', CN: '…' }`. */
export type NameAttributes = Partial<Record<keyof typeof attributeTypes, string>>;

/** The DER of a name: each attribute a relative distinguished name of its own. */
export function distinguishedName(attributes: NameAttributes): Der {
  const entries = Object.entries(attributes) as [keyof typeof attributeTypes, string][];
  return sequence(
    ...entries.map(([type, text]) => setOf(sequence(oid(attributeTypes[type]), textOf(type, text)))),
  );
}

/** Country and serial number are PrintableString by their definition, others UTF8String. */
const textOf = (type: string, text: string): Der =>
  type === 'C' || type === 'serialNumber' ? printable(text) : utf8(text);

/** GeneralName forms that demo certificates have. [RFC5280] 4.2.1.6 */
export const directoryName = (attributes: NameAttributes): Der =>
  element(0xa4, distinguishedName(attributes));
export const dnsName = (name: string): Der => element(0x82, Buffer.from(name, 'ascii'));
export const uriName = (uri: string): Der => element(0x86, Buffer.from(uri, 'ascii'));
