import { build } from '../../local/fleet/build.ts';
import { type Replica, startFleet } from '../../local/fleet/replicas.ts';
import { Actor, type Fate } from '../faults/actor.ts';
import type { Town } from '../faults/citizen.ts';
import { Inbox } from '../faults/inbox.ts';
import { type JourneyName, journeySteps, planOf } from '../faults/plan.ts';
import { settled } from '../faults/settled.ts';
import { Store } from '../faults/store.ts';
import { abandoned } from './handing-over.ts';

/** How long and with how many. `say` gets a line for each replacement. */
export interface Asked {
  readonly apis: number;
  readonly workers: number;
  /** Citizens under way at a time, each a whole journey after the other. */
  readonly atOnce: number;
  /** Every process is replaced once a round; another begins until then. The first is always done. */
  readonly minutes: number;
  readonly say: (line: string) => void;
}

/** All that was seen. */
export interface Seen {
  readonly journeys: number;
  readonly requests: number;
  readonly replaced: number;
  /** Requests that had no answer, or 503, in words. */
  readonly lost: readonly string[];
  /** What a worker had begun and another has done once its time was up: nobody may lose by it. */
  readonly late: readonly string[];
  /** Whatever else must not be. */
  readonly findings: readonly string[];
}

/** All but the one for which passwords would have to expire within seconds. */
const names = (Object.keys(journeySteps) as JourneyName[]).filter((name) => name !== 'renewal');

/** Citizens go through whole journeys while every process is replaced, one API and one worker at a time. */
export async function rolling({ apis, workers, atOnce, minutes, say }: Asked): Promise<Seen> {
  const built = build();
  try {
    const fleet = await startFleet(built, { apis, workers });
    const { servers } = fleet;
    const town: Town = { servers, inbox: new Inbox(servers.phoneUrl), store: new Store(servers.ownerUrl) };
    try {
      const fates: Fate[] = [];
      const findings: string[] = [];
      let isOver = false;
      let journeys = 0;
      const citizen = async () => {
        while (!isOver) {
          fates.push(await wholeJourney(town, journeys++));
        }
      };
      const load = Promise.all(Array.from({ length: atOnce }, citizen));
      const endMs = Date.now() + minutes * 60_000;
      let replaced = 0;
      const inTurn = async (replicas: readonly Replica[]) => {
        do
          for (const replica of replicas) {
            const wrong = await replica.replace();
            replaced += 1;
            say(`${replica.name} replaced, ${fates.length} journeys so far${wrong ? `: ${wrong}` : ''}`);
            if (wrong) findings.push(wrong);
          }
        while (Date.now() < endMs);
      };
      // Both at a time: a deployment does not wait for the workers before it goes on with the APIs.
      await Promise.all([inTurn(fleet.apis), inTurn(fleet.workers)]).finally(() => {
        isOver = true;
      });
      await load;
      findings.push(...(await wrongInTheEnd(town, fates, built.bundle)));
      const clients = fates.map(({ citizen: { client } }) => client);
      return {
        ...{ journeys: fates.length, replaced, findings },
        late: await abandoned(servers.temporalAddress),
        requests: clients.reduce((sum, { answers }) => sum + answers.length, 0),
        lost: clients.flatMap(({ lost }) => lost),
      };
    } finally {
      await Promise.all([town.inbox.stop(), town.store.stop()]);
      await fleet.stop();
    }
  } finally {
    built.remove();
  }
}

/** Somebody new through the whole of one journey, and what shows that it holds. */
async function wholeJourney(town: Town, number: number): Promise<Fate> {
  const journey = names[number % names.length] as JourneyName;
  const actor = new Actor(town, { journey, step: journeySteps[journey][0] }, number % 3);
  await actor.come();
  await actor.act();
  await actor.goOn();
  return actor.fate(Number.POSITIVE_INFINITY);
}

async function wrongInTheEnd(town: Town, fates: readonly Fate[], bundle: string): Promise<string[]> {
  const { findings, repeats } = await settled(town, [{ plan: planOf(0), fates, tookMs: 0 }], bundle);
  const repeated = [...repeats.values()].reduce((sum, times) => sum + times, 0);
  const failed = await town.store.rows<{ failure: string }>(
    `SELECT failure FROM "Text" WHERE delivery = 'failed'`,
  );
  return [
    ...fates.flatMap(({ place, findings: own }) => own.map((text) => `${place.journey}: ${text}`)),
    ...findings.map(({ text }) => text),
    ...(repeated > 0 ? [`${repeated} texts came once more`] : []),
    ...failed.map(({ failure }) => `a text failed: ${failure}`),
  ];
}
