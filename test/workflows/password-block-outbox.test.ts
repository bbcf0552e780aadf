import { describe, expect, test } from '@jest/globals';
import { passwordBlocked } from '../../workflows/messages.ts';
import { CitizenDriver } from '../actors/citizen-driver.ts';
import { refusalOf } from '../actors/workflow-context.ts';
import { useTimeSkippingEnvironment } from '../environment/time-skipping-environment.ts';
import { until } from '../environment/waiting.ts';

const env = await useTimeSkippingEnvironment();

/** A citizen with a password that PostgreSQL has blocked, or not. */
async function withPassword({ blocked }: { blocked: boolean }) {
  const driver = new CitizenDriver(env.context);
  await driver.register();
  await driver.activateOrReset();
  const { id } = await env.db.prisma.password.update({
    where: { citizenId: driver.citizenId },
    data: { blockedAt: blocked ? new Date() : null },
  });
  return { driver, tell: () => driver.handle.signal(passwordBlocked, id) };
}
const blockNotices = (driver: CitizenDriver): number =>
  driver.smsMessages().filter((text) => text.includes('se ha bloqueado')).length;

describe('the report of a block', () => {
  test('is applied if the block stands, and sends the citizen one notice', async () => {
    const { driver, tell } = await withPassword({ blocked: true });
    await tell();
    await until(
      () => blockNotices(driver),
      (notices) => notices === 1,
    );
    expect(await driver.status()).toMatchObject({ status: 'active', blocked: ['password'] });
    await tell();
    await env.advance(60_000);
    expect(blockNotices(driver)).toBe(1);
  });

  test('that arrives after the act that lifted the block changes nothing', async () => {
    const { driver, tell } = await withPassword({ blocked: true });
    await driver.register();
    await tell();
    await env.advance(60_000);
    expect(await driver.status()).toMatchObject({ status: 'active', blocked: [] });
    expect(blockNotices(driver)).toBe(0);
    await driver.regenerate();
    expect(await driver.enterCode()).toMatchObject({ kind: 'accepted' });
  });

  test('that has not arrived yet does not let a regeneration through, and the code stays', async () => {
    const { driver } = await withPassword({ blocked: true });
    const { code } = driver;
    expect(await refusalOf(driver.regenerate())).toBe('RegistrationRequired');
    expect(await driver.enterCode(code)).toMatchObject({ journey: { kind: 'password-reset' } });
  });
});
