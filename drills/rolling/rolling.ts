import { resolve } from 'node:path';
import { build } from '../../local/fleet/build.ts';
import { type Replica, startReplicatedService } from '../../local/fleet/replicated-service.ts';
import { Actor, type CitizenResult } from '../faults/actor.ts';
import type { DrillEnvironment } from '../faults/citizen.ts';
import { type JourneyName, journeySteps, planOf } from '../faults/plan.ts';
import { SmsInbox } from '../faults/sms-inbox.ts';
import { Store } from '../faults/store.ts';
import { verify } from '../faults/verify.ts';
import { registerRelyingSite } from '../gateway/register-party.ts';
import { abandonedTasks } from './abandoned-tasks.ts';

/** How long and with how many. `say` gets a line for each replacement. */
export interface RollingOptions {
  readonly apis: number;
  readonly workers: number;
  readonly gateways: number;
  /** Citizens under way at a time, each a whole journey after the other. */
  readonly atOnce: number;
  /** Every process is replaced once a round; another begins until then. The first is always done. */
  readonly minutes: number;
  /** The folder of another version's checkout, whose processes run beside those of this one. */
  readonly earlier?: string | undefined;
  readonly say: (line: string) => void;
}

/** The results of a drill. */
export interface RollingResult {
  readonly journeys: number;
  readonly requests: number;
  readonly replaced: number;
  /** Requests that had no answer, or 503, in words. */
  readonly lost: readonly string[];
  /** Tasks that another worker has done after the timeout of the first: late, not lost. */
  readonly late: readonly string[];
  /** Other violations, in words. */
  readonly findings: readonly string[];
}

/** All journeys but the renewal, for which passwords would have to expire within seconds. */
const names = (Object.keys(journeySteps) as JourneyName[]).filter((name) => name !== 'renewal');

/** Citizens go through whole journeys while every process is replaced, one API, one worker and one gateway at a time. */
export async function rolling({
  apis,
  workers,
  gateways,
  atOnce,
  minutes,
  earlier: folder,
  say,
}: RollingOptions): Promise<RollingResult> {
  const built = build();
  const earlier = folder === undefined ? undefined : build(resolve(folder));
  try {
    const fleet = await startReplicatedService(built, { apis, workers, gateways, earlier });
    const { servers } = fleet;
    const environment: DrillEnvironment = {
      servers,
      inbox: new SmsInbox(servers.phoneUrl),
      store: new Store(servers.ownerUrl),
      party: await registerRelyingSite({ ...servers, environment: fleet.environment }, 'rolling'),
    };
    try {
      const results: CitizenResult[] = [];
      const findings: string[] = [];
      let isOver = false;
      let journeys = 0;
      const citizen = async () => {
        while (!isOver) {
          results.push(await wholeJourney(environment, journeys++));
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
            say(`${replica.name} replaced, ${results.length} journeys so far${wrong ? `: ${wrong}` : ''}`);
            if (wrong) findings.push(wrong);
          }
        while (Date.now() < endMs);
      };
      // All at a time: a deployment does not wait for the workers before it goes on with the APIs.
      await Promise.all([fleet.apis, fleet.workers, fleet.gateways].map(inTurn)).finally(() => {
        isOver = true;
      });
      await load;
      findings.push(...(await wrongInTheEnd(environment, results, built.bundle)));
      const clients = results.map(({ citizen: { client } }) => client);
      return {
        journeys: results.length,
        replaced,
        findings,
        late: await abandonedTasks(servers.temporalAddress),
        requests: clients.reduce((sum, { answers }) => sum + answers.length, 0),
        lost: clients.flatMap(({ lost }) => lost),
      };
    } finally {
      await Promise.all([environment.inbox.stop(), environment.store.stop()]);
      await fleet.stop();
    }
  } finally {
    built.remove();
    earlier?.remove();
  }
}

/** A new citizen's whole journey, and the verification of its result. */
async function wholeJourney(environment: DrillEnvironment, number: number): Promise<CitizenResult> {
  const journey = names[number % names.length] as JourneyName;
  const actor = new Actor(environment, { journey, step: journeySteps[journey][0] }, number % 3);
  await actor.prepare();
  await actor.act();
  await actor.finish();
  return actor.result(Number.POSITIVE_INFINITY);
}

async function wrongInTheEnd(
  environment: DrillEnvironment,
  results: readonly CitizenResult[],
  bundle: string,
): Promise<string[]> {
  const { findings, repeats } = await verify(environment, [{ plan: planOf(0), results, tookMs: 0 }], bundle);
  const repeated = [...repeats.values()].reduce((sum, times) => sum + times, 0);
  const failed = await environment.store.rows<{ failure: string }>(
    `SELECT failure FROM "Text" WHERE delivery = 'failed'`,
  );
  return [
    ...results.flatMap(({ place, findings: own }) => own.map((text) => `${place.journey}: ${text}`)),
    ...findings.map(({ text }) => text),
    ...(repeated > 0 ? [`${repeated} texts came once more`] : []),
    ...failed.map(({ failure }) => `a text failed: ${failure}`),
  ];
}
