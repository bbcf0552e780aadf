import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { passwordWasBlocked } from '../../workflows/messages.ts';
import { Resident } from '../actors/citizen-driver.ts';
import { refusalOf } from '../actors/workflow-context.ts';
import { type Clockwork, startClockwork } from '../environment/time-skipping-environment.ts';
import { until } from '../environment/waiting.ts';

let clockwork: Clockwork;
beforeAll(async () => {
  clockwork = await startClockwork();
});
afterAll(() => clockwork.stop());

/** Somebody with a password, which PostgreSQL has blocked by now or not. */
async function withPassword({ blocked }: { blocked: boolean }) {
  const resident = new Resident(clockwork.town);
  await resident.register();
  await resident.setPassword();
  const { id } = await clockwork.db.prisma.password.update({
    where: { citizenId: resident.citizenId },
    data: { blockedAt: blocked ? new Date() : null },
  });
  return { resident, tell: () => resident.handle.signal(passwordWasBlocked, id) };
}
const blockNotices = (resident: Resident): number =>
  resident.texts().filter((text) => text.includes('se ha bloqueado')).length;

describe('news of a block', () => {
  test('is believed if the block stands, and told to the citizen once', async () => {
    const { resident, tell } = await withPassword({ blocked: true });
    await tell();
    await until(
      () => blockNotices(resident),
      (notices) => notices === 1,
    );
    expect(await resident.standing()).toMatchObject({ status: 'active', blocked: ['password'] });
    await tell();
    await clockwork.pass(60_000);
    expect(blockNotices(resident)).toBe(1);
  });

  test('that comes after the act that lifted it is no news', async () => {
    const { resident, tell } = await withPassword({ blocked: true });
    await resident.register();
    await tell();
    await clockwork.pass(60_000);
    expect(await resident.standing()).toMatchObject({ status: 'active', blocked: [] });
    expect(blockNotices(resident)).toBe(0);
    await resident.regenerate();
    expect(await resident.enterCode()).toMatchObject({ kind: 'accepted' });
  });

  test('that has not come yet gives nobody a new code, and the one before stays', async () => {
    const { resident } = await withPassword({ blocked: true });
    const { code } = resident;
    expect(await refusalOf(resident.regenerate())).toBe('ActNeeded');
    expect(await resident.enterCode(code)).toMatchObject({ journey: { kind: 'password-reset' } });
  });
});
