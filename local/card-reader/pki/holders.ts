import type { NameAttributes } from './certificate-names.ts';
import { directoryName } from './certificate-names.ts';
import type { Der } from './der.ts';

/** An invented person, as issuers write names: in capitals. */
export interface Holder {
  readonly nationalId: string;
  readonly givenName: string;
  readonly firstSurname: string;
  readonly secondSurname?: string;
}

/** Of the DNIe, the old DNIe and the FNMT certificate alike. */
export const lucia: Holder = {
  nationalId: '50112233V',
  givenName: 'LUCÍA',
  firstSurname: 'IBARRA',
  secondSurname: 'ROMERO',
};
export const vicent: Holder = {
  nationalId: '20000583J',
  givenName: 'VICENT',
  firstSurname: 'FERRER',
  secondSurname: 'PUIG',
};
/** Somebody else, with one surname. */
export const petra: Holder = { nationalId: 'Y1234567X', givenName: 'PETRA', firstSurname: 'KOWALSKA' };

const surnames = ({ firstSurname, secondSurname }: Holder): string =>
  [firstSurname, secondSurname].filter(Boolean).join(' ');

/** The subject of a certificate of the DNIe: the attribute of the surname holds the first one only. */
export const dnieSubject = (
  holder: Holder,
  use: 'AUTENTICACIÓN' | 'FIRMA' = 'AUTENTICACIÓN',
): NameAttributes => ({
  C: 'ES',
  serialNumber: holder.nationalId,
  SN: holder.firstSurname,
  GN: holder.givenName,
  CN: `${surnames(holder)}, ${holder.givenName} (${use})`,
});

/** The subject of a natural person's certificate of the FNMT. */
export const fnmtSubject = (holder: Holder): NameAttributes => ({
  C: 'ES',
  serialNumber: `IDCES-${holder.nationalId}`,
  GN: holder.givenName,
  SN: surnames(holder),
  CN: `${surnames(holder)} ${holder.givenName} - ${holder.nationalId}`,
});

/** Its alternative name, which has the surnames apart. */
export const fnmtAlternativeName = ({ nationalId, givenName, firstSurname, secondSurname }: Holder): Der =>
  directoryName({
    fnmtNif: nationalId,
    ...(secondSurname ? { fnmtSecondSurname: secondSurname } : {}),
    fnmtFirstSurname: firstSurname,
    fnmtName: givenName,
  });

/** The subject of a representative's certificate of the FNMT, for an invented company. */
export const representativeSubject = (holder: Holder): NameAttributes => ({
  ...fnmtSubject(holder),
  CN: `${holder.nationalId} ${holder.givenName} ${holder.firstSurname} (R: B00000000)`,
  O: 'EMPRESA INVENTADA SL',
  organizationIdentifier: 'VATES-B00000000',
});

/** The subject of a citizen's certificate of the ACCV. */
export const accvSubject = (holder: Holder): NameAttributes => ({
  C: 'ES',
  O: 'ACCV',
  OU: 'CIUDADANOS',
  serialNumber: holder.nationalId,
  SN: surnames(holder),
  GN: holder.givenName,
  CN: `${holder.givenName} ${surnames(holder)} - NIF:${holder.nationalId}`,
});

/** Its alternative name: the parts of the name with bars between. */
export const accvAlternativeName = (holder: Holder): Der =>
  directoryName({
    CN: [holder.givenName, holder.firstSurname, holder.secondSurname ?? ''].join('|'),
    UID: holder.nationalId,
  });
