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
import { blockPassword, changePassword, newSession, signIn, unsubscribe } from '../actors/sessions.ts';
import { workflowTestContext } from '../actors/workflow-context.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { setUp } from '../run/global-setup.ts';

/*
 * Records the histories that `test/workflows/replay.test.ts` replays with the code of today:
 *
 *   npx tsx test/histories/record.ts <release> [life…]     e.g. 0.1.0, then npm run format
 *
 * They are kept for ever: a workflow that runs for years meets every later version of the code. Record those of a new
 * release beside them; never record over one that has been released. Everybody in them is invented.
 */

const folder = path.dirname(fileURLToPath(import.meta.url));

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
  async unsubscription(stack) {
    const citizen = await activeCitizen(stack);
    const journey = await expectStartedJourney(stack, unsubscribe(stack, await newSession(stack, citizen)));
    await journey.enterOtp(await journey.otp());
    return citizen;
  },
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
  async regeneration(stack) {
    const citizen = await activeCitizen(stack);
    await regenerateActivationCode(stack, citizen);
    return citizen;
  },
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

/** The workflows beside the citizens': those of a notice of each kind, and of the upkeep. */
const others: Readonly<Record<string, (stack: Stack) => Promise<string>>> = {
  async notice(stack) {
    const { citizenId } = await activeCitizen(stack);
    const { actId } = await stack.db.prisma.citizen.findUniqueOrThrow({ where: { id: citizenId } });
    await sleep(1_500);
    return `notice/${actId}/welcome`;
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
  const keep = async ({ client }: Stack, workflowId: string, runId: string | undefined, name: string) => {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    // Another of the same shape shows nothing more.
    if (shapes.has(shapeOf(history))) return;
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
      for (const [index, runId] of (await runIdsOf(stack, workflowId)).entries())
        await keep(stack, workflowId, runId, `${name}.${index + 1}`);
    }
  };
  const stack = await startStack({ own: true });
  await recordLives(stack, lives);
  for (const [name, live] of Object.entries(others).filter(isWanted))
    await keep(stack, await live(stack), undefined, `${name}.1`);
  await stack.stop();
  const hurried = await startStack({ policy: shortClock });
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
