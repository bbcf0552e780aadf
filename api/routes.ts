import { startActivation, startPasswordReset } from './activation.ts';
import { regenerateCode } from './activation-codes.ts';
import { lookUpCitizen } from './citizen-lookups.ts';
import { readSession, signOut } from './current-session.ts';
import { enterOtp, readJourney, resend } from './journeys.ts';
import { choosePassword } from './new-password.ts';
import { startPasswordChange } from './password-change.ts';
import { readPasswordPolicy } from './password-policy.ts';
import { register } from './registrations.ts';
import { signIn } from './sign-in.ts';
import type { Route } from './support/route.ts';
import { suspend } from './suspensions.ts';
import { startUnsubscription } from './unsubscription.ts';

/** Every route below `/api/v1`, in the order of the documentation. */
export const routes: readonly Route[] = [
  register,
  regenerateCode,
  lookUpCitizen,
  suspend,
  startActivation,
  startPasswordReset,
  readJourney,
  enterOtp,
  resend,
  choosePassword,
  startPasswordChange,
  startUnsubscription,
  signIn,
  readSession,
  signOut,
  readPasswordPolicy,
];
