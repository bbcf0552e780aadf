import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CitizenDriver } from '../actors/citizen-driver.ts';
import { Refused, workflowTestContext } from '../actors/workflow-context.ts';
import { lockAuditRow } from '../database/row-locks.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
let worker: ChildProcess;

/** A worker as `npm run worker` starts it, in place of the stack's own. */
function startWorker(): void {
  worker = spawn(process.execPath, ['--import', 'tsx', 'worker/main.ts'], {
    stdio: 'ignore',
    env: { ...stack.environment, PATH: process.env['PATH'], WORKER_METRICS_PORT: '0', LOG_LEVEL: 'silent' },
  });
}

async function killWorker(): Promise<void> {
  worker.kill('SIGKILL');
  await once(worker, 'exit');
}

beforeAll(async () => {
  stack = await startStack({ own: true });
  await stack.stopWorkers();
  startWorker();
});
afterAll(async () => {
  await killWorker();
  await stack.stop();
});

/** The outcome of a message in progress when the worker is killed. */
const outcomeOf = (sent: Promise<{ kind: string }>): Promise<string> =>
  sent.then(
    ({ kind }) => kind,
    (error: unknown) => (error instanceof Refused ? error.type : 'lost'),
  );

/** Blocks the audit of a wrong code, and thereby the completion of the workflow task. */
const blockAudit = (journeyId: string) => lockAuditRow(stack, `${journeyId}/entry/activation-refused`);

describe('a worker that is killed before Temporal knows what was asked of it', () => {
  test('has put no password in force that the workflow never hears of', async () => {
    const driver = new CitizenDriver(workflowTestContext(stack));
    const patient = { patienceMs: 60_000 };
    await driver.register({}, patient);
    await driver.enterCode(driver.code, patient);
    await driver.enterOtp(await driver.otp(), patient);
    const stagedPasswordId = await driver.stagePassword();

    const [releaseFirst, releaseSecond] = [await blockAudit('held-1'), await blockAudit('held-2')];
    const outcomes = [outcomeOf(driver.enterCode('wrong', { journeyId: 'held-1', ...patient }))];
    await sleep(300);
    // Both are in the next workflow task; the second message keeps it from completing.
    outcomes.push(outcomeOf(driver.choosePassword({ stagedPasswordId, patienceMs: 3_000 })));
    await sleep(100);
    outcomes.push(outcomeOf(driver.enterCode('wrong', { journeyId: 'held-2', ...patient })));
    await sleep(100);
    await releaseFirst();
    await sleep(700);
    await killWorker();
    await releaseSecond();
    await sleep(2_500);
    startWorker();
    expect(await Promise.all(outcomes)).toEqual(['wrong', 'TooLate', 'wrong']);

    const passwords = () => stack.db.prisma.password.count({ where: { citizenId: driver.citizenId } });
    expect(await passwords()).toBe(0);
    expect(await driver.status()).toMatchObject({ status: 'registered' });
    expect(await driver.choosePassword({ stagedPasswordId, ...patient })).toMatchObject({
      kind: 'accepted',
      journey: { outcome: 'activated' },
    });
    expect(await passwords()).toBe(1);
    expect(await driver.status()).toMatchObject({ status: 'active' });
  });
});
