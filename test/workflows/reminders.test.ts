import { describe, expect, test } from '@jest/globals';
import { calendarDaysBetween } from '../../domain/calendar-days.ts';
import { before as earlier, after as later } from '../../domain/durations.ts';
import { citizenTaskQueue } from '../../domain/task-queues.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { issueCode } from '../../workflows/activation-code.ts';
import type { citizen } from '../../workflows/citizen.ts';
import { type CitizenSnapshot, newCitizenSnapshot, type PasswordClock } from '../../workflows/snapshot.ts';
import { CitizenDriver } from '../actors/citizen-driver.ts';
import { rejectAuditRow } from '../database/row-locks.ts';
import { auditTypesOf } from '../database/rows.ts';
import { policyWith } from '../environment/test-policy.ts';
import { useTimeSkippingEnvironment } from '../environment/time-skipping-environment.ts';
import { until } from '../environment/waiting.ts';

const minute = 60_000;

const env = await useTimeSkippingEnvironment();

const registered = () => CitizenDriver.registered(env.context);
const remindersOf = (driver: CitizenDriver): string[] =>
  driver.smsMessages().filter((text) => text.includes('su contraseña caduca'));
const reminded = (driver: CitizenDriver, times: number): Promise<string[]> =>
  until(
    () => remindersOf(driver),
    (texts) => texts.length === times,
  );

/** As if nothing had run for long: the citizen's workflow begins now, with a clock whose instants are past. */
async function comeBack(
  driver: CitizenDriver,
  clock: Pick<PasswordClock, 'expiresAtMs' | 'remindersAtMs'>,
): Promise<void> {
  const { citizenId, code, codeId } = driver;
  const { id } = await env.db.prisma.password.findUniqueOrThrow({ where: { citizenId } });
  const fingerprint = env.ring.fingerprint('activation-code', [citizenId, code]);
  const snapshot: CitizenSnapshot = {
    ...newCitizenSnapshot(citizenId),
    registration: { level: 'advanced' },
    permanente: {
      code: issueCode({ codeId, fingerprint, tolerated: 5 }, await env.nowMs()),
      password: { id, ...clock, expired: false, blocked: false },
    },
    wakesAtMs: Math.min(clock.expiresAtMs, ...clock.remindersAtMs),
  };
  // Not in the midst of a task: the server would never let go of the time that it holds for one. A sleeper's run is
  // its start, a task of three events, and its timer; one that sets a password starts timers as well.
  await until(
    () => driver.handle.fetchHistory(),
    ({ events }) => events?.length === 5 && Boolean(events[4]?.timerStartedEventAttributes),
  );
  await driver.handle.terminate();
  await env.temporal.client.workflow.start<typeof citizen>('citizen', {
    workflowId: citizenWorkflowId(citizenId),
    taskQueue: citizenTaskQueue,
    args: [snapshot],
  });
}

