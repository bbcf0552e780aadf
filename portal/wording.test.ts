import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { IntlMessageFormat } from 'intl-messageformat';
import { activityMeans, activityTypes, identifiedType } from '../domain/activity.ts';
import { levels } from '../domain/assurance.ts';
import { journeyKinds, journeyOutcomes, lastStep } from '../domain/journeys.ts';
import { languages } from '../domain/languages.ts';
import { richText } from '../web/views/rich-text.ts';
import { contentNames, contentOf } from './content/texts.ts';
import { addressOfPage, homeServices, pages } from './pages.ts';

type Texts = Readonly<Record<string, string>>;

const read = (language: string, file: string) =>
  JSON.parse(readFileSync(new URL(`../locales/${language}/${file}.json`, import.meta.url), 'utf8'));

/** Every text of the pages by a flat key: `portal/page.home`, `content/faq/3/p`. */
const textsOf = (language: string): Texts => {
  const flat: Record<string, string> = {};
  const gather = (name: string, value: unknown): void => {
    if (typeof value === 'string') flat[name] = value;
    else for (const [key, inner] of Object.entries(value as object)) gather(`${name}/${key}`, inner);
  };
  for (const file of ['portal', 'desk', 'content', 'gateway', 'receipt']) gather(file, read(language, file));
  return flat;
};

/** Every file of the front-ends and of what they share. */
const filesOfPages = (): string[] =>
  ['.', '../gateway', '../web'].flatMap((folder) => {
    const place = fileURLToPath(new URL(`${folder}/`, import.meta.url));
    return readdirSync(place, { recursive: true }).map((file) => path.join(place, String(file)));
  });

const spanish = textsOf('es');
const others = languages.filter((language) => language !== 'es');

/** The names of a message's placeholders, including those in its plural forms. */
const placeholders = (message: string): string[] => {
  const names = new Set<string>();
  JSON.parse(
    JSON.stringify(new IntlMessageFormat(message, 'es', undefined, { ignoreTag: true }).getAst()),
    (_, node) => {
      if (typeof node?.type === 'number' && node.type >= 1 && node.type <= 6) names.add(node.value);
      return node;
    },
  );
  return [...names].sort();
};
const links = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, to]) => to ?? '').sort();

/** The keys of texts that are rightly the same in Spanish and in another language. */
const identical = JSON.parse(
  readFileSync(new URL('identical-wording.test.json', import.meta.url), 'utf8'),
) as Record<string, string[]>;

describe.each(others)('the pages in %s', (language) => {
  const texts = textsOf(language);

  test('have every text that Spanish has, and no other', () => {
    expect(Object.keys(texts)).toEqual(Object.keys(spanish));
  });

  test('want the same values filled in, and lead to the same pages', () => {
    const wanted = (of: Texts) =>
      Object.entries(of).map(([key, text]) => [
        key,
        key.startsWith('content') ? [] : placeholders(text),
        links(text),
      ]);
    expect(wanted(texts)).toEqual(wanted(spanish));
  });

  test('are translated', () => {
    expect(Object.keys(texts).filter((key) => texts[key] === spanish[key])).toEqual(
      identical[language] ?? [],
    );
  });
});

test('Valencian is not Catalan under another name', () => {
  const words = Object.values(textsOf('ca-valencia'))
    .join(' ')
    .toLowerCase()
    .split(/[^\p{L}]+/u);
  const catalanOnly = [
    'aquest',
    'aquesta',
    'aquests',
    'aquestes',
    'servei',
    'serveis',
    'seva',
    'vostra',
    'vostre',
    'avui',
    'tenir',
    'obtenir',
    'dues',
    'compleix',
    'exigeix',
    'teniu',
    'podeu',
    'escriviu',
    'vegeu',
    'eines',
    'petites',
  ];
  expect(words.filter((word) => catalanOnly.includes(word))).toEqual([]);
});

