import { isCancellation, rootCause } from '@temporalio/workflow';
import { logoutNoticeDelivery, logoutNoticeRecords } from './proxies.ts';

/**
 * Tells one relying party that an identification is void (docs/adr/0053). Its history has the id of the notice, and no
 * subject. After a day of failed attempts it records so and fails, which operators see.
 */
export async function logoutNotice(noticeId: string): Promise<void> {
  try {
    await logoutNoticeDelivery.deliverLogoutNotice(noticeId);
  } catch (error) {
    if (isCancellation(error)) throw error;
    const failure = rootCause(error) ?? '';
    await logoutNoticeRecords.giveUpLogoutNotice(noticeId, failureCode.test(failure) ? failure : 'timeout');
    throw error;
  }
}

/** A timeout has a sentence in its place. */
const failureCode = /^[a-z0-9-]+$/;
