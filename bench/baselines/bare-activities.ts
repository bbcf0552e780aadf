import type { Client } from '@temporalio/client';
import type { SmsSender } from '../../platform/sms-sender.ts';
import { bareQueue } from './bare-queues.ts';

/** Activities that do nothing; `sendSms` sends to a phone if there is one, as the product does. */
export const createBareActivities = (client: Client, sms: SmsSender) => ({
  async doNothing(): Promise<void> {},
  async startNotice(id: string): Promise<void> {
    await client.workflow.start('bareNotice', { workflowId: id, taskQueue: bareQueue });
  },
  async sendSms(to: string | null): Promise<void> {
    if (to) await sms.send({ id: 'bare/1', to, body: 'Cl@ve: 000000 no abre nada.' });
  },
});

export type BareActivities = ReturnType<typeof createBareActivities>;
