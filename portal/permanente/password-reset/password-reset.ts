import { codeEntry } from '../activation/activation.ts';

/** [clave], "Forgot Password": the same service as the activation, in other words. */
export const passwordReset = codeEntry('password-reset');
