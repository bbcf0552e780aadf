import { setTimeout as sleep } from 'node:timers/promises';
import type { IsolatedService } from '../../local/fleet/isolated-service.ts';
import { waitUntilReady } from '../../local/servers/wait-until-ready.ts';
import { Actor, type CitizenResult } from './actor.ts';
import type { DrillEnvironment } from './citizen.ts';
import { type InjectedFault, injectFault } from './inject-fault.ts';
import type { Plan } from './plan.ts';

/** An environment into whose processes faults can be injected. */
export interface FaultyEnvironment extends DrillEnvironment {
  readonly servers: IsolatedService;
}

/** A run with its results. */
export interface Run {
  readonly plan: Plan;
  readonly results: readonly CitizenResult[];
  readonly tookMs: number;
}

/** One run: each citizen gets ready for its request, the fault is injected, each citizen finishes its journey. */
export async function run(plan: Plan, environment: FaultyEnvironment): Promise<Run> {
  const startedAtMs = performance.now();
  await everythingRuns(environment);
  const actors = plan.requests.map((place) => new Actor(environment, place, plan.variant));
  await Promise.all(actors.map((actor) => actor.prepare()));
  const { atMs, over } = await injectAround(plan, actors, environment);
  await Promise.all(actors.map((actor) => actor.finish()));
  await over;
  return {
    plan,
    results: actors.map((actor) => actor.result(atMs)),
    tookMs: performance.now() - startedAtMs,
  };
}

/** Injects the fault before, during or after the requests, as planned. @returns once all are answered */
async function injectAround(
  plan: Plan,
  actors: readonly Actor[],
  { servers, inbox }: FaultyEnvironment,
): Promise<InjectedFault> {
  const act = () => Promise.all(actors.map((actor) => actor.act()));
  const inject = async () => {
    // An SMS that has arrived stays on the telephone, even if the phone's process is killed.
    if (plan.processName === 'phone') await inbox.fetch();
    return injectFault(plan, servers);
  };
  if (plan.moment === 'before') {
    const injected = await inject();
    await sleep(plan.offsetMs);
    await act();
    return injected;
  }
  const answers = act();
  if (plan.moment === 'after') await answers;
  await sleep(plan.offsetMs);
  const injected = await inject();
  await answers;
  return injected;
}

async function everythingRuns({
  servers: { url, shortLifeUrl, phoneUrl, gatewayUrl },
}: FaultyEnvironment): Promise<void> {
  const never = new AbortController().signal;
  const urls = [`${url}/readyz`, `${shortLifeUrl}/readyz`, `${phoneUrl}/faults`, `${gatewayUrl}/readyz`];
  const answers = await Promise.all(urls.map((url) => waitUntilReady(url, 60_000, never)));
  if (answers.includes(false)) throw new Error('the service is not ready within a minute');
}
