import { describe, expect, test } from '@jest/globals';
import { attributeTypes, type CertificateNames } from './certificate-names.ts';
import { refusalOfPolicies } from './certificate-policies.ts';
import { readIdentity } from './read-identity.ts';

type Attributes = Partial<Record<keyof typeof attributeTypes, string | readonly string[]>>;

const nameOf = (attributes: Attributes) =>
  Object.entries(attributes).flatMap(([type, values]) =>
    [values].flat().map((value) => ({ type: attributeTypes[type as keyof typeof attributeTypes], value })),
  );

const names = (subject: Attributes, ...directoryNames: Attributes[]): CertificateNames => ({
  subject: nameOf(subject),
  directoryNames: directoryNames.map(nameOf),
});

const dnie = {
  serialNumber: '12345678Z',
  surname: 'IBARRA',
  givenName: 'LUCÍA',
  commonName: 'IBARRA ROMERO, LUCÍA (AUTENTICACIÓN)',
};
const fnmt = {
  serialNumber: 'IDCES-12345678Z',
  surname: 'IBARRA ROMERO',
  givenName: 'LUCÍA',
  commonName: 'IBARRA ROMERO LUCÍA - 12345678Z',
};
const fnmtAlternative = {
  fnmtNif: '12345678Z',
  fnmtName: 'LUCÍA',
  fnmtFirstSurname: 'IBARRA',
  fnmtSecondSurname: 'ROMERO',
};
const accv = {
  serialNumber: '12345678Z',
  surname: 'IBARRA ROMERO',
  givenName: 'LUCÍA',
  commonName: 'LUCÍA IBARRA ROMERO - NIF:12345678Z',
};
const accvAlternative = { commonName: 'LUCÍA|IBARRA|ROMERO', uid: '12345678Z' };
const lucia = {
  nationalId: '12345678Z',
  givenName: 'LUCÍA',
  firstSurname: 'IBARRA',
  secondSurname: 'ROMERO',
};

