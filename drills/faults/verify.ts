import { setTimeout as sleep } from 'node:timers/promises';
import type { DrillEnvironment } from './citizen.ts';
import { readRows, smsFindings, wrongAllowances, wrongRows } from './expected-rows.ts';
import { readWorkflows, wrongWorkflow } from './expected-workflows.ts';
import { leaksIn } from './logs.ts';
import { replayFailures } from './replays.ts';
import type { Run } from './run.ts';

/** Something wrong at the end. `seed`: of the run, if it concerns one. */
export interface Finding {
  readonly seed: number | undefined;
  readonly text: string;
}

/**
 * Only a finding that lasts longer counts: a notice that failed with its worker is retried after 15 seconds, and a code
 * whose API died is closed by the upkeep, a minute after its row.
 */
const settleMs = 150_000;

/**
 * Compares PostgreSQL, Temporal, the telephones and the logs with what the citizens did, until there is no finding, for
 * at most `settleMs`; then replays the disturbed histories with the workflows of `bundle`.
 */
export async function verify(environment: DrillEnvironment, runs: readonly Run[], bundle: string) {
  for (const end = Date.now() + settleMs; ; await sleep(1_000)) {
    const { findings, repeats, disturbed } = await look(environment, runs).catch((error: unknown) => ({
      findings: [{ seed: undefined, text: `cannot be read: ${String(error)}` }],
      repeats: new Map<string, number>(),
      disturbed: [],
    }));
    if (findings.length > 0 && Date.now() < end) continue;
    const unreplayed = await replayFailures(disturbed, bundle);
    return {
      findings: [...findings, ...unreplayed.map((text): Finding => ({ seed: undefined, text }))],
      repeats,
      replayed: disturbed.length,
    };
  }
}

async function look({ store, servers, inbox }: DrillEnvironment, runs: readonly Run[]) {
  const findings: Finding[] = [];
  /** How often a phone received the same SMS again, by citizen. */
  const repeats = new Map<string, number>();
  const rows = await readRows(store);
  const workflows = await readWorkflows(servers.temporalAddress);
  for (const { plan, results } of runs)
    for (const { citizen, place, findings: earlier } of results) {
      // A citizen with findings has stopped at the first.
      if (earlier.length > 0) continue;
      const own = rows.get(citizen.id);
      const sms = own && smsFindings(citizen, own, inbox);
      if (sms) repeats.set(citizen.id, sms.repeats);
      const wrong =
        own && sms
          ? [...wrongRows(citizen, own), ...wrongWorkflow(citizen, own, workflows), ...sms.wrong]
          : ['no rows'];
      for (const text of wrong)
        findings.push({ seed: plan.seed, text: `${place.journey}/${place.step}: ${text}` });
    }
  const citizens = runs.flatMap(({ results }) => results.map(({ citizen }) => citizen));
  for (const { used, sent } of await wrongAllowances(store))
    findings.push({ seed: undefined, text: `an allowance says ${used} texts, ${sent} were sent` });
  for (const text of [...workflows.wrong, ...leaksIn(servers.logs, citizens)])
    findings.push({ seed: undefined, text });
  return { findings, repeats, disturbed: workflows.disturbed };
}
