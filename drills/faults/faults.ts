import { build } from '../../local/fleet/build.ts';
import { startIsolatedService } from '../../local/fleet/isolated-service.ts';
import { registerRelyingSite } from '../gateway/register-party.ts';
import { type JourneyName, planOf } from './plan.ts';
import { type FaultyEnvironment, type Run, run } from './run.ts';
import { SmsInbox } from './sms-inbox.ts';
import { Store } from './store.ts';
import { type Finding, verify } from './verify.ts';

/** The runs to do, on how many services at once. `say` gets a line for each. */
export interface FaultsOptions {
  readonly seed: number;
  readonly count: number;
  readonly lanes: number;
  /** No run is begun later than this. */
  readonly minutes: number;
  /** Only requests of this journey. */
  readonly journey?: JourneyName | undefined;
  readonly say: (line: string) => void;
}

/** The results of all runs. */
export interface FaultsResult {
  readonly runs: readonly Run[];
  readonly findings: readonly Finding[];
  /** SMS that arrived twice, by citizen. */
  readonly repeats: ReadonlyMap<string, number>;
  /** Histories with a task that failed or timed out: all were replayed. */
  readonly replayed: number;
}

/** Does the runs of `seed` to `seed + count - 1`, or as many of them as `minutes` allow. */
export async function faults(options: FaultsOptions): Promise<FaultsResult> {
  const { seed, count, lanes, minutes } = options;
  const built = build();
  try {
    const endMs = Date.now() + minutes * 60_000;
    const seeds = Array.from({ length: count }, (_, index) => seed + index);
    const all = await Promise.all(
      Array.from({ length: Math.min(lanes, count) }, async () => {
        const servers = await startIsolatedService(built, {
          withShortLife: true,
          withGateway: true,
          withCertificates: true,
        });
        const environment: FaultyEnvironment = {
          servers,
          inbox: new SmsInbox(servers.phoneUrl),
          store: new Store(servers.ownerUrl),
          party: await registerRelyingSite(servers, 'faults'),
        };
        try {
          return await lane(
            () => (Date.now() < endMs ? seeds.shift() : undefined),
            environment,
            built.bundle,
            options,
          );
        } finally {
          await Promise.all([environment.inbox.stop(), environment.store.stop()]);
          await servers.stop();
        }
      }),
    );
    return {
      runs: all.flatMap(({ runs }) => runs).sort((a, b) => a.plan.seed - b.plan.seed),
      findings: all.flatMap(({ findings }) => findings),
      repeats: new Map(all.flatMap(({ repeats }) => [...repeats])),
      replayed: all.reduce((sum, { replayed }) => sum + replayed, 0),
    };
  } finally {
    built.remove();
  }
}

async function lane(
  next: () => number | undefined,
  environment: FaultyEnvironment,
  bundle: string,
  { say, journey }: FaultsOptions,
): Promise<FaultsResult> {
  const runs: Run[] = [];
  for (let seed = next(); seed !== undefined; seed = next()) {
    const done = await run(planOf(seed, journey), environment);
    runs.push(done);
    say(line(done));
  }
  const earlier = runs.flatMap(({ plan, results }) =>
    results.flatMap(({ place, findings }) =>
      findings.map((text) => ({ seed: plan.seed, text: `${place.journey}/${place.step}, ${text}` })),
    ),
  );
  const { findings, ...rest } = await verify(environment, runs, bundle);
  return { runs, findings: [...earlier, ...findings], ...rest };
}

function line({ plan, results, tookMs }: Run): string {
  const { seed, processName, fault, moment, offsetMs, stopMs } = plan;
  const what = `${fault} ${processName} ${moment} (${offsetMs} ms${fault === 'stop' ? `, for ${stopMs} ms` : ''})`;
  const slowest = Math.max(...results.map(({ recoveryMs }) => recoveryMs));
  const findings = results.flatMap((result) => result.findings);
  const end = findings.length > 0 ? `FOUND ${findings.join('; ')}` : `back after ${Math.round(slowest)} ms`;
  return `${String(seed).padStart(5)} ${what}: ${end}, ${(tookMs / 1_000).toFixed(1)} s`;
}
