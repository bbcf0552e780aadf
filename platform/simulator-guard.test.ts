import { expect, test } from '@jest/globals';
import { simulatorProblems } from './simulator-guard.ts';

const problemsAt = (GATEWAY_DATABASE_URL: string) =>
  simulatorProblems({ GATEWAY_SIMULATOR: 'on', GATEWAY_DATABASE_URL });

test.each(['127.0.0.1:5433', '127.1.2.3', 'localhost', '[::1]:5433'])(
  'the simulator may be beside a database at %s',
  (host) => {
    expect(problemsAt(`postgresql://clave_gateway:x@${host}/clave`)).toEqual([]);
  },
);

test.each([
  'db.internal/clave',
  '10.0.0.1/clave',
  '127.0.0.1.example.org/clave',
  '127.0.0.1/clave?host=db.internal',
  '/clave',
])('the simulator may not be beside a database at %s', (place) => {
  expect(problemsAt(`postgresql://${place}`)).toEqual([
    'GATEWAY_SIMULATOR: is not for a gateway with a database on another machine',
  ]);
});
