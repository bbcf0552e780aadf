import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CitizenDriver } from '../actors/citizen-driver.ts';
import { Refused, untilAdmitted, workflowTestContext } from '../actors/workflow-context.ts';
import { lockAuditRow } from '../database/row-locks.ts';
import { type Process, runWorker } from '../environment/processes.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { untilPast } from '../environment/waiting.ts';

let stack: Stack;
let worker: Process;

/** In place of the stack's own. */
function startWorker(): void {
  worker = runWorker(stack, {});
}

beforeAll(async () => {
  stack = await startStack({ own: true });
  await stack.stopWorkers();
  startWorker();
});
afterAll(async () => {
  await worker.kill();
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
const patienceMs = 3_000;

describe('a worker that is killed before Temporal knows what was asked of it', () => {
  test('has put no password in force that the workflow never hears of', async () => {
    const context = workflowTestContext(stack);
    const driver = new CitizenDriver(context);
    const patient = { patienceMs: 60_000 };
    await driver.register({}, patient);
    await driver.enterCode(driver.code, patient);
    await driver.enterOtp(await driver.otp(), patient);
    const stagedPasswordId = await driver.stagePassword();

    const [first, second] = [await blockAudit('held-1'), await blockAudit('held-2')];
    const outcomes = [outcomeOf(driver.enterCode('wrong', { journeyId: 'held-1', ...patient }))];
    await first.untilWaitedFor();
    // Both are in the next workflow task; the second message keeps it from completing.
    const chosenAtMs = Date.now();
    outcomes.push(outcomeOf(driver.setPassword({ stagedPasswordId, patienceMs, updateId: 'choice' })));
    await untilAdmitted(context, driver.citizenId, 'choice');
    outcomes.push(
      outcomeOf(driver.enterCode('wrong', { journeyId: 'held-2', updateId: 'entry', ...patient })),
    );
    await untilAdmitted(context, driver.citizenId, 'entry');
    await first.release();
    await second.untilWaitedFor();
    await worker.kill();
    await second.release();
    // The sender of the password has given up by the time another worker takes the message.
    await untilPast(new Date(chosenAtMs + patienceMs).toISOString());
    startWorker();
    expect(await Promise.all(outcomes)).toEqual(['wrong', 'TooLate', 'wrong']);

    const passwords = () => stack.db.prisma.password.count({ where: { citizenId: driver.citizenId } });
    expect(await passwords()).toBe(0);
    expect(await driver.status()).toMatchObject({ status: 'registered' });
    expect(await driver.setPassword({ stagedPasswordId, ...patient })).toMatchObject({
      kind: 'accepted',
      journey: { outcome: 'activated' },
    });
    expect(await passwords()).toBe(1);
    expect(await driver.status()).toMatchObject({ status: 'active' });
  });
});
