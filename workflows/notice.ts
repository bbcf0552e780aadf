import type { AnyReminder, NoticeOrder } from '../activities/notices.ts';
import { noticeSms } from './proxies.ts';

/**
 * Sends one notice to one citizen, apart from the citizen's workflow: there it costs one event instead of six, and no run
 * stays open while the SMS provider is away (docs/adr/0016). After a day of failed attempts this workflow fails, which
 * operators see.
 */
export async function notice(order: NoticeOrder | AnyReminder): Promise<void> {
  await ('notice' in order ? noticeSms.sendNotice(order) : noticeSms.sendReminder(order));
}
