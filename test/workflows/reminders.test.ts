import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { before as earlier, after as later } from '../../domain/durations.ts';
import { citizenTaskQueue } from '../../domain/task-queues.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { issued } from '../../workflows/activation-code.ts';
import type { citizen } from '../../workflows/citizen.ts';
import { type CitizenSnapshot, newCitizen, type PasswordClock } from '../../workflows/snapshot.ts';
import { Resident } from '../actors/citizen-driver.ts';
import { lockAuditRow } from '../database/row-locks.ts';
import { auditTypesOf } from '../database/rows.ts';
import { policyWith } from '../environment/test-database.ts';
import { type Clockwork, startClockwork } from '../environment/time-skipping-environment.ts';
import { until } from '../environment/waiting.ts';

const minute = 60_000;

let clockwork: Clockwork;
beforeAll(async () => {
  clockwork = await startClockwork();
});
afterAll(() => clockwork.stop());

const registered = async (): Promise<Resident> => {
  const resident = new Resident(clockwork.town);
  await resident.register();
  return resident;
};
const remindersOf = (resident: Resident): string[] =>
  resident.texts().filter((text) => text.includes('su contraseña caduca'));
const reminded = (resident: Resident, times: number): Promise<string[]> =>
  until(
    () => remindersOf(resident),
    (texts) => texts.length === times,
  );

/** As if nothing had run for long: the citizen's workflow begins now, with a clock whose instants are past. */
async function comeBack(
  resident: Resident,
  clock: Pick<PasswordClock, 'expiresAtMs' | 'remindersAtMs'>,
): Promise<void> {
  const { citizenId, code, codeId } = resident;
  const { id } = await clockwork.db.prisma.password.findUniqueOrThrow({ where: { citizenId } });
  const fingerprint = clockwork.ring.fingerprint('activation-code', [citizenId, code]);
  const snapshot: CitizenSnapshot = {
    ...newCitizen(citizenId),
    code: issued({ codeId, fingerprint, tries: 5 }, await clockwork.nowMs()),
    password: { id, ...clock, expired: false, blocked: false },
  };
  // Not in the midst of a task: the server would never let go of the time that it holds for one. A sleeper's chapter is
  // its start, a task of three events, and its timer; one that sets a password starts timers as well.
  await until(
    () => resident.handle.fetchHistory(),
    ({ events }) => events?.length === 5 && Boolean(events[4]?.timerStartedEventAttributes),
  );
  await resident.handle.terminate();
  await clockwork.env.client.workflow.start<typeof citizen>('citizen', {
    workflowId: citizenWorkflowId(citizenId),
    taskQueue: citizenTaskQueue,
    args: [snapshot],
  });
}

