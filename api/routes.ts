import { beginPresentation } from './certificates/begin-presentation.ts';
import { issueTicket } from './certificates/issue-ticket.ts';
import { presentCertificate } from './certificates/present-certificate.ts';
import { redeemCertificate } from './certificates/redeem-certificate.ts';
import { extendTime } from './citizens/journey-extension.ts';
import { enterOtp, readJourney, resend } from './citizens/journeys.ts';
import { identify } from './gateway/identify.ts';
import { readIdentification } from './gateway/read-identification.ts';
import type { Route } from './http/route.ts';
import { readActivity } from './identification/activity.ts';
import { signInWithCertificate } from './identification/certificate-sign-in.ts';
import { extendSession, readSession, signOut } from './identification/current-session.ts';
import { reportUnrecognisedActivity } from './identification/report-unrecognised-activity.ts';
import { signIn } from './identification/sign-in.ts';
import { lookUpCitizen } from './office/citizen-lookups.ts';
import { closeDeskSession, openDeskSession, readDeskSession } from './office/desk-sessions.ts';
import { suspend } from './office/suspensions.ts';
import { startActivation, startPasswordReset } from './permanente/activation.ts';
import { choosePassword } from './permanente/new-password.ts';
import { startPasswordChange } from './permanente/password-change.ts';
import { readPasswordPolicy } from './permanente/password-policy.ts';
import { startUnsubscription } from './permanente/unsubscription.ts';
import { regenerateCode } from './registration/activation-codes.ts';
import { renewIdentification } from './registration/identification-renewals.ts';
import { registerOnline } from './registration/online-registrations.ts';
import { readReceipt } from './registration/receipts.ts';
import { register } from './registration/registrations.ts';

const registration = [register, regenerateCode, registerOnline, renewIdentification, readReceipt];

const office = [lookUpCitizen, suspend, openDeskSession, readDeskSession, closeDeskSession];

/** The steps of every journey, whichever system started it. */
const journeySteps = [readJourney, enterOtp, resend, extendTime];

const permanente = {
  withActivationCode: [startActivation, startPasswordReset],
  password: [choosePassword],
  signedIn: [startPasswordChange, startUnsubscription],
  policy: [readPasswordPolicy],
};

const identification = [
  signIn,
  signInWithCertificate,
  readSession,
  extendSession,
  signOut,
  readActivity,
  reportUnrecognisedActivity,
];

const gateway = [identify, readIdentification];

const certificates = [issueTicket, beginPresentation, presentCertificate, redeemCertificate];

/** Every route below `/api/v1`, by system, in the order of the OpenAPI document. */
export const routes: readonly Route[] = [
  ...registration,
  ...office,
  ...permanente.withActivationCode,
  ...journeySteps,
  ...permanente.password,
  ...permanente.signedIn,
  ...identification,
  ...gateway,
  ...certificates,
  ...permanente.policy,
];