describe('who a certificate says that its holder is', () => {
  test.each([
    ['dnie', names(dnie)],
    ['fnmt-natural-person', names(fnmt, fnmtAlternative)],
    ['accv-citizen', names(accv, accvAlternative)],
  ] as const)('is read from the places of its profile: %s', (profile, given) => {
    expect(readIdentity(profile, given)).toEqual({ ok: true, value: lucia });
  });

  test.each([
    ['dnie', names({ ...dnie, commonName: 'IBARRA, LUCÍA (AUTENTICACIÓN)' })],
    [
      'fnmt-natural-person',
      names(
        { ...fnmt, surname: 'IBARRA', commonName: 'IBARRA LUCÍA - 12345678Z' },
        { fnmtNif: '12345678Z', fnmtName: 'LUCÍA', fnmtFirstSurname: 'IBARRA' },
      ),
    ],
    [
      'accv-citizen',
      names(
        { ...accv, surname: 'IBARRA', commonName: 'LUCÍA IBARRA - NIF:12345678Z' },
        { commonName: 'LUCÍA|IBARRA|' },
      ),
    ],
  ] as const)('has one surname where its holder has one: %s', (profile, given) => {
    const { secondSurname: _, ...alone } = lucia;
    expect(readIdentity(profile, given)).toEqual({ ok: true, value: alone });
  });

  test('is also of a foreigner, of several words, and the same whatever the accents', () => {
    const given = names({
      serialNumber: 'X2482300W',
      surname: 'DE LA O',
      givenName: 'MARIA',
      commonName: 'DE LA O PÉREZ, MARÍA (AUTENTICACION)',
    });
    expect(readIdentity('dnie', given)).toEqual({
      ok: true,
      value: { nationalId: 'X2482300W', givenName: 'MARIA', firstSurname: 'DE LA O', secondSurname: 'PÉREZ' },
    });
  });

  const refusals: [string, 'dnie' | 'fnmt-natural-person' | 'accv-citizen', CertificateNames, string][] = [
    ['a wrong letter', 'dnie', names({ ...dnie, serialNumber: '12345678A' }), 'data-disagree'],
    ['a letter in lower case', 'dnie', names({ ...dnie, serialNumber: '12345678z' }), 'data-disagree'],
    [
      'two national ids',
      'dnie',
      names({ ...dnie, serialNumber: ['12345678Z', '50112233V'] }),
      'data-disagree',
    ],
    ['no national id', 'dnie', names({ ...dnie, serialNumber: [] }), 'data-disagree'],
    ['another given name', 'dnie', names({ ...dnie, givenName: 'ANA' }), 'data-disagree'],
    ['another first surname', 'dnie', names({ ...dnie, surname: 'GIL' }), 'data-disagree'],
    ['half of a surname', 'dnie', names({ ...dnie, surname: 'IBAR' }), 'data-disagree'],
    [
      'the use of signing',
      'dnie',
      names({ ...dnie, commonName: 'IBARRA ROMERO, LUCÍA (FIRMA)' }),
      'data-disagree',
    ],
    ['no common name', 'dnie', names({ ...dnie, commonName: [] }), 'data-disagree'],
    [
      'a name that is none',
      'dnie',
      names({ ...dnie, surname: '<b>', commonName: '<b> A, LUCÍA (AUTENTICACIÓN)' }),
      'data-disagree',
    ],
    [
      'another NIF beside',
      'fnmt-natural-person',
      names(fnmt, { ...fnmtAlternative, fnmtNif: '50112233V' }),
      'data-disagree',
    ],
    [
      'another name beside',
      'fnmt-natural-person',
      names(fnmt, { ...fnmtAlternative, fnmtName: 'ANA' }),
      'data-disagree',
    ],
    [
      'another surname beside',
      'fnmt-natural-person',
      names(fnmt, { ...fnmtAlternative, fnmtSecondSurname: 'GIL' }),
      'data-disagree',
    ],
    ['no alternative name', 'fnmt-natural-person', names(fnmt), 'data-disagree'],
    [
      'two alternative names',
      'fnmt-natural-person',
      names(fnmt, fnmtAlternative, fnmtAlternative),
      'data-disagree',
    ],
    [
      'another surname in its attribute',
      'fnmt-natural-person',
      names({ ...fnmt, surname: 'GIL' }, fnmtAlternative),
      'data-disagree',
    ],
    [
      'no IDCES',
      'fnmt-natural-person',
      names({ ...fnmt, serialNumber: '12345678Z' }, fnmtAlternative),
      'data-disagree',
    ],
    [
      'another name beside',
      'accv-citizen',
      names(accv, { commonName: 'ANA|IBARRA|ROMERO' }),
      'data-disagree',
    ],
    [
      'another id beside',
      'accv-citizen',
      names(accv, { ...accvAlternative, uid: '50112233V' }),
      'data-disagree',
    ],
    ['four parts', 'accv-citizen', names(accv, { commonName: 'LUCÍA|IBARRA|ROMERO|GIL' }), 'data-disagree'],
    ['the names of another profile', 'accv-citizen', names(fnmt, fnmtAlternative), 'data-disagree'],
    ['a pseudonym', 'dnie', names({ ...dnie, pseudonym: 'LULÚ' }), 'pseudonym'],
    [
      'a pseudonym beside',
      'fnmt-natural-person',
      names(fnmt, { ...fnmtAlternative, pseudonym: 'LULÚ' }),
      'pseudonym',
    ],
    [
      'an organisation',
      'fnmt-natural-person',
      names({ ...fnmt, organizationIdentifier: 'VATES-B00000000' }, fnmtAlternative),
      'not-a-natural-person',
    ],
    [
      'the number of an organisation',
      'dnie',
      names({ ...dnie, serialNumber: 'VATES-B00000000' }),
      'not-a-natural-person',
    ],
  ];
  test.each(refusals)('is refused with %s (%s)', (_what, profile, given, reason) => {
    expect(readIdentity(profile, given)).toEqual({ ok: false, code: reason });
  });
});

describe('the policies of a certificate', () => {
  test.each([
    [['1.3.6.1.4.1.5734.3.11.1'], 'not-a-natural-person'],
    [['0.4.0.194112.1.0', '1.3.6.1.4.1.5734.3.11.2'], 'not-a-natural-person'],
    [['2.16.724.1.2.2.2.3'], 'wrong-key-use'],
    [['2.16.724.1.2.2.2.30'], undefined],
    [['1.3.6.1.4.1.5734.3.10.1'], undefined],
    [[], undefined],
  ])('%j say what cannot be used: %s', (policies, refusal) => {
    expect(refusalOfPolicies(policies)).toBe(refusal);
  });
});