describe.each(languages)('what the pages say in %s', (language) => {
  const texts = textsOf(language);

  test('is said in full, with the quotation marks and apostrophes of print', () => {
    for (const [key, text] of Object.entries(texts)) {
      expect([key, text]).toEqual([key, text.trim().replace(/ {2,}/g, ' ')]);
      // A straight apostrophe is ICU's quotation mark.
      expect([key, text]).not.toEqual([key, expect.stringMatching(/'|"/)]);
    }
  });

  test('names no address that may be somebody’s, and in Catalan puts no article before a date', () => {
    for (const [key, text] of Object.entries(texts)) {
      const addresses = [...text.matchAll(/\S+@\S+\.\w+/g)].map(([address]) => address);
      expect([key, addresses.filter((address) => !address.endsWith('@example.org'))]).toEqual([key, []]);
      // «el 1» is «l’1»: a date whose day varies cannot follow an article.
      if (language.startsWith('ca'))
        expect([key, text]).not.toEqual([key, expect.stringMatching(/\bel \{date\}/)]);
    }
  });

  test('leads to pages that there are', () => {
    const filled = (text: string) => text.replaceAll('{email}', 'a@example.org').replaceAll('{phone}', '060');
    for (const text of Object.values(texts))
      expect(() => richText(filled(text), (page) => addressOfPage(page, language))).not.toThrow();
    for (const name of contentNames) expect(contentOf(language, name).length).toBeGreaterThan(1);
  });
});

test('every hour names its zone, in every language', () => {
  const templates = filesOfPages().filter((file) => file.endsWith('.njk'));
  const shown = templates.flatMap((file) => [
    ...readFileSync(file, 'utf8').matchAll(
      /t\("([^"]+)", \{ (?:\w+: (?:time|dateTime)\([^)]*\)(?:, )?)+|\b(?:time|dateTime)\(/g,
    ),
  ]);
  expect(shown.filter(([, key]) => key === undefined)).toEqual([]);
  const keys = [
    ...new Set(shown.map(([, key]) => `${key?.startsWith('gateway.') ? 'gateway' : 'portal'}/${key}`)),
    'receipt/issued',
    'receipt/request.received',
  ];
  for (const language of languages) {
    const texts = textsOf(language);
    const [zone] = /\([^)]+\)/.exec(texts['portal/my-clave.access-at'] ?? '') ?? [];
    for (const key of keys)
      expect([language, key, texts[key]]).toEqual([language, key, expect.stringContaining(zone ?? '?')]);
  }
});

test('every text is used, and every text that is used is there', () => {
  const sources = filesOfPages()
    .filter((file) => /\.(ts|njk)$/.test(file) && !file.includes('.test.'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const keys = ['portal', 'desk', 'gateway'].flatMap((file) => Object.keys(read('es', file)));
  // Keys that the code composes from a prefix and a name.
  const prefixes = [
    'page.',
    'home.',
    'error.',
    'kind.',
    'otp.delivery.',
    'certificate.act.',
    'certificate.about.',
    'certificate.begin.',
    'certificate.confirm.',
    'certificate.refusal.',
    'certificate.profile.',
    'certificate.issued.',
    'done.',
    'ended.',
    'my-clave.level.',
    'activity.event.',
    'activity.means.',
    'activity.level.',
    'sign-in.',
    'desk.status.',
    'desk.blocked.',
    'password.not-accepted.',
    'desk.replaces.',
    'desk.error.',
    'gateway.level.',
    'gateway.level-name.',
    'gateway.means.',
    'gateway.obstacle.',
    'gateway.notice.',
    'gateway.attribute.',
    'gateway.no-level.',
    'gateway.ended.',
    'gateway.certificate.',
  ];
  const isUsed = (key: string) =>
    sources.includes(`'${key}'`) ||
    sources.includes(`"${key}"`) ||
    prefixes.some((prefix) => key.startsWith(prefix));
  expect(keys.filter((key) => !isUsed(key))).toEqual([]);
  for (const name of Object.keys(pages).filter((page) => !page.startsWith('desk-')))
    expect(keys).toContain(`page.${name}`);
  for (const name of homeServices) expect(keys).toContain(`home.${name}`);
  for (const type of activityTypes) expect(keys).toContain(`activity.event.${type}`);
  expect(keys).toContain(`activity.event.${identifiedType}`);
  for (const level of levels) expect(keys).toContain(`activity.level.${level}`);
  for (const means of activityMeans) expect(keys).toContain(`activity.means.${means}`);
  for (const means of activityMeans) expect(keys).toContain(`gateway.means.${means}`);
  for (const kind of journeyKinds) expect(keys).toContain(`kind.${kind}`);
  for (const outcome of journeyOutcomes) expect(keys).toContain(`${lastStep(outcome)}.${outcome}`);
  const used = [...sources.matchAll(/\bt\("([a-zA-Z.0-9-]+)"[,)]/g)].map(([, key]) => key ?? '');
  expect(used.filter((key) => !keys.includes(key) && !key.endsWith('.'))).toEqual([]);
});
