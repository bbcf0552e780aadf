import { randomInt } from 'node:crypto';
import { test } from '@jest/globals';
import { fuzz } from './fuzz.ts';

/** `npm run fuzz -- --seed N --count N` sets these; without a seed, one by chance. */
const seed = Number((process.env['CLAVE_FUZZ_SEED'] ?? '1') || randomInt(2 ** 31));
const count = Number(process.env['CLAVE_FUZZ_COUNT'] || 5_000);

test(
  `${count} requests of every sort get no answer that is not declared, and none a 500 (seed ${seed})`,
  () => fuzz({ seed, count, say: (summary) => void process.stdout.write(`${summary}\n`) }),
  20 * 60_000,
);
