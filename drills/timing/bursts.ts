import type { NpmService } from '../../local/fleet/npm-start.ts';
import { wrongCode } from '../../test/actors/credentials.ts';
import { register, unknownCitizen } from '../overload/registered-citizens.ts';
import { timedPost } from './refusal-times.ts';

const atOnce = 30;

/** Times of bursts of thirty starts on one id, another id for each burst: until the last answer, in milliseconds. */
export async function measureBursts(service: NpmService, bursts: number): Promise<Map<string, number[]>> {
  const outsiders = {
    'an unknown id': async () => unknownCitizen(),
    'a known id, another email': async () => ({
      ...(await register(service)),
      email: unknownCitizen().email,
    }),
    'a wrong code': () => register(service),
  };
  const measured = new Map(Object.keys(outsiders).map((name) => [name, [] as number[]]));
  for (let burst = 0; burst <= bursts; burst += 1) {
    for (const [name, outsider] of Object.entries(outsiders)) {
      const { nationalId, email } = await outsider();
      const body = { nationalId, email, activationCode: wrongCode };
      const answers = await Promise.all(
        Array.from({ length: atOnce }, () => timedPost(service, '/activations', body)),
      );
      const codes = answers.map(({ status }) => status).sort();
      const [refused, blocked] = [422, 423].map((code) => codes.filter((status) => status === code).length);
      if (refused !== 5 || blocked !== atOnce - 5) throw new Error(`${name}: ${codes.join()}`);
      // The first of all opens the connections.
      if (burst > 0) measured.get(name)?.push(Math.max(...answers.map(({ ms }) => ms)));
    }
  }
  return measured;
}
