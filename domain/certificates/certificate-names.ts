/** One attribute of a name: its object identifier, dotted, and its text. */
export interface NameAttribute {
  readonly type: string;
  readonly value: string;
}

/** What a certificate says of its holder: the subject, and the directory names among its alternative names. */
export interface CertificateNames {
  readonly subject: readonly NameAttribute[];
  readonly directoryNames: readonly (readonly NameAttribute[])[];
}

/** The attributes that are read. The mint's own ones are those of its practice statement. */
export const attributeTypes = {
  commonName: '2.5.4.3',
  surname: '2.5.4.4',
  serialNumber: '2.5.4.5',
  givenName: '2.5.4.42',
  pseudonym: '2.5.4.65',
  organizationIdentifier: '2.5.4.97',
  uid: '0.9.2342.19200300.100.1.1',
  fnmtName: '1.3.6.1.4.1.5734.1.1',
  fnmtFirstSurname: '1.3.6.1.4.1.5734.1.2',
  fnmtSecondSurname: '1.3.6.1.4.1.5734.1.3',
  fnmtNif: '1.3.6.1.4.1.5734.1.4',
} as const;
type AttributeType = keyof typeof attributeTypes;

/** The texts of an attribute, in the order of the name. */
export const valuesOf = (name: readonly NameAttribute[], type: AttributeType): string[] =>
  name.filter((attribute) => attribute.type === attributeTypes[type]).map(({ value }) => value);

/** The text of an attribute that occurs once. A name that has it twice may mean two people: undefined. */
export function onlyValue(name: readonly NameAttribute[], type: AttributeType): string | undefined {
  const values = valuesOf(name, type);
  return values.length === 1 ? values[0] : undefined;
}

/** Whether two texts of one certificate name the same: case, accents and spaces apart, which issuers write in several ways. */
export const isSameText = (one: string, other: string): boolean => folded(one) === folded(other);

const folded = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').toUpperCase().replace(/\s+/gu, ' ').trim();
