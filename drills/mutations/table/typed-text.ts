import type { Mutation } from '../mutation.ts';

const typedText = 'domain/typed-text.test.ts';
const email = 'domain/identity/email.test.ts';
const spellings = 'test/permanente/activation.spellings.test.ts';

/** Promises 34 and 35. */
export const typedTextMutations: readonly Mutation[] = [
  {
    promise: '34',
    name: 'invisible-characters-stay',
    file: 'domain/typed-text.ts',
    before: ".replace(invisible, '')",
    after: ".replace(/\\u200b/g, '')",
    tests: [typedText],
  },
  {
    promise: '34',
    name: 'an-en-dash-is-no-hyphen',
    file: 'domain/typed-text.ts',
    before: '[\\p{Pd}\\u0096',
    after: '[\\u2010\\u2011\\u0096',
    tests: [typedText],
  },
  {
    promise: '34',
    name: 'a-password-loses-its-invisible-characters',
    file: 'domain/permanente/password-rules.ts',
    before: "password.replace(/\\p{Zs}/gu, ' ')",
    after: "password.replace(/\\p{Cf}/gu, '').replace(/\\p{Zs}/gu, ' ')",
    tests: [typedText],
  },
  {
    promise: '35',
    name: 'domains-are-compared-as-typed',
    file: 'domain/identity/email.ts',
    before: 'asciiDomain(domain) ?? lowerCase(domain)',
    after: 'lowerCase(domain)',
    tests: [email],
  },
  {
    promise: '35',
    name: 'an-email-address-of-nobody-has-two-spellings',
    file: 'domain/identity/email.ts',
    before: 'partsOf(normaliseTypedText(email));',
    after: 'partsOf(email);',
    tests: [email, spellings],
  },
];
