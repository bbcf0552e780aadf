import { newPersonalData } from '../actors/personal-data.ts';

/** A good body for each route that takes one, by its path as Express writes it. A new route needs its line here. */
export const goodBodies: Readonly<Record<string, () => Record<string, unknown>>> = {
  '/registrations': () => newPersonalData(),
  '/registrations/online': () => {
    const { email, phone } = newPersonalData();
    return { email, phone, language: 'es', accepted: true };
  },
  '/identification-renewals': () => ({ nationalId: newPersonalData().nationalId }),
  '/activation-codes': () => ({ nationalId: newPersonalData().nationalId }),
  '/citizen-lookups': () => ({ nationalId: newPersonalData().nationalId }),
  '/desk-sessions': () => ({}),
  '/activations': () => entry(),
  '/password-resets': () => entry(),
  '/suspensions': () => ({ nationalId: newPersonalData().nationalId, reason: 'a lost phone' }),
  '/sessions': () => ({
    nationalId: newPersonalData().nationalId,
    password: 'Llueve-Poco7',
    assurance: 'substantial',
    browser: 'v1.k1.AAAA',
  }),
  '/password-changes': () => ({ currentPassword: 'Llueve-Poco7', newPassword: 'Nieva_Mucho8' }),
  '/unsubscriptions': () => ({}),
  '/sessions/certificate': () => ({}),
  '/sessions/not-me': () => ({}),
  '/identifications': () => ({ relyingParty: 'party', floor: 'low' }),
  '/certificate-tickets': () => ({
    returnUrl: 'http://localhost:3002/es/certificate',
    purpose: 'act',
  }),
  '/certificate-presentations': () => ({ ticket: 'a'.repeat(22), refused: 'expired' }),
  '/certificate-tickets/:id/redemptions': () => ({ code: 'a'.repeat(43) }),
  '/journeys/:id/otp': () => ({ otp: '123456' }),
  '/journeys/:id/password': () => ({ password: 'Llueve-Poco7' }),
};

const entry = () => {
  const { nationalId, email } = newPersonalData();
  return { nationalId, email, activationCode: '7K3QM-Z9XWT' };
};

/** Fields that a body may lack. */
export const optionalFields: readonly string[] = [
  // With a certificate there must be none.
  'currentPassword',
  ...['secondSurname', 'language', 'assurance', 'browser', 'code', 'refused'],
];

const longEmail = `${'a'.repeat(60)}@${`${'b'.repeat(60)}.`.repeat(4)}example.org`;
const names: readonly [unknown, string][] = [
  ['', 'invalid-format'],
  ['<b>', 'invalid-format'],
  ['Ana\nMaría', 'invalid-format'],
  ['x'.repeat(101), 'too-long'],
];

/** Values of the right type that a field does not take, each with the code that the API gives. */
export const badValues: Readonly<Record<string, readonly [unknown, string][]>> = {
  nationalId: [
    ['', 'invalid-format'],
    ['12345678', 'invalid-format'],
    ['12345678A', 'check-letter'],
    ['X1234567A', 'check-letter'],
    ['١٢٣٤٥٦٧٨Z', 'invalid-format'],
    [`${'1'.repeat(5_000)}Z`, 'invalid-format'],
  ],
  email: [
    ['', 'invalid-format'],
    ['ana', 'invalid-format'],
    ['ana@example', 'invalid-format'],
    ['ana@example.org\r\nBcc: bob@example.org', 'invalid-format'],
    [longEmail, 'too-long'],
  ],
  activationCode: [
    ['', 'invalid-format'],
    ['7K3QM-Z9XW', 'invalid-format'],
    ['7K3QM-Z9XWU', 'invalid-format'],
    ['7K3QM-Z9XWTT', 'invalid-format'],
    ["' OR 1=1 --", 'invalid-format'],
  ],
  otp: [
    ['', 'invalid-format'],
    ['12345', 'invalid-format'],
    ['1234567', 'invalid-format'],
    ['12345a', 'invalid-format'],
    ['１２３４５６', 'invalid-format'],
  ],
  phone: [
    ['', 'invalid-format'],
    ['612345678', 'invalid-format'],
    ['+34912345678', 'invalid-format'],
    ['+33612345678', 'country-not-allowed'],
  ],
  givenName: names,
  firstSurname: names,
  secondSurname: names,
  language: [
    ['', 'invalid-format'],
    ['fr', 'invalid-format'],
  ],
  assurance: [
    ['', 'invalid-format'],
    ['high', 'invalid-format'],
  ],
  reason: [
    ['', 'invalid-format'],
    ['  ', 'invalid-format'],
    ['lost\u0007', 'invalid-format'],
    ['x'.repeat(501), 'too-long'],
  ],
  relyingParty: [
    ['', 'invalid-format'],
    ['two words', 'invalid-format'],
    ['año', 'invalid-format'],
    ['x'.repeat(101), 'too-long'],
  ],
  floor: [
    ['', 'invalid-format'],
    ['basic', 'invalid-format'],
  ],
  returnUrl: [
    ['', 'invalid-format'],
    ['javascript:alert(1)', 'invalid-format'],
    ['http://localhost:3002/es/certificate\r\nx', 'invalid-format'],
    [`https://example.org/${'x'.repeat(300)}`, 'too-long'],
  ],
  purpose: [
    ['', 'invalid-format'],
    ['session', 'invalid-format'],
  ],
  ticket: [
    ['', 'invalid-format'],
    ['a'.repeat(23), 'invalid-format'],
  ],
  refused: [
    ['', 'invalid-format'],
    ['unlucky', 'invalid-format'],
  ],
  code: [
    ['', 'invalid-format'],
    ['a'.repeat(44), 'invalid-format'],
  ],
  accepted: [[false, 'invalid-type']],
  password: [],
  currentPassword: [],
  newPassword: [],
  browser: [],
};

/** What a password is made of is a question of rules, not of shape, and the token of a browser that is not good is ignored. */
export const takesAnyText = (field: string): boolean => /password$|^browser$/i.test(field);

/** What no field takes, whatever it is for. */
export const badAnywhere: readonly [unknown, string][] = [
  [null, 'invalid-type'],
  [123_456, 'invalid-type'],
  [true, 'invalid-type'],
  [['123456'], 'invalid-type'],
  [{ toString: '123456' }, 'invalid-type'],
  ['\ud800', 'invalid-format'],
];
