import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const letters = 'TRWAGMYFPDXBNJZSQVHLCKE';
const blockSize = 1_000;
const blocksPerWorker = 1_000;
let next = 0;
let end = 0;

/** Personal data of a citizen who is not registered; national id, email and phone are unique in a run of the tests. */
export function newPersonalData(overrides: Record<string, unknown> = {}) {
  if (next === end) {
    next = claimBlock() * blockSize;
    end = next + blockSize;
  }
  const number = 20_000_000 + next;
  next += 1;
  return {
    nationalId: `${number}${letters[number % 23]}`,
    givenName: 'Begoña',
    firstSurname: 'Etxeberria',
    secondSurname: 'Núñez',
    email: `begona.${number}@example.org`,
    phone: `+346${number}`,
    language: 'es',
    ...overrides,
  } as { nationalId: string; email: string; phone: string } & Record<string, unknown>;
}

/**
 * Claims a block of numbers for this test file, because several files share one service. The length of a worker's own
 * file in the run's temporary folder is the count of blocks that this worker has claimed; block 0 outside of Jest.
 */
function claimBlock(): number {
  const worker = Number(process.env['JEST_WORKER_ID'] ?? 0);
  if (worker === 0) return end / blockSize;
  const file = openSync(path.join(tmpdir(), `clave-people-${worker}`), 'a');
  try {
    writeSync(file, '.');
    return worker * blocksPerWorker + fstatSync(file).size;
  } finally {
    closeSync(file);
  }
}
