import type { JourneyKind } from '../../domain/journeys.ts';
import type { Policy } from '../../domain/policy.ts';
import type { JourneyPolicy } from '../../workflows/messages.ts';

/**
 * The limits of one journey, copied into the message that opens it, so that a change of policy moves none of its clocks.
 * The names of the policy file become those of the workflow: wrong entries `tolerated`, and a `max` that is the last
 * one allowed. A change or renewal has several SMS codes, each with guesses of its own ([SS-change]); every other
 * journey has one.
 */
export const journeyPolicy = (policy: Policy, kind: JourneyKind = 'activation'): JourneyPolicy => {
  const { otpPerCitizen, textsPerPhone } = policy;
  const codes = kind === 'password-change' ? policy.changeOtp : { ...policy.otp, codes: 1 };
  return {
    journeyLife: policy.visitLife,
    passwordLife: policy.passwordLife,
    passwordReminders: policy.passwordReminders,
    otp: {
      tolerated: codes.tries,
      maxSends: policy.otp.sends,
      maxCodes: codes.codes,
      life: policy.otp.life,
      resendAfter: policy.otp.resendAfter,
    },
    wrongOtpsPerPeriod: { max: otpPerCitizen.tries, per: otpPerCitizen.per },
    consecutiveWrongOtps: { max: policy.otpWithoutRightOne.tries },
    smsPerPhone: { max: textsPerPhone.tries, per: textsPerPhone.per },
    session: { absolute: policy.session.absolute },
  };
};
