import { checkLetter } from '../../domain/identity/national-id.ts';
import { noAddressLimits } from '../../local/fleet/no-address-limits.ts';
import { startWithNpm } from '../../local/fleet/npm-start.ts';
import { goodPassword, wrongCode } from '../../test/actors/credentials.ts';
import { type Flood, flood } from './flood.ts';
import type { HealthSamples } from './health-probe.ts';
import { startHealthProbe } from './health-probe-process.ts';
import { type Citizen, register, registerActive } from './registered-citizens.ts';

/** Figures before, during and after a flood of one route. */
export interface OverloadResult {
  readonly kind: string;
  readonly flood: Flood;
  readonly health: HealthSamples;
  /** Valid requests a second, before and afterwards, and the time from the flood's end to that. */
  readonly before: number;
  readonly after: number;
  readonly recoveredAfterMs: number;
}

/** Without the limits by address: the flood comes from one. */
const policy = {
  ...noAddressLimits,
  textsPerPhone: { tries: 1_000_000, per: 'P1D' },
};

/** Floods the service, as `npm start` runs it, with `count` sign-ins at once and then with `count` activations. */
export async function overload(count: number): Promise<OverloadResult[]> {
  const service = await startWithNpm(policy);
  try {
    const citizens = await registerActive(service, 8);
    const crowd = await Promise.all(Array.from({ length: 20 }, () => register(service)));
    const signIns = {
      right: (citizen: Citizen): object => signIn(citizen, goodPassword),
      path: '/api/v1/sessions',
    };
    const activations = {
      right: ({ nationalId, email, activationCode }: Citizen): object => ({
        nationalId,
        email,
        activationCode,
      }),
      path: '/api/v1/activations',
    };
    const results: OverloadResult[] = [];
    for (const { right, path } of [signIns, activations]) {
      const speed = () => rate(service.url + path, citizens.map(right));
      await speed();
      const before = await speed();
      const probe = await startHealthProbe(service.url);
      const bodies = Array.from({ length: count }, (_, number) => wrong(path, number, crowd));
      const result = await flood(service.url + path, bodies);
      const health = await probe.stop();
      const endedAt = performance.now();
      let after = await speed();
      while (after < before * 0.8 && performance.now() - endedAt < 10_000) after = await speed();
      const recoveredAfterMs = performance.now() - endedAt;
      results.push({
        kind: path.replace('/api/v1', ''),
        flood: result,
        health,
        before,
        after,
        recoveredAfterMs,
      });
    }
    return results;
  } finally {
    await service.stop();
  }
}

const signIn = ({ nationalId }: Pick<Citizen, 'nationalId'>, password: string) => ({ nationalId, password });

/**
 * A wrong entry. Sign-ins name unknown citizens, each another one, as the sixth of a known one would block it and be
 * answered otherwise. Of the activations half name citizens, with a wrong code.
 */
function wrong(path: string, number: number, crowd: readonly Citizen[]): object {
  const unknown = { nationalId: idOf(70_000_000 + number), email: `nobody.${number}@example.org` };
  const citizen = crowd[number % crowd.length] ?? unknown;
  const { nationalId, email } = number % 2 === 0 ? unknown : citizen;
  return path.endsWith('/sessions')
    ? signIn(unknown, 'Wrong-Password-9!')
    : { nationalId, email, activationCode: wrongCode };
}

const idOf = (number: number): string => `${number}${checkLetter(String(number))}`;

/** Requests a second of a closed loop with one caller for each body. @throws Error if one is refused */
async function rate(address: string, bodies: readonly object[]): Promise<number> {
  const each = 8;
  const startedAt = performance.now();
  const caller = async (body: object) => {
    for (let time = 0; time < each; time += 1) {
      const headers = { 'Content-Type': 'application/json' };
      const reply = await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) });
      await reply.text();
      if (reply.status !== 201) throw new Error(`a right request got ${reply.status}`);
    }
  };
  await Promise.all(bodies.map(caller));
  return (bodies.length * each * 1_000) / (performance.now() - startedAt);
}
