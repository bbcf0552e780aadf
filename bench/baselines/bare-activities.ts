import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { SmsSender } from '../../platform/sms-sender.ts';
import { activityStatements } from './activation-statements.ts';
import { bareQueue } from './bare-queues.ts';
import type { Work } from './bare-statements.ts';

/** Activities that send their statements and their SMS, and do nothing else. */
export const createBareActivities = ({
  client,
  sms,
  run,
}: {
  client: Client;
  sms: SmsSender;
  run: (work: Work) => Promise<void>;
}) => {
  const sendSms = async (body: string): Promise<void> => {
    const { kind } = await sms.send({ id: randomUUID(), to: '+34600000000', body });
    if (kind !== 'accepted') throw new Error('the phone refuses an SMS');
  };
  return {
    applyRegistration: () => run(activityStatements.applyRegistration),
    openJourney: () => run(activityStatements.openJourney),
    confirmPhone: () => run(activityStatements.confirmPhone),
    savePassword: () => run(activityStatements.savePassword),
    async startNotice(): Promise<void> {
      const workflowId = `notice/${randomUUID()}`;
      await client.workflow.start('bareNotice', { workflowId, taskQueue: bareQueue });
    },
    async sendOtp(): Promise<void> {
      await run(activityStatements.sendOtp);
      await sendSms('Cl@ve: 000000 no abre nada.');
    },
    async sendNotice(): Promise<void> {
      await run(activityStatements.sendNotice);
      await sendSms('Cl@ve: no ha pasado nada.');
    },
  };
};

export type BareActivities = ReturnType<typeof createBareActivities>;
