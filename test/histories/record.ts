import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import proto from '@temporalio/proto';
import { upkeepTasks } from '../../activities/upkeep.ts';
import { citizenTaskQueue } from '../../domain/task-queues.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import type { upkeep } from '../../workflows/upkeep.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { CitizenDriver } from '../actors/citizen-driver.ts';
import { goodPassword, otherPassword } from '../actors/credentials.ts';
import { expectStartedJourney } from '../actors/journey.ts';
import { regenerateActivationCode, suspend } from '../actors/office.ts';
import { identified, registerParty } from '../actors/relying-parties.ts';
import {
  blockPassword,
  changePassword,
  newSession,
  reportUnrecognisedActivity,
  signIn,
  unsubscribe,
} from '../actors/sessions.ts';
import { workflowTestContext } from '../actors/workflow-context.ts';
import { startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';
import { setUp } from '../run/global-setup.ts';
import { onlineLives } from './online-lives.ts';

/*
 * Records the histories that `test/workflows/replay.test.ts` replays with the code of today:
 *
 *   npx tsx test/histories/record.ts <release> [life…]     e.g. 0.1.0, then npm run format
 *
 * They are kept for ever: a workflow that runs for years meets every later version of the code. Record those of a new
 * release beside them; never record over one that has been released. Everybody in them is invented.
 */

const folder = path.dirname(fileURLToPath(import.meta.url));

async function unsubscribed(stack: Stack): Promise<Citizen> {
  const citizen = await activeCitizen(stack);
  const journey = await expectStartedJourney(stack, unsubscribe(stack, await newSession(stack, citizen)));
  await journey.enterOtp(await journey.otp());
  return citizen;
}

/** What each person went through; the latest run of one who is asleep is what a deploy meets most. */
const lives: Readonly<Record<string, (stack: Stack) => Promise<{ citizenId: string }>>> = {
  activation: activeCitizen,
  async 'password-reset'(stack) {
    const citizen = await activeCitizen(stack);
    await citizen.activateOrReset(otherPassword);
    return citizen;
  },
  async 'blocked-code'(stack) {
    const citizen = await new Citizen(stack).register();
    for (let entry = 0; entry < 7; entry += 1)
      await citizen.tryStartActivation({ activationCode: '0000000000' });
    return citizen;
  },
  async superseded(stack) {
    const citizen = await new Citizen(stack).register();
    await citizen.tryStartActivation();
    await citizen.register();
    await citizen.activateOrReset();
    return citizen;
  },
  async 'timed-out'(stack) {
    const driver = new CitizenDriver(workflowTestContext(stack));
    await driver.register();
    await driver.enterCode(driver.code, { policy: { ...stack.policy, journeyLife: 'PT2S' } });
    await driver.enterWrongOtp();
    await sleep(3_500);
    // Awake again: a sleeper without a password has no timer, and what a replay would do otherwise shows only later.
    await driver.enterCode('wrong');
    return driver;
  },
  async 'password-change'(stack) {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    const journey = await expectStartedJourney(
      stack,
      changePassword(stack, token, goodPassword, otherPassword),
    );
    await journey.enterOtp(await journey.otp());
    return citizen;
  },
  unsubscription: unsubscribed,
  async suspension(stack) {
    const citizen = await activeCitizen(stack);
    await suspend(stack, citizen);
    await citizen.register();
    return citizen;
  },
  async 'blocked-password'(stack) {
    const citizen = await activeCitizen(stack);
    await blockPassword(stack, citizen);
    await sleep(6_000);
    return citizen;
  },
  async extension(stack) {
    const driver = new CitizenDriver(workflowTestContext(stack));
    await driver.register();
    await driver.enterCode(driver.code, { policy: { ...stack.policy, journeyLife: 'PT6S' } });
    await driver.extend();
    await driver.enterOtp(await driver.otp());
    // Past the end that it had at first.
    await sleep(6_500);
    await driver.setPassword();
    return driver;
  },
  async 'not-me'(stack) {
    const citizen = await activeCitizen(stack);
    await reportUnrecognisedActivity(stack, await newSession(stack, citizen));
    await sleep(6_000);
    await citizen.activateOrReset(otherPassword);
    return citizen;
  },
  async regeneration(stack) {
    const citizen = await activeCitizen(stack);
    await regenerateActivationCode(stack, citizen);
    return citizen;
  },
  ...onlineLives,
};

/** Who lives by a short clock: reminded after two seconds, expired after eight, then renewed. */
const shortLives: typeof lives = {
  async renewal(stack) {
    const citizen = await activeCitizen(stack);
    await sleep(9_000);
    const journey = await expectStartedJourney(stack, signIn(stack, citizen));
    await journey.enterOtp(await journey.otp());
    await journey.setPassword(otherPassword);
    return citizen;
  },
};
const shortClock = { passwordLife: 'PT8S', passwordReminders: ['PT6S'] };

/** A citizen who falls asleep in a status, and the message that wakes the run. */
interface Sleeper {
  readonly fallAsleep: (stack: Stack) => Promise<Citizen>;
  /** Without a timer, what a replay would do otherwise in the opening shows only in a task after it. */
  readonly wake?: (citizen: Citizen, stack: Stack) => Promise<unknown>;
}

/**
 * The opening of a run in each status, whatever its shape: it is what a deploy meets most, and frozen
 * (`workflows/citizen.ts`).
 */
const sleepers: Readonly<Record<string, Sleeper>> = {
  'asleep-registered': {
    async fallAsleep(stack) {
      const citizen = await new Citizen(stack).register();
      await regenerateActivationCode(stack, citizen);
      return citizen;
    },
    wake: (citizen) => citizen.tryStartActivation({ activationCode: '0000000000' }),
  },
  'asleep-active': { fallAsleep: activeCitizen },
  'asleep-suspended': {
    async fallAsleep(stack) {
      const citizen = await activeCitizen(stack);
      await suspend(stack, citizen);
      return citizen;
    },
  },
  'asleep-unsubscribed': { fallAsleep: unsubscribed, wake: (citizen) => citizen.register() },
};
const shortSleepers: typeof sleepers = {
  'asleep-expired': {
    async fallAsleep(stack) {
      const citizen = await activeCitizen(stack);
      await sleep(9_000);
      return citizen;
    },
    wake: (citizen, stack) => signIn(stack, citizen),
  },
};

/** The workflows beside the citizens': those of a notice, to a citizen or to a relying party, and of the upkeep. */
const others: Readonly<Record<string, (stack: Stack) => Promise<string>>> = {
  async notice(stack) {
    const { citizenId } = await activeCitizen(stack);
    const { actId } = await stack.db.prisma.citizen.findUniqueOrThrow({ where: { id: citizenId } });
    await sleep(1_500);
    return `notice/${actId}/welcome`;
  },
  async 'logout-notice'(stack) {
    const gateway = await startGatewayInProcess(stack);
    const stopWorker = await stack.startGatewayWorker(gateway.url);
    const citizen = await activeCitizen(stack);
    const identificationId = await identified(stack, await registerParty(stack), citizen);
    await reportUnrecognisedActivity(stack, await newSession(stack, citizen));
    const { id } = await until(
      () => stack.db.prisma.logoutNotice.findUniqueOrThrow({ where: { identificationId } }),
      ({ deliveredAt }) => deliveredAt !== null,
    );
    await sleep(1_500);
    await stopWorker();
    await gateway.stop();
    return `logout-notice/${id}`;
  },
  async upkeep({ client }) {
    const workflowId = 'upkeep-recorded';
    await client.workflow.execute<typeof upkeep>('upkeep', {
      ...{ workflowId, taskQueue: citizenTaskQueue, args: [upkeepTasks] },
    });
    return workflowId;
  },
};

type History = proto.temporal.api.history.v1.IHistory;
const {
  EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: updated,
  EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: signaled,
} = proto.temporal.api.enums.v1.EventType;
const isReachedByMessage = ({ events }: History): boolean =>
  events?.some(({ eventType }) => eventType === updated || eventType === signaled) ?? false;
const shapeOf = ({ events }: History): string => events?.map(({ eventType }) => eventType).join(' ') ?? '';

/** Records the lives of these names, or all. What is there already of the release is not recorded again. */
async function record(release: string, names: readonly string[]): Promise<void> {
  const tearDown = await setUp();
  const shapes = new Set(
    readdirSync(folder)
      .filter((name) => name.startsWith(`${release}.`))
      .map((name) => shapeOf(fromJson(readFileSync(path.join(folder, name), 'utf8')))),
  );
  const isWanted = ([name]: readonly [string, unknown]) => names.length === 0 || names.includes(name);
  const historyOf = ({ client }: Stack, workflowId: string, runId?: string) =>
    client.workflow.getHandle(workflowId, runId).fetchHistory();
  const keep = (history: History, name: string) => {
    shapes.add(shapeOf(history));
    const file = path.join(folder, `${release}.${name}.json`);
    writeFileSync(file, `${JSON.stringify(asJson(history))}\n`);
    process.stdout.write(`${file}: ${history.events?.length} events\n`);
  };
  const recordLives = async (stack: Stack, which: typeof lives) => {
    for (const [name, live] of Object.entries(which).filter(isWanted)) {
      const { citizenId } = await live(stack);
      await sleep(1_500);
      const workflowId = citizenWorkflowId(citizenId);
      const runs = await Promise.all(
        (await runIdsOf(stack, workflowId)).map((runId) => historyOf(stack, workflowId, runId)),
      );
      // Another of the same shape shows nothing more, nor does an opening without a timer; but of each life there is the last
      // run that a message reached.
      const isNew = runs.map((history) => (history.events?.length ?? 0) > 4 && !shapes.has(shapeOf(history)));
      const last = runs.findLast(isReachedByMessage);
      for (const [index, history] of runs.entries())
        if (isNew[index] || history === last) keep(history, `${name}.${index + 1}`);
    }
  };
  const recordSleepers = async (stack: Stack, which: typeof sleepers) => {
    for (const [name, { fallAsleep, wake }] of Object.entries(which).filter(isWanted)) {
      const citizen = await fallAsleep(stack);
      await sleep(1_500);
      const workflowId = citizenWorkflowId(citizen.citizenId);
      const asleep = (await runIdsOf(stack, workflowId)).at(-1);
      await wake?.(citizen, stack);
      await sleep(1_500);
      keep(await historyOf(stack, workflowId, asleep), `${name}.1`);
    }
  };
  const stack = await startStack({ own: true });
  await recordSleepers(stack, sleepers);
  await recordLives(stack, lives);
  for (const [name, live] of Object.entries(others).filter(isWanted))
    keep(await historyOf(stack, await live(stack)), `${name}.1`);
  await stack.stop();
  const hurried = await startStack({ own: true, policy: shortClock });
  await recordSleepers(hurried, shortSleepers);
  await recordLives(hurried, shortLives);
  await hurried.stop();
  await tearDown();
}

const { History } = proto.temporal.api.history.v1;
const asJson = (history: History): object =>
  History.toObject(History.fromObject(history), { longs: String, enums: String, bytes: String });
const fromJson = (text: string): History => History.fromObject(JSON.parse(text));

/** The runs of a workflow, oldest first. */
async function runIdsOf({ client }: Stack, workflowId: string): Promise<string[]> {
  const runs: { runId: string; startTime: Date }[] = [];
  for await (const run of client.workflow.list({ query: `WorkflowId="${workflowId}"` })) runs.push(run);
  return runs.sort((a, b) => a.startTime.getTime() - b.startTime.getTime()).map(({ runId }) => runId);
}

const [release, ...names] = process.argv.slice(2);
if (!release || !/^\d+\.\d+\.\d+$/.test(release)) {
  process.stderr.write('usage: npx tsx test/histories/record.ts <release> [life…]\n');
  process.exit(2);
}
await record(release, names);
process.exit(0);
