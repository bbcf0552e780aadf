import { randomBytes } from 'node:crypto';
import type { SmsResult, SmsSender } from '../../platform/sms-sender.ts';

type Text = { to: string; body: string };

/** Accepts every SMS and stores it; `answer` may be replaced by a test that wants another provider. */
export class FakeSmsSender implements SmsSender {
  readonly texts: Text[] = [];
  answer: (text: Text) => Promise<SmsResult> = accept;

  async send(sms: Text): Promise<SmsResult> {
    const answer = await this.answer(sms);
    if (answer.kind === 'accepted') this.texts.push(sms);
    return answer;
  }
}

export const accept = async (): Promise<SmsResult> => ({
  kind: 'accepted',
  providerId: `SM${randomBytes(16).toString('hex')}`,
});
