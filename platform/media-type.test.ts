import { describe, expect, test } from '@jest/globals';
import { isUtf8, parseMediaType } from './media-type.ts';

describe('a media type', () => {
  test.each([
    ['application/json', []],
    ['Application/JSON', []],
    [' application/json ', []],
    ['application/json;', []],
    ['application/json; ;charset=utf-8;', [['charset', 'utf-8']]],
    ['application/json;charset=utf-8', [['charset', 'utf-8']]],
    ['application/json; charset="utf-8"', [['charset', 'utf-8']]],
    ['application/json \t;\t CHARSET="UTF-8" ', [['charset', 'UTF-8']]],
    ['application/json; charset="u\\tf-8"', [['charset', 'utf-8']]],
    ['application/json; charset=utf-8; charset="utf-8"', [['charset', 'utf-8']]],
    [
      'application/json; profile="a;b=\\"c\\", d"; charset=utf-8',
      [
        ['profile', 'a;b="c", d'],
        ['charset', 'utf-8'],
      ],
    ],
  ])('%j', (header, parameters) => {
    const read = parseMediaType(header);
    expect(read?.essence).toBe('application/json');
    expect([...(read?.parameters ?? [])]).toEqual(parameters);
  });

  test.each([
    '',
    'application',
    'application/',
    'application /json',
    'application/json charset=utf-8',
    'application/json, text/html',
    'application/json; charset',
    'application/json; charset=',
    'application/json; charset = utf-8',
    'application/json; charset="utf-8',
    'application/json; charset="utf-8"x',
    'application/json; charset=utf-8; charset=utf-16',
    'application/json; charset="a\u0000"',
  ])('%j is none', (header) => {
    expect(parseMediaType(header)).toBeUndefined();
  });

  test('is read in linear time', () => {
    for (const text of [`a/b${'; '.repeat(8_000)}x`, `a/b;c="${'\\"'.repeat(8_000)}`]) parseMediaType(text);
  });

  test.each([
    ['', true],
    ['; charset=utf-8', true],
    ['; charset=UTF8', true],
    ['; charset="utf8"', true],
    ['; version=1', true],
    ['; charset=utf-16', false],
    ['; charset=""', false],
    ['; charset=iso-8859-1', false],
    ['; charset="utf-8 "', false],
  ])('%j: UTF-8 is %s', (parameters, expected) => {
    const read = parseMediaType(`application/json${parameters}`);
    expect(read && isUtf8(read)).toBe(expected);
  });
});
