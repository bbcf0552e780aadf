import { join } from 'node:path';
import { z } from 'zod';
import type { ApiClient } from '../../client/client.ts';
import { registerCitizen } from '../../client/register-citizen.ts';
import { checkLetter } from '../../domain/identity/national-id.ts';
import { LocalServerError } from '../servers/local-server-error.ts';
import { readPrivateJson, writePrivateJson } from './private-file.ts';

const shape = z.object({
  number: z.int(),
  nationalId: z.string(),
  email: z.string(),
  phone: z.string(),
  activationCode: z.string(),
});

/** A citizen to try an activation with: registered, not activated yet. */
export type DemoCitizen = z.infer<typeof shape>;

/** The n-th person of the demonstration: 12345678Z is the one that every example in Spain uses. */
export function person(number: number) {
  const body = String(12_345_678 + number);
  return {
    nationalId: `${body}${checkLetter(body)}`,
    givenName: 'Ana',
    firstSurname: 'García',
    secondSurname: 'Ejemplo',
    email: `ana${number === 0 ? '' : number + 1}@example.org`,
    // Far apart: a registration act takes a phone over from another citizen (docs/adr/0015), and one that is registered by
    // hand beside these is likely to have the next number.
    phone: `+34600${String(1 + number * 7_919).padStart(6, '0')}`,
    language: 'es' as const,
  };
}

async function isUnused(officer: ApiClient, kept: DemoCitizen): Promise<boolean> {
  const { data } = await officer.POST('/citizen-lookups', { body: { nationalId: kept.nationalId } });
  const shownDigits = /\d+$/.exec(data?.phone ?? '')?.[0];
  return (
    data?.status === 'registered' &&
    data.blocked.length === 0 &&
    shownDigits !== undefined &&
    kept.phone.endsWith(shownDigits)
  );
}

// A national id or phone that is registered already is passed over.
async function register(officer: ApiClient): Promise<DemoCitizen> {
  for (let number = 0; number < 100; number += 1) {
    const body = person(number);
    const { nationalId, email, phone } = body;
    const known = await officer.POST('/citizen-lookups', { body: { nationalId } });
    if (known.response.status === 200) continue;
    const { data, response } = await registerCitizen(officer, { body });
    if (data) return { number, nationalId, email, phone, activationCode: data.activationCode };
    if (response.status !== 409)
      throw new LocalServerError(`the API answered ${response.status} to its registration`);
  }
  throw new LocalServerError('a hundred of them are registered already');
}

/**
 * A citizen whose activation code works now: the one of the last start if still unused, else the next. `officer`: a
 * client that sends an officer's key. @throws Error if the API does not answer, or refuses.
 */
export async function demoCitizen(officer: ApiClient, keysFolder: string): Promise<DemoCitizen> {
  const file = join(keysFolder, 'demo-citizen.json');
  const kept = readPrivateJson(file, shape);
  if (kept && (await isUnused(officer, kept))) return kept;
  const made = await register(officer);
  writePrivateJson(file, made);
  return made;
}
