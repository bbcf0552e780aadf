import { join } from 'node:path';
import { z } from 'zod';
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

/** Somebody to try an activation with: registered, not activated yet. */
export type DemoCitizen = z.infer<typeof shape>;

const lookup = z.object({ status: z.string(), blocked: z.array(z.string()), phone: z.string() });
const registration = z.object({ activationCode: z.string() });

/** The n-th person of the demonstration: 12345678Z is the one that every example in Spain uses. */
export function person(number: number) {
  const body = String(12_345_678 + number);
  return {
    nationalId: `${body}${checkLetter(body)}`,
    givenName: 'Ana',
    firstSurname: 'García',
    secondSurname: 'Ejemplo',
    email: `ana${number === 0 ? '' : number + 1}@example.org`,
    // Far from each other: a number that somebody has typed beside ours would be taken from them (docs/adr/0015).
    phone: `+34600${String(1 + number * 7_919).padStart(6, '0')}`,
    language: 'es',
  };
}

/** Asks the API as an officer. @returns the answer's status and JSON. */
export type Ask = (path: string, body: unknown) => Promise<{ status: number; json: unknown }>;

/** An officer's calls to the API at this address. */
export function officerAt(api: string, officeKey: string): Ask {
  return async (path, body) => {
    const response = await fetch(`${api}/api/v1${path}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${officeKey}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    return { status: response.status, json: await response.json().catch(() => undefined) };
  };
}

async function stillUsable(ask: Ask, kept: DemoCitizen): Promise<boolean> {
  const { json } = await ask('/citizen-lookups', { nationalId: kept.nationalId });
  const { data } = lookup.safeParse(json);
  const shown = /\d+$/.exec(data?.phone ?? '')?.[0];
  return data?.status === 'registered' && data.blocked.length === 0 && !!shown && kept.phone.endsWith(shown);
}

// Somebody may have registered one of ours with other data: a taken phone or person is passed over.
async function register(ask: Ask, from: number): Promise<DemoCitizen> {
  for (let number = from; number < from + 100; number += 1) {
    const { nationalId, email, phone, ...rest } = person(number);
    const known = await ask('/citizen-lookups', { nationalId });
    if (known.status === 200) continue;
    const { status, json } = await ask('/registrations', { nationalId, email, phone, ...rest });
    const { data } = registration.safeParse(json);
    if (data) return { number, nationalId, email, phone, activationCode: data.activationCode };
    if (status !== 409) throw new LocalServerError(`the API answered ${status} to its registration`);
  }
  throw new LocalServerError('a hundred of them are registered already');
}

/**
 * A citizen whose activation code works now: the one of the last start if still unused, else the next.
 * @throws Error if the API does not answer, or refuses.
 */
export async function demoCitizen(ask: Ask, keysFolder: string): Promise<DemoCitizen> {
  const file = join(keysFolder, 'demo-citizen.json');
  const kept = readPrivateJson(file, shape);
  if (kept && (await stillUsable(ask, kept))) return kept;
  const made = await register(ask, 0);
  writePrivateJson(file, made);
  return made;
}
