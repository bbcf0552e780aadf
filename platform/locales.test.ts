import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { IntlMessageFormat } from 'intl-messageformat';
import { languages } from '../domain/languages.ts';
import { limits } from '../domain/limits.ts';
import { specialCharacters } from '../domain/permanente/password-characters.ts';
import { passwordPolicy } from '../domain/permanente/password-policy.ts';
import { passwordPolicyText, problemText, type SmsKey, smsMessage } from './locales.ts';

type Texts = Readonly<Record<string, string>>;

const files = ['problems', 'texts', 'password-policy'];
const read = (language: string, file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../locales/${language}/${file}.json`, import.meta.url), 'utf8'));

/** Every message of a language by its path: `problems/not-found/title`. */
const textsOf = (language: string): Texts =>
  Object.fromEntries(
    files.flatMap((file) =>
      Object.entries(read(language, file)).flatMap(([key, value]) =>
        typeof value === 'string'
          ? [[`${file}/${key}`, value]]
          : Object.entries(value as Texts).map(([part, text]) => [`${file}/${key}/${part}`, text]),
      ),
    ),
  );

/** The placeholders of a message, also inside its plural forms. */
const placeholders = (message: string): string[] => {
  const names = new Set<string>();
  JSON.parse(JSON.stringify(new IntlMessageFormat(message, 'es').getAst()), (_, node) => {
    const isArgument = typeof node?.type === 'number' && node.type >= 1 && node.type <= 6;
    if (isArgument) names.add(node.value);
    return node;
  });
  return [...names].sort();
};

const spanish = textsOf('es');

// Messages that are the same as in Spanish.
const alikeInSpanish: Readonly<Record<string, readonly string[]>> = {
  ca: ['problems/not-registered/title'],
  'ca-valencia': ['problems/not-registered/title'],
  gl: ['problems/activation-code-blocked/title', 'problems/too-many-requests/title'],
};

const others = languages.filter((language) => language !== 'es');

describe.each(others)('%s', (language) => {
  const texts = textsOf(language);

  test('has every text that Spanish has, and no other', () => {
    expect(Object.keys(texts)).toEqual(Object.keys(spanish));
  });

  test('wants the same values filled in', () => {
    const wanted = (of: Texts) =>
      Object.fromEntries(Object.entries(of).map(([key, text]) => [key, placeholders(text)]));
    expect(wanted(texts)).toEqual(wanted(spanish));
  });

  test('is translated', () => {
    const alike = alikeInSpanish[language] ?? [];
    expect(Object.keys(texts).filter((key) => texts[key] === spanish[key])).toEqual(alike);
  });
});

test('Valencian is not Catalan under another name', () => {
  const [valencian, catalan] = [textsOf('ca-valencia'), textsOf('ca')];
  const words = Object.values(valencian)
    .join(' ')
    .toLowerCase()
    .split(/[^\p{L}]+/u);
  const catalanOnly = [
    'aquest',
    'aquesta',
    'aquests',
    'servei',
    'serveis',
    'seva',
    'vostè',
    'vós',
    'permès',
    'avui',
  ];
  expect(words.filter((word) => catalanOnly.includes(word))).toEqual([]);
  expect(Object.keys(valencian).filter((key) => valencian[key] !== catalan[key]).length).toBeGreaterThan(40);
});

describe.each(languages)('what %s says', (language) => {
  const all = Object.entries(textsOf(language));

  test('is said in full: no empty text, no space left over, sentences that end', () => {
    for (const [key, text] of all) {
      expect([key, text]).toEqual([key, text.trim().replace(/ {2,}/g, ' ')]);
      expect([key, text.length > 3]).toEqual([key, true]);
      if (!key.endsWith('/title')) expect([key, /[.:?]$|\{specials\}$/.test(text)]).toEqual([key, true]);
    }
  });

  test('has no link, by any spelling: a link in such a message is how fraud looks', () => {
    for (const [key, text] of all)
      expect([key, text]).not.toEqual([key, expect.stringMatching(/https?|www|:\/\/|\w\.\w/i)]);
  });

  test('has words for every rule and recommendation, with its own numbers', () => {
    const { rules, recommendations } = passwordPolicy(limits.password);
    for (const { code, parameters } of rules) {
      const text = passwordPolicyText(code, language, parameters);
      for (const value of Object.values(parameters)) expect(text).toContain(String(value));
    }
    for (const { code } of recommendations) expect(passwordPolicyText(code, language)).toMatch(/\.$/);
    expect([...rules, ...recommendations].map(({ code }) => code).sort()).toEqual(
      Object.keys(read(language, 'password-policy')).sort(),
    );
  });

  test('of refused activation data does not tell which datum was wrong', () => {
    const { detail } = problemText('activation-data-refused', language);
    expect(detail).toMatch(/DNI|NAN/);
    expect(detail).toMatch(/ele[ck]tr|email/);
    expect(detail).toMatch(/activaci|aktibazio|activation/);
  });
});

// 3GPP TS 23.038, the GSM 7-bit default alphabet. Any other character makes the whole SMS UCS-2.
const gsm7 = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const smsKeys = Object.keys(read('es', 'texts')) as SmsKey[];
const longest = { code: '999999', minutes: 99, days: 99, party: 'W'.repeat(24) };

describe.each(languages)('a text message in %s', (language) => {
  test.each(smsKeys)('%s fits in one segment and says whose it is', (key) => {
    for (const days of [0, 1, longest.days]) {
      const text = smsMessage(key, language, { ...longest, days } as never);
      const fitting = [...text].every((character) => gsm7.has(character)) ? 160 : 70;
      expect([text, text.length <= fitting]).toEqual([text, true]);
      expect(text).toMatch(/^Cl@ve: /);
    }
  });

  test.each(smsKeys.filter((key) => key.startsWith('otp.')))(
    '%s tells the code as it is and how long it is good',
    (key) => {
      const text = smsMessage(key, language, { code: '000120', minutes: 10, party: 'Padrones' } as never);
      expect(text).toContain('000120');
      expect(text).toMatch(/\b10 min/);
    },
  );

  test('what somebody else may have done is told with where to go', () => {
    for (const key of smsKeys.filter((one) => /new-act|regenerated|password-set|unsubscribed/.test(one)))
      expect([key, smsMessage(key as 'notice.new-act', language, {})]).toEqual([
        key,
        expect.stringMatching(/oficina|bulego|office/),
      ]);
  });

  test('a code for a relying party names it', () => {
    expect(smsMessage('otp.relying-party', language, { ...longest, party: 'Padrones' })).toContain(
      'Padrones',
    );
  });

  test('the codes of different journeys are told apart', () => {
    const otps = smsKeys.filter((key) => key.startsWith('otp.'));
    const texts = otps.map((key) => smsMessage(key, language, { ...longest, code: '1' } as never));
    expect(new Set(texts).size).toBe(otps.length);
  });
});

describe('filling in', () => {
  test.each([
    [0, 'caduca hoy'],
    [1, 'caduca en 1 día.'],
    [30, 'caduca en 30 días.'],
  ])('a reminder %d days before agrees in number', (days, words) => {
    expect(smsMessage('reminder.password-expires', 'es', { days })).toContain(words);
  });

  test('special characters come out as they are, brackets and braces of markup too', () => {
    const text = passwordPolicyText('needs-special', 'en', { freeFrom: 16, specials: specialCharacters });
    expect(text.endsWith(`: ${specialCharacters}`)).toBe(true);
  });

  test('a missing value throws: no citizen gets a message with a hole', () => {
    expect(() => smsMessage('otp.sign-in', 'es', { minutes: 10 } as never)).toThrow();
    expect(() => smsMessage('reminder.password-expires', 'eu', {} as never)).toThrow();
    expect(() => passwordPolicyText('too-short', 'ca')).toThrow();
  });

  test('each language answers in its own words', () => {
    const titles = languages.map((language) => problemText('password-expired', language).title);
    expect(titles[0]).toBe('Contraseña caducada');
    expect(new Set(titles).size).toBe(languages.length - 1); // The same in Catalan and Valencian.
  });
});
