import fc from 'fast-check';
import type { OpenApi } from '../../test/contract/declared-answers.ts';
import { mostly } from './mostly.ts';
import { invisible, leftovers, typedFields, wrongSpellings } from './right-answers.ts';

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly type?: unknown;
}

/** A text, and what the service must find in it. */
export interface Body {
  readonly text: string;
  /** The field whose value is wrong, where all others are right; `none` if all are; undefined if it may be either. */
  readonly wrong?: string;
}

/**
 * Request bodies for a schema, most of them valid. What belongs to a citizen is a template variable (`{email}`), which the
 * sender replaces.
 */
export function bodies({ components }: OpenApi, schema: Schema): fc.Arbitrary<Body> {
  const { properties = {}, required = [] } = schema.$ref
    ? ((components.schemas[schema.$ref.replace('#/components/schemas/', '')] ?? {}) as Schema)
    : schema;
  const members = Object.entries(properties);
  const right = fc.tuple(
    ...members.map(([name, property]) => rightMember(name, property, required.includes(name))),
  );
  const doubtful = fc.tuple(
    ...members.map(([name, property]) => member(name, property, required.includes(name))),
  );
  // Half of the objects are right as a whole: by members alone, one with many fields would hardly ever be.
  const object = fc.oneof(right, doubtful).map((texts) => texts.filter((text) => text !== ''));
  const usual = object.map(objectOf);
  const more = fc
    .tuple(object, fc.array(extraMember, { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([texts, extra, isFirst]) => `{${(isFirst ? [...extra, ...texts] : [...texts, ...extra]).join()}}`);
  const twice = object.map((texts) => `{${[...texts, ...texts].join()}}`);
  const broken = fc
    .tuple(usual, fc.nat(), fc.constantFrom(...breakages))
    .map(([text, at, breakage]) => breakage(text, at % (text.length + 1)));
  // The variables cannot express that one of two members is required, or what a nested object must hold: such bodies are sent
  // without an expectation.
  const isJudged = members.every(([, property]) => property.type !== 'object' && !property.$ref);
  const known = right.map((texts) => ({ text: objectOf(texts), ...(isJudged && { wrong: 'none' }) }));
  const fields = members.map(([name]) => name).filter((name) => name in wrongSpellings);
  const oneWrong = fc
    .tuple(right, fc.constantFrom(...(fields.length > 0 ? fields : [''])), fc.nat(20))
    .map(([texts, wrong, which]) => ({
      text: objectOf([
        ...texts.filter((text) => !text.startsWith(`"${wrong}":`)),
        ...wrongMember(wrong, which),
      ]),
      ...(isJudged && { wrong: wrong === '' ? 'none' : wrong }),
    }));
  const doubtfulText = fc.oneof(
    { weight: 12, arbitrary: usual },
    { weight: 2, arbitrary: more },
    { weight: 1, arbitrary: twice },
    { weight: 2, arbitrary: broken },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.constantFrom(...oddTexts) },
  );
  return fc.oneof(
    { weight: 3, arbitrary: doubtfulText.map((text) => ({ text })) },
    { weight: 2, arbitrary: known },
    { weight: 1, arbitrary: oneWrong },
  );
}

const objectOf = (texts: readonly string[]): string => `{${texts.filter((text) => text !== '').join()}}`;

const wrongMember = (name: string, which: number): string[] => {
  const spellings = wrongSpellings[name] ?? [];
  const spelling = spellings[which % spellings.length];
  return spelling === undefined ? [] : [`"${name}":${JSON.stringify(spelling)}`];
};

function rightMember(name: string, property: Schema, isRequired: boolean): fc.Arbitrary<string> {
  const there = rightValue(name, property).map((text) => `${JSON.stringify(name)}:${text}`);
  return isRequired ? there : mostly(there, fc.constant(''), 2);
}

function rightValue(name: string, property: Schema): fc.Arbitrary<string> {
  if (property.enum) return fc.constantFrom(...property.enum).map((value) => JSON.stringify(value));
  if (property.const !== undefined) return fc.constant(JSON.stringify(property.const));
  if (property.type === 'boolean') return fc.boolean().map(String);
  if (!typedFields.includes(name)) return fc.constant(`"{${name}}"`);
  return fc
    .oneof({ weight: 3, arbitrary: fc.constant(`{${name}}`) }, { weight: 1, arbitrary: pasted(name) })
    .map((text) => JSON.stringify(text));
}

function member(name: string, property: Schema, isRequired: boolean): fc.Arbitrary<string> {
  const key = JSON.stringify(name);
  return fc
    .oneof(
      { weight: 16, arbitrary: rightValue(name, property) },
      { weight: 1, arbitrary: fc.constantFrom(...oddValues) },
      {
        weight: 1,
        arbitrary: fc.string({ unit: 'binary', maxLength: 30 }).map((text) => JSON.stringify(text)),
      },
      { weight: 1, arbitrary: fc.json({ maxDepth: 2 }) },
      { weight: isRequired ? 1 : 4, arbitrary: fc.constant('') },
    )
    .map((text) => (text === '' ? '' : `${key}:${text}`));
}

/** The right value with what copying leaves around it, and within it what cannot be seen. */
const pasted = (name: string): fc.Arbitrary<string> => {
  const around = fc.string({ unit: fc.constantFrom(...leftovers), maxLength: 3 });
  const value = fc.constantFrom(`{${name}}`, `{${name} with ${invisible}}`);
  return fc.tuple(around, value, around).map((parts) => parts.join(''));
};

const deep = (open: string, close: string, depth: number): string =>
  `${open.repeat(depth)}1${close.repeat(depth)}`;

/** Values that have undone a parser or a database somewhere. */
const oddValues = [
  ...[
    'null',
    'true',
    '0',
    '-0',
    '1e400',
    '-1e-400',
    '9007199254740993',
    '[]',
    '{}',
    '""',
    '" "',
    '"\\u0000"',
  ],
  ...['"\\ud800"', '"\\udc00x"', '"\\ufeff"', '"\\u202e"', '"\u0130"', '"ﬁ"', '"%s%n"', '"../../etc/passwd"'],
  ...[
    '"\'; DROP TABLE \\"Citizen\\"; --"',
    '"{{7*7}}"',
    '{"$ne":null}',
    '["{nationalId}"]',
    '{"toString":1}',
  ],
  `"${'x'.repeat(5_000)}"`,
  `"${'\u0301'.repeat(3_000)}"`,
  `"${'(a+'.repeat(1_000)}"`,
  deep('[', ']', 2_000),
  deep('{"a":', '}', 1_000),
];

const extraMember = fc
  .tuple(
    fc.constantFrom(
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      'hasOwnProperty',
      '',
      'then',
      '\\ud800',
      'a/b~c',
    ),
    fc.constantFrom('{"isAdmin":true}', ...oddValues),
  )
  .map(([name, value]) => `"${name}":${value}`);

/** Whole texts. */
const oddTexts = [
  ...[
    '',
    ' ',
    'null',
    '[]',
    '""',
    '1e400',
    '-',
    'NaN',
    '{',
    '}',
    '\u0000',
    '\ufeff{}',
    '{}{}',
    '{"a":1,}',
    "{'a':1}",
  ],
  ...[
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    'a=b&c=d',
    '//x\n{}',
  ],
  `{"a":"${'x'.repeat(20_000)}"}`,
  `${'['.repeat(7_000)}`,
  deep('[', ']', 7_000),
  `[${'{},'.repeat(5_000)}{}]`,
];

const breakages: readonly ((text: string, at: number) => string)[] = [
  (text, at) => text.slice(0, at),
  (text, at) => text.slice(0, at) + text.slice(at + 1),
  (text, at) => `${text.slice(0, at)}\u0000${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}\ufeff${text.slice(at)}`,
  (text, at) => `${text.slice(0, at)}"${text.slice(at)}`,
  (text) => `\ufeff${text}`,
  (text) => `${text}\n${text}`,
  (text) => `[${text}]`,
  // Not UTF-8 once it is sent byte by byte.
  (text, at) => `${text.slice(0, at)}\udfff${text.slice(at)}`,
];
