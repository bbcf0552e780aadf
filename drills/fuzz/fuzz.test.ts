import { test } from '@jest/globals';
import { fuzz } from './fuzz.ts';

// Few, and the same each time: `npm run test:drills` sends 5,000.
test('requests of every sort get no answer that is not declared, and none a 500', () =>
  fuzz({ seed: 1, count: 150 }));
