import type { JourneyKind } from '../../domain/journeys.ts';
import type { Policy } from '../../domain/policy.ts';
import type { VisitPolicy } from '../../workflows/messages.ts';

/**
 * The numbers that a visit lives by, copied into the message that opens it: a change of policy moves no clock of it. A
 * change or renewal has several SMS codes, each with guesses of its own ([SS-change]); every other journey has one.
 */
export const journeyPolicy = (policy: Policy, kind: JourneyKind = 'activation'): VisitPolicy => ({
  visitLife: policy.visitLife,
  passwordLife: policy.passwordLife,
  passwordReminders: policy.passwordReminders,
  otp: { ...policy.otp, ...(kind === 'password-change' ? policy.changeOtp : { codes: 1 }) },
  otpPerCitizen: policy.otpPerCitizen,
  otpWithoutRightOne: policy.otpWithoutRightOne,
  textsPerPhone: policy.textsPerPhone,
  session: { absolute: policy.session.absolute },
});
