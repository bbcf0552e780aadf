import { codeEntry } from '../activation/activation.ts';

/** [clave], "Forgot Password": the same form as the activation's. */
export const passwordReset = codeEntry('password-reset');
