import { enterOtp, readJourney, resend } from './citizens/journeys.ts';
import type { Route } from './http/route.ts';
import { readSession, signOut } from './identification/current-session.ts';
import { signIn } from './identification/sign-in.ts';
import { lookUpCitizen } from './office/citizen-lookups.ts';
import { suspend } from './office/suspensions.ts';
import { startActivation, startPasswordReset } from './permanente/activation.ts';
import { choosePassword } from './permanente/new-password.ts';
import { startPasswordChange } from './permanente/password-change.ts';
import { readPasswordPolicy } from './permanente/password-policy.ts';
import { startUnsubscription } from './permanente/unsubscription.ts';
import { regenerateCode } from './registration/activation-codes.ts';
import { register } from './registration/registrations.ts';

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
