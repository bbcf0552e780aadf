/** The task queue of the citizens' workflows and their short activities. */
export const citizenTaskQueue = 'clave';

/** The task queue of calls to the SMS provider, so that a slow provider delays nothing else. */
export const smsTaskQueue = 'clave-sms';

/** The task queue of notices of logout to relying parties, so that an endpoint that hangs delays nothing else. */
export const gatewayTaskQueue = 'gateway';
