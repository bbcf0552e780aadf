import { isCancellation } from '@temporalio/workflow';

/** A timer that was called off is no defect. */
export const ignoreCancellation = (error: unknown): void => {
  if (!isCancellation(error)) throw error;
};
