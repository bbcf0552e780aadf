import { isCancellation } from '@temporalio/workflow';

/** For `catch`: a cancelled timer is expected, any other error is thrown again. */
export const ignoreCancellation = (error: unknown): void => {
  if (!isCancellation(error)) throw error;
};
