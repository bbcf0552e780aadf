import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { startLogoutNoticeOutbox } from '../../api/gateway/logout-notice-outbox.ts';
import { claimPort } from '../../local/servers/ports.ts';
import { createTemporalClient } from '../../platform/temporal.ts';
import { CitizenDriver } from '../actors/citizen-driver.ts';
import { queryAsOwner } from '../database/rows.ts';
import { startGatewayWorker } from '../environment/gateway-worker.ts';
import { useTimeSkippingEnvironment } from '../environment/time-skipping-environment.ts';

const env = await useTimeSkippingEnvironment();
const nobody = `127.0.0.1:${await claimPort(0, 'nobody', 'PORT')}`;
const stopWorker = await startGatewayWorker({
  ...{ connection: env.temporal.nativeConnection, namespace: 'default', db: env.db },
  ...{ gatewayUrl: `http://${nobody}`, gatewayKey: randomBytes(24).toString('hex') },
});

/** A notice as «it was not me» leaves it. */
async function voidedIdentification() {
  const driver = new CitizenDriver(env.context);
  await driver.register();
  const [identificationId, noticeId, relyingPartyId] = [randomUUID(), randomUUID(), 'party_away'];
  const { prisma } = env.db;
  await prisma.identification.create({
    data: {
      ...{ id: identificationId, citizenId: driver.citizenId, relyingPartyId, sessionId: randomUUID() },
      ...{ level: 'low', means: 'password', expiresAt: new Date(), voidedAt: new Date() },
    },
  });
  await prisma.logoutNotice.create({ data: { id: noticeId, identificationId, relyingPartyId } });
  return { noticeId, citizenId: driver.citizenId, relyingPartyId };
}
const row = (id: string) => env.db.prisma.logoutNotice.findUniqueOrThrow({ where: { id } });

test('a notice waits for Temporal, is tried for a day, and then fails where operators see it', async () => {
  try {
    const { noticeId, citizenId, relyingPartyId } = await voidedIdentification();
    const away = createTemporalClient({ TEMPORAL_ADDRESS: nobody, TEMPORAL_NAMESPACE: 'default' });
    const outboxWithout = startLogoutNoticeOutbox({ db: env.db, client: away }, 3_600_000);
    await outboxWithout.flush();
    await outboxWithout.stop();
    await away.connection.close();
    expect(await row(noticeId)).toMatchObject({ startedAt: null });

    const outbox = startLogoutNoticeOutbox({ db: env.db, client: env.temporal.client }, 3_600_000);
    await outbox.flush();
    expect(await row(noticeId)).toMatchObject({ startedAt: expect.any(Date), deliveredAt: null });
    const beganAtMs = await env.nowMs();
    const handle = env.temporal.client.workflow.getHandle(`logout-notice/${noticeId}`);
    await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
    const hours = ((await env.nowMs()) - beganAtMs) / 3_600_000;
    expect(hours).toBeGreaterThan(23.5);
    expect(await row(noticeId)).toMatchObject({ deliveredAt: null, failedAt: expect.any(Date) });
    expect(
      await queryAsOwner(
        env,
        `SELECT type, detail FROM "AuditEvent" WHERE "citizenId" = $1 AND type LIKE 'logout%'`,
        [citizenId],
      ),
    ).toEqual([
      {
        type: 'logout-notice-not-sent',
        detail: { relyingParty: relyingPartyId, failure: 'gateway-unavailable' },
      },
    ]);

    // As if the outbox had died before it marked the row.
    await env.db.prisma.logoutNotice.update({ where: { id: noticeId }, data: { startedAt: null } });
    await outbox.flush();
    await outbox.stop();
    await env.temporal.client.workflow.getHandle(`logout-notice/${noticeId}`).result();
    expect(await row(noticeId)).toMatchObject({ startedAt: expect.any(Date), deliveredAt: null });
  } finally {
    // Before the environment closes its connection.
    await stopWorker();
  }
});
