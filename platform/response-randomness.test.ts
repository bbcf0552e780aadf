import { describe, expect, test } from '@jest/globals';
import { ResponseRandomness } from './response-randomness.ts';

describe('the randomness of a response', () => {
  test('gives the same ids and tokens each time, so that a repetition rebuilds the answer', () => {
    const randomness = new ResponseRandomness();
    const repeated = new ResponseRandomness(Buffer.from(randomness.bytes));
    expect([repeated.uuid('act'), repeated.journeyId(), repeated.token('journey')]).toEqual([
      randomness.uuid('act'),
      randomness.journeyId(),
      randomness.token('journey'),
    ]);
  });

  test('gives other ones for every label, and for every answer', () => {
    const [one, other] = [new ResponseRandomness(), new ResponseRandomness()];
    const values = [
      one.uuid('a'),
      one.uuid('b'),
      other.uuid('a'),
      one.token('a'),
      one.token('b'),
      other.token('a'),
    ];
    expect(new Set(values).size).toBe(values.length);
  });

  test('makes UUIDs of version 4, ids of 128 bits and tokens of 256', () => {
    const randomness = new ResponseRandomness();
    expect(randomness.uuid('any')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(Buffer.from(randomness.journeyId(), 'base64url')).toHaveLength(16);
    expect(Buffer.from(randomness.token('any'), 'base64url')).toHaveLength(32);
  });
});
