import type { Journey, Problem } from '../../client/client.ts';
import { parseNationalId } from '../../domain/identity/national-id.ts';
import type { FormError } from '../../web/forms/form-errors.ts';
import { keepBrowserToken } from '../../web/http/known-browser.ts';
import { journeyState, readJourney } from '../../web/journey/journey.ts';
import { submitNewPassword as submitNewPasswordOfJourney } from '../../web/journey/new-password.ts';
import {
  otpSeconds,
  resendOtp as resendOtpOfJourney,
  submitOtp as submitOtpOfJourney,
} from '../../web/journey/one-time-password.ts';
import { readPasswordPolicy } from '../../web/new-password/password-policy.ts';
import type { Flow } from './flow.ts';
import type { Notice } from './flow-cookies.ts';
import { extendJourney, flowTimeLimit } from './time-limit.ts';

type Started = NonNullable<Flow['state']['journey']>;

/** The page of the journey that this flow has started: the SMS code, and the new password of a renewal. */
export async function renderJourney(flow: Flow): Promise<void> {
  const started = flow.state.journey;
  if (!started) return flow.goTo('');
  const current = await readJourney(flow.page, started);
  if (current.ok) return renderStep(flow, started, current.data.journey);
  const { status } = current.problem;
  if (status === 503 || status === 429) return renderUnavailable(flow, status);
  backToSignIn(flow, 'session-ended');
}

/** The API does not answer: the citizen can try again, or go back. */
export function renderUnavailable(flow: Flow, status = 503): void {
  flow.render('flow/unavailable.njk', {}, status);
}

async function renderStep(
  flow: Flow,
  started: Started,
  { step, otp, outcome, kind, expiresAt }: Journey,
): Promise<void> {
  const errors = flow.errorsAt('journey');
  const data = {
    isRenewal: started.isRenewal,
    errors: errors?.list,
    timeLimit: flowTimeLimit(flow, expiresAt),
    ...(errors?.nonce && { nonce: errors.nonce }),
  };
  if (step === 'otp' && otp) {
    return flow.render('flow/one-time-password.njk', {
      ...data,
      ...otpSeconds(otp),
      otp,
      resent: started.isResent && !errors,
    });
  }
  if (step === 'password') {
    const policy = await readPasswordPolicy(flow.page);
    const typed = parseNationalId(flow.state.nationalId ?? '');
    const username = typed.ok ? typed.value : undefined;
    return flow.render('flow/new-password.njk', { ...data, policy, username, broken: errors?.broken });
  }
  if (step === 'done') return backToSignIn(flow, kind === 'sign-in' ? 'session-ended' : 'renewed');
  backToSignIn(flow, noticeOf(outcome));
}

const noticeOf = (outcome: Journey['outcome']): Notice =>
  outcome === 'too-many-otps' || outcome === 'timed-out' || outcome === 'blocked' ? outcome : 'superseded';

/** The journey is over: the citizen signs in anew, in the same request. */
function backToSignIn(flow: Flow, notice: Notice): void {
  flow.keep({ journey: undefined, errors: undefined, notice });
  flow.goTo('');
}

/** Polled by the page's script: the delivery of the SMS. */
export const sendJourneyState = async (flow: Flow): Promise<void> =>
  flow.page.json(await journeyState(flow.page, flow.state.journey));

/** The forms of the page, by their field `action`. */
export async function submitJourney(flow: Flow): Promise<void> {
  const started = flow.state.journey;
  if (!started) return flow.goTo('');
  const action = flow.page.field('action');
  if (action === 'resend') return resendOtp(flow, started);
  if (action === 'extend') return extendJourney(flow, started);
  return action === 'password' ? submitNewPassword(flow, started) : submitOtp(flow, started);
}

const showErrors = (flow: Flow, errors: readonly FormError[], { status, code, journey }: Problem): void => {
  const isElsewhere =
    code === 'step-not-expected' ||
    code === 'journey-ended' ||
    journey?.step === 'ended' ||
    journey?.step === 'done';
  // The page of another step says by itself what happened.
  if (isElsewhere) return void flow.goTo('/journey');
  flow.goToErrors('journey', errors, status === 503 ? { nonce: flow.page.field('nonce') } : {});
};

function submitOtp(flow: Flow, { id, token, isRenewal }: Started): Promise<void> {
  const { page } = flow;
  return submitOtpOfJourney(
    page,
    { id, token },
    {
      onSuccess: ({ session }) => {
        if (!session) {
          flow.keep({ errors: undefined, journey: { id, token, isRenewal } });
          return flow.goTo('/journey');
        }
        const { token: sessionToken, previousAccess, browserToken } = session;
        keepBrowserToken(page.browserTokens, flow.state.nationalId ?? '', browserToken);
        flow.keep({
          errors: undefined,
          journey: undefined,
          session: { token: sessionToken, means: 'password-sms', previousAccess },
        });
        flow.goTo('/confirmation');
      },
      showErrors: (errors, problem) => showErrors(flow, errors, problem),
    },
  );
}

/** Returns to the same page with a notice of the code that was sent. */
const resendOtp = (flow: Flow, { id, token, isRenewal }: Started): Promise<void> =>
  resendOtpOfJourney(
    flow.page,
    { id, token },
    {
      onSuccess: () => {
        flow.keep({ errors: undefined, journey: { id, token, isRenewal, isResent: true } });
        flow.goTo('/journey');
      },
      showErrors: (errors, problem) => showErrors(flow, errors, problem),
    },
  );

/** The new password of a renewal; afterwards the citizen signs in with it, in the same request. */
const submitNewPassword = (flow: Flow, started: Started): Promise<void> =>
  submitNewPasswordOfJourney(flow.page, started, {
    onSuccess: () => backToSignIn(flow, 'renewed'),
    showFieldErrors: (errors, broken) =>
      flow.goToErrors('journey', errors, broken && { broken: [...broken] }),
    showErrors: (errors, problem) => showErrors(flow, errors, problem),
  });
