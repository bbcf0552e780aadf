/** The task queue of the bare workflows and their activities. */
export const bareQueue = 'bare';
/** The task queue of the bare SMS, apart as the product's is. */
export const bareSmsQueue = 'bare-texts';
