import { type CertificateNames, isSameText, onlyValue, valuesOf } from './certificate-names.ts';
import type { CertificateProfile } from './profiles.ts';

/** The names as a certificate has them, before they are parsed. */
export interface ClaimedIdentity {
  readonly nationalId: string;
  readonly givenName: string;
  readonly firstSurname: string;
  /** Empty where there is none. */
  readonly secondSurname: string;
}

/** Reads the names of one profile; undefined if one that it must have is missing or doubled, or two of them differ. */
type NameReader = (names: CertificateNames) => ClaimedIdentity | undefined;

/** One reader for each profile, whose issuers put the names in different places. */
export const nameReaders: Readonly<Record<CertificateProfile, NameReader>> = {
  dnie: readDnie,
  'fnmt-natural-person': readFnmt,
  'accv-citizen': readAccv,
};

/** `surname` is the first one only; the second is in the common name: `IBARRA ROMERO, LUCÍA (AUTENTICACIÓN)`. */
function readDnie({ subject }: CertificateNames): ClaimedIdentity | undefined {
  const nationalId = onlyValue(subject, 'serialNumber');
  const givenName = onlyValue(subject, 'givenName');
  const firstSurname = onlyValue(subject, 'surname');
  const parts = /^(.+), (.+) \(([^()]+)\)$/u.exec(onlyValue(subject, 'commonName') ?? '');
  if (!nationalId || !givenName || !firstSurname || !parts) return undefined;
  const [, surnames = '', name = '', use = ''] = parts;
  const words = surnames.split(' ');
  const length = firstSurname.split(' ').length;
  const isAgreed =
    isSameText(use, 'AUTENTICACIÓN') &&
    isSameText(name, givenName) &&
    isSameText(words.slice(0, length).join(' '), firstSurname);
  return isAgreed
    ? { nationalId, givenName, firstSurname, secondSurname: words.slice(length).join(' ') }
    : undefined;
}

/** The surnames apart are in the alternative name; subject: `IDCES-12345678Z`, `APELLIDOS NOMBRE - 12345678Z`. */
function readFnmt({ subject, directoryNames }: CertificateNames): ClaimedIdentity | undefined {
  const alternative = directoryNames.flat();
  const nationalId = onlyValue(alternative, 'fnmtNif');
  const givenName = onlyValue(alternative, 'fnmtName');
  const firstSurname = onlyValue(alternative, 'fnmtFirstSurname');
  const seconds = valuesOf(alternative, 'fnmtSecondSurname');
  if (!nationalId || !givenName || !firstSurname || seconds.length > 1) return undefined;
  const [secondSurname = ''] = seconds;
  const surnames = `${firstSurname} ${secondSurname}`.trim();
  const isAgreed =
    onlyValue(subject, 'serialNumber') === `IDCES-${nationalId}` &&
    isSameText(onlyValue(subject, 'commonName') ?? '', `${surnames} ${givenName} - ${nationalId}`) &&
    valuesOf(subject, 'givenName').every((name) => isSameText(name, givenName)) &&
    valuesOf(subject, 'surname').every((name) => isSameText(name, surnames));
  return isAgreed ? { nationalId, givenName, firstSurname, secondSurname } : undefined;
}

/** The alternative name has `Nombre|Apellido1|Apellido2`; subject: `12345678Z`, `NOMBRE APELLIDOS - NIF:12345678Z`. */
function readAccv({ subject, directoryNames }: CertificateNames): ClaimedIdentity | undefined {
  const alternative = directoryNames.flat();
  const nationalId = onlyValue(subject, 'serialNumber')?.replace(/^IDCES-/, '');
  const parts = onlyValue(alternative, 'commonName')?.split('|') ?? [];
  const [givenName = '', firstSurname = '', secondSurname = ''] = parts;
  if (!nationalId || !givenName || !firstSurname || parts.length > 3) return undefined;
  const surnames = `${firstSurname} ${secondSurname}`.trim();
  const isAgreed =
    isSameText(onlyValue(subject, 'commonName') ?? '', `${givenName} ${surnames} - NIF:${nationalId}`) &&
    valuesOf(alternative, 'uid').every((uid) => uid === nationalId) &&
    valuesOf(subject, 'givenName').every((name) => isSameText(name, givenName)) &&
    valuesOf(subject, 'surname').every((name) => isSameText(name, surnames));
  return isAgreed ? { nationalId, givenName, firstSurname, secondSurname } : undefined;
}
