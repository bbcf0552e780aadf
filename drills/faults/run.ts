import { setTimeout as sleep } from 'node:timers/promises';
import type { Servers } from '../../local/fleet/servers.ts';
import { untilAnswers } from '../../local/servers/until-answers.ts';
import { Actor, type Fate } from './actor.ts';
import type { Town } from './citizen.ts';
import { type Harm, harm } from './harm.ts';
import type { Plan } from './plan.ts';

/** Where the processes can be harmed. */
export interface HarmedTown extends Town {
  readonly servers: Servers;
}

/** What came of a run. */
export interface Run {
  readonly plan: Plan;
  readonly fates: readonly Fate[];
  readonly tookMs: number;
}

/** One run: everybody comes to their place, the fault falls, everybody goes on to the end. */
export async function run(plan: Plan, town: HarmedTown): Promise<Run> {
  const startedAtMs = performance.now();
  await everythingRuns(town);
  const actors = plan.cast.map((place) => new Actor(town, place, plan.variant));
  await Promise.all(actors.map((actor) => actor.come()));
  const { atMs, over } = await strike(plan, actors, town);
  await Promise.all(actors.map((actor) => actor.goOn()));
  await over;
  return { plan, fates: actors.map((actor) => actor.fate(atMs)), tookMs: performance.now() - startedAtMs };
}

/** The requests and the fault, in the order of the plan. @returns once all are answered */
async function strike(plan: Plan, actors: readonly Actor[], { servers, inbox }: HarmedTown): Promise<Harm> {
  const act = () => Promise.all(actors.map((actor) => actor.act()));
  const fall = async () => {
    // What has come is on the telephone, whatever becomes of the phone's server.
    if (plan.part === 'phone') await inbox.look();
    return harm(plan, servers);
  };
  if (plan.moment === 'before') {
    const done = await fall();
    await sleep(plan.offsetMs);
    await act();
    return done;
  }
  const answers = act();
  if (plan.moment === 'after') await answers;
  await sleep(plan.offsetMs);
  const done = await fall();
  await answers;
  return done;
}

async function everythingRuns({ servers: { url, earlyUrl, phoneUrl } }: HarmedTown): Promise<void> {
  const never = new AbortController().signal;
  const urls = [`${url}/readyz`, `${earlyUrl}/readyz`, `${phoneUrl}/faults`];
  const answers = await Promise.all(urls.map((url) => untilAnswers(url, 60_000, never)));
  if (answers.includes(false)) throw new Error('the service is not ready within a minute');
}