describe('reminders of the expiry', () => {
  test('come thirty, seven and one days before it, once each, and then it expires', async () => {
    const driver = await registered();
    const expiresAtMs = later(await driver.activateOrReset(), 'P2Y');
    let sent = 0;
    for (const days of ['P30D', 'P7D', 'P1D']) {
      const dueAtMs = earlier(expiresAtMs, days);
      // At a late hour, summer time may make it another number of days on the calendar.
      const words = new RegExp(`\\b${calendarDaysBetween(dueAtMs, expiresAtMs)} días?\\b`);
      await env.advanceTo(dueAtMs - minute);
      expect(remindersOf(driver)).toHaveLength(sent);
      await env.advanceTo(dueAtMs + minute);
      sent += 1;
      expect((await reminded(driver, sent)).at(-1)).toMatch(words);
    }
    await env.advanceTo(expiresAtMs - minute);
    expect(await driver.status()).toMatchObject({ status: 'active' });
    await env.advanceTo(expiresAtMs + minute);
    expect(await driver.status()).toMatchObject({ status: 'expired' });
    await env.advanceTo(later(expiresAtMs, 'P3Y'));
    expect(remindersOf(driver)).toHaveLength(3);
    const trail = await auditTypesOf(env, driver.citizenId);
    expect(trail.filter((type) => type === 'reminder-sent')).toHaveLength(3);
    expect(trail.filter((type) => type === 'password-expired')).toHaveLength(1);
  });

  test('are none for a password that has been changed since', async () => {
    const driver = await registered();
    const firstExpiryMs = later(await driver.activateOrReset(), 'P2Y');
    await env.advanceTo(earlier(firstExpiryMs, 'P31D'));
    const expiresAtMs = later(await driver.activateOrReset(), 'P2Y');
    await env.advanceTo(earlier(expiresAtMs, 'P31D'));
    expect(remindersOf(driver)).toEqual([]);
    await env.advanceTo(earlier(expiresAtMs, 'P30D') + minute);
    await reminded(driver, 1);
  });

  test('are none if the password is being changed just when one is due', async () => {
    const driver = await registered();
    const dueAtMs = earlier(later(await driver.activateOrReset(), 'P2Y'), 'P30D');
    await env.advanceTo(dueAtMs - minute);
    const runId = await driver.runId();
    // Something that can't be written keeps the run, and with it the clock of the old password, from ending.
    const accept = await rejectAuditRow(env, 'held/entry/activation-refused');
    await driver.enterCode('wrong', { journeyId: 'held', patienceMs: minute });
    await driver.activateOrReset();
    await env.advanceTo(dueAtMs + 2_000);
    expect(await driver.runId()).toBe(runId);
    await accept();
    await env.advance(minute);
    expect(remindersOf(driver)).toEqual([]);
  });

  test('go on after a new registration act, which keeps the password', async () => {
    const driver = await registered();
    const expiresAtMs = later(await driver.activateOrReset(), 'P2Y');
    await env.advanceTo(earlier(expiresAtMs, 'P20D'));
    await reminded(driver, 1);
    await driver.register();
    await env.advanceTo(earlier(expiresAtMs, 'P7D') + minute);
    expect((await reminded(driver, 2)).at(-1)).toContain('7 días');
  });

  test('that were missed while nothing ran are one, with the days that are really left', async () => {
    const driver = await registered();
    await driver.activateOrReset();
    const nowMs = await env.nowMs();
    const expiresAtMs = later(nowMs, 'P5D');
    await comeBack(driver, {
      expiresAtMs,
      remindersAtMs: [earlier(nowMs, 'P25D'), earlier(nowMs, 'P2D'), earlier(expiresAtMs, 'P1D')],
    });
    expect(await reminded(driver, 1)).toEqual([expect.stringContaining('5 días')]);
    await env.advanceTo(earlier(expiresAtMs, 'P2D'));
    expect(remindersOf(driver)).toHaveLength(1);
    await env.advanceTo(earlier(expiresAtMs, 'P1D') + minute);
    expect((await reminded(driver, 2)).at(-1)).toContain('1 día');
  });

  test('are not sent any more when it is the expiry that was missed', async () => {
    const driver = await registered();
    await driver.activateOrReset();
    const nowMs = await env.nowMs();
    const expiresAtMs = earlier(nowMs, 'P1D');
    await comeBack(driver, { expiresAtMs, remindersAtMs: [earlier(expiresAtMs, 'P1D')] });
    // Reads the audit trail, not the workflow: a query during the expiry can block the time-skipping server.
    await until(
      () => auditTypesOf(env, driver.citizenId),
      (trail) => trail.includes('password-expired'),
    );
    await env.advance(minute);
    expect((await driver.status())?.status).toBe('expired');
    expect(remindersOf(driver)).toEqual([]);
  });

  test('that would be due before the password was set are none', async () => {
    const driver = await registered();
    await driver.enterCode(driver.code, { policy: policyWith({ passwordLife: 'P10D' }) });
    await driver.enterOtp(await driver.otp());
    await driver.setPassword();
    const expiresAtMs = (await driver.status())?.passwordExpiresAtMs ?? 0;
    await env.advanceTo(earlier(expiresAtMs, 'P8D'));
    expect(remindersOf(driver)).toEqual([]);
    await env.advanceTo(expiresAtMs + minute);
    expect(await reminded(driver, 2)).toEqual([
      expect.stringContaining('7 días'),
      expect.stringContaining('1 día'),
    ]);
  });
});
