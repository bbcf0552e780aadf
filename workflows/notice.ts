import type { NoticeOrder, ReminderOrder } from '../activities/notices.ts';
import { noticeSms } from './proxies.ts';

/**
 * One notice to one citizen, apart from the citizen's workflow: that one's history holds a line for it instead of six
 * events, and no chapter stays open for as long as the SMS provider is away (docs/adr/0016). A day of tries in vain
 * fails the workflow, so that operators see it.
 */
export async function notice(order: NoticeOrder | ReminderOrder): Promise<void> {
  await ('notice' in order ? noticeSms.sendNotice(order) : noticeSms.sendReminder(order));
}
