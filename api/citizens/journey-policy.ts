import type { WorkflowJourneyKind } from '../../domain/journeys.ts';
import type { Policy } from '../../domain/policy.ts';
import type { WrongOtpLimits } from '../../domain/wrong-otps.ts';
import type { JourneyPolicy } from '../../workflows/messages.ts';

/**
 * The limits of one journey, copied into the message that opens it, so that a changed policy does not affect open
 * journeys. A password change or renewal sends up to `changeOtp.maxCodes` SMS codes, each with attempts of its own
 * ([SS-change]); every other journey has one.
 */
export const journeyPolicy = (policy: Policy, kind: WorkflowJourneyKind): JourneyPolicy => ({
  journeyLife: policy.journeyLife,
  passwordLife: policy.passwordLife,
  passwordReminders: policy.passwordReminders,
  otp: { ...policy.otp, ...(kind === 'password-change' ? policy.changeOtp : { maxCodes: 1 }) },
  wrongOtps: wrongOtpLimits(policy, kind),
  smsPerPhone: policy.smsPerPhone,
});

/** After a password, journeys and identifications are counted apart, each up to half of the limit. */
function wrongOtpLimits({ wrongOtps, halvedWrongOtps }: Policy, kind: WorkflowJourneyKind): WrongOtpLimits {
  const isBegunWithPassword = kind === 'password-change' || kind === 'unsubscription';
  return isBegunWithPassword ? halvedWrongOtps : wrongOtps;
}
