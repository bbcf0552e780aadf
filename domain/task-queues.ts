/** Where the citizens' workflows and their short activities run. */
export const citizenTaskQueue = 'clave';

/** Where texts are handed to the SMS provider, so that its slowness holds nothing else up. */
export const smsTaskQueue = 'clave-sms';