describe('reminders of the expiry', () => {
  test('come thirty, seven and one days before it, once each, and then it expires', async () => {
    const resident = await registered();
    const expiresAtMs = later(await resident.setPassword(), 'P2Y');
    let sent = 0;
    for (const [days, words] of [
      ['P30D', '30 días'],
      ['P7D', '7 días'],
      ['P1D', '1 día'],
    ] as const) {
      const dueAtMs = earlier(expiresAtMs, days);
      await clockwork.passUntil(dueAtMs - minute);
      expect(remindersOf(resident)).toHaveLength(sent);
      await clockwork.passUntil(dueAtMs + minute);
      sent += 1;
      expect((await reminded(resident, sent)).at(-1)).toContain(words);
    }
    await clockwork.passUntil(expiresAtMs - minute);
    expect(await resident.standing()).toMatchObject({ status: 'active' });
    await clockwork.passUntil(expiresAtMs + minute);
    expect(await resident.standing()).toMatchObject({ status: 'expired' });
    await clockwork.passUntil(later(expiresAtMs, 'P3Y'));
    expect(remindersOf(resident)).toHaveLength(3);
    const trail = await auditTypesOf(clockwork, resident.citizenId);
    expect(trail.filter((type) => type === 'reminder-sent')).toHaveLength(3);
    expect(trail.filter((type) => type === 'password-expired')).toHaveLength(1);
  });

  test('are none for a password that has been changed since', async () => {
    const resident = await registered();
    const firstExpiryMs = later(await resident.setPassword(), 'P2Y');
    await clockwork.passUntil(earlier(firstExpiryMs, 'P31D'));
    const expiresAtMs = later(await resident.setPassword(), 'P2Y');
    await clockwork.passUntil(earlier(expiresAtMs, 'P31D'));
    expect(remindersOf(resident)).toEqual([]);
    await clockwork.passUntil(earlier(expiresAtMs, 'P30D') + minute);
    await reminded(resident, 1);
  });

  test('are none if the password is being changed just when one is due', async () => {
    const resident = await registered();
    const dueAtMs = earlier(later(await resident.setPassword(), 'P2Y'), 'P30D');
    await clockwork.passUntil(dueAtMs - 8_000);
    // Something that can't be written keeps the chapter, and with it the clock of the old password, from ending.
    const release = await lockAuditRow(clockwork, 'held/entry/activation-refused');
    await resident.enterCode('wrong', { visitId: 'held', patienceMs: minute });
    await resident.setPassword();
    await clockwork.passUntil(dueAtMs + 2_000);
    await release();
    await clockwork.pass(minute);
    expect(remindersOf(resident)).toEqual([]);
  });

  test('go on after a new registration act, which keeps the password', async () => {
    const resident = await registered();
    const expiresAtMs = later(await resident.setPassword(), 'P2Y');
    await clockwork.passUntil(earlier(expiresAtMs, 'P20D'));
    await reminded(resident, 1);
    await resident.register();
    await clockwork.passUntil(earlier(expiresAtMs, 'P7D') + minute);
    expect((await reminded(resident, 2)).at(-1)).toContain('7 días');
  });

  test('that were missed while nothing ran are one, with the days that are really left', async () => {
    const resident = await registered();
    await resident.setPassword();
    const nowMs = await clockwork.nowMs();
    const expiresAtMs = later(nowMs, 'P5D');
    await comeBack(resident, {
      expiresAtMs,
      remindersAtMs: [earlier(nowMs, 'P25D'), earlier(nowMs, 'P2D'), earlier(expiresAtMs, 'P1D')],
    });
    expect(await reminded(resident, 1)).toEqual([expect.stringContaining('5 días')]);
    await clockwork.passUntil(earlier(expiresAtMs, 'P2D'));
    expect(remindersOf(resident)).toHaveLength(1);
    await clockwork.passUntil(earlier(expiresAtMs, 'P1D') + minute);
    expect((await reminded(resident, 2)).at(-1)).toContain('1 día');
  });

  test('are not sent any more when it is the expiry that was missed', async () => {
    const resident = await registered();
    await resident.setPassword();
    const nowMs = await clockwork.nowMs();
    const expiresAtMs = earlier(nowMs, 'P1D');
    await comeBack(resident, { expiresAtMs, remindersAtMs: [earlier(expiresAtMs, 'P1D')] });
    // The trail tells, not the workflow: asked in the midst of this, on a busy machine, the server answers nobody any more.
    await until(
      () => auditTypesOf(clockwork, resident.citizenId),
      (trail) => trail.includes('password-expired'),
    );
    await clockwork.pass(minute);
    expect((await resident.standing())?.status).toBe('expired');
    expect(remindersOf(resident)).toEqual([]);
  });

  test('that would be due before the password was set are none', async () => {
    const resident = await registered();
    await resident.enterCode(resident.code, { policy: policyWith({ passwordLife: 'P10D' }) });
    await resident.enterOtp(await resident.otp());
    await resident.choosePassword();
    const expiresAtMs = (await resident.standing())?.passwordExpiresAtMs ?? 0;
    await clockwork.passUntil(earlier(expiresAtMs, 'P8D'));
    expect(remindersOf(resident)).toEqual([]);
    await clockwork.passUntil(expiresAtMs + minute);
    expect(await reminded(resident, 2)).toEqual([
      expect.stringContaining('7 días'),
      expect.stringContaining('1 día'),
    ]);
  });
});
