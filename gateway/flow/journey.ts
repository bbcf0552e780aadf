import { resultOf } from '../../client/call-result.ts';
import { bearer, type Journey, type Problem } from '../../client/client.ts';
import { parseNationalId } from '../../domain/identity/national-id.ts';
import type { FormError } from '../../web/forms/form-errors.ts';
import { submitForm } from '../../web/forms/submit-form.ts';
import { keepBrowserToken } from '../../web/http/known-browser.ts';
import {
  brokenRuleErrors,
  brokenRules,
  newPasswordErrors,
} from '../../web/new-password/new-password-errors.ts';
import { readPasswordPolicy } from '../../web/new-password/password-policy.ts';
import { secondsUntil } from '../../web/views/dates.ts';
import { fieldErrorText } from '../../web/views/wording.ts';
import type { Flow } from './flow.ts';
import type { Notice } from './flow-cookies.ts';
import { extendJourney, flowTimeLimit } from './time-limit.ts';

type Started = NonNullable<Flow['state']['journey']>;

const readJourney = ({ page }: Flow, { id, token }: Started) =>
  resultOf(
    page.api.GET('/journeys/{id}', { params: { path: { id } }, headers: bearer(token) }),
    page.language,
  );

/** The page of the journey that this flow has started: the SMS code, and the new password of a renewal. */
export async function renderJourney(flow: Flow): Promise<void> {
  const started = flow.state.journey;
  if (!started) return flow.goTo('');
  const current = await readJourney(flow, started);
  if (current.ok) return renderStep(flow, started, current.data.journey);
  const { status } = current.problem;
  if (status === 503 || status === 429) return renderUnavailable(flow, status);
  backToSignIn(flow, 'session-ended');
}

/** The API does not answer: the citizen can try again, or go back. */
export function renderUnavailable(flow: Flow, status = 503): void {
  flow.page.permitFormsTo(flow.asked.returnOrigin);
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
    const seconds = { waitSeconds: secondsUntil(otp.resendAfter), secondsLeft: secondsUntil(otp.expiresAt) };
    return flow.render('flow/one-time-password.njk', {
      ...data,
      ...seconds,
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
export async function sendJourneyState(flow: Flow): Promise<void> {
  const started = flow.state.journey;
  const current = started && (await readJourney(flow, started));
  const { step = '', otp = undefined } = current?.ok ? current.data.journey : {};
  const text = otp && flow.page.t(`otp.delivery.${otp.delivery}`);
  flow.page.json({ step, delivery: otp?.delivery, text });
}

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
  const otp = page.field('otp');
  return submitForm(page, {
    idempotencyParts: ['otp', id, otp],
    send: (header) =>
      page.api.POST('/journeys/{id}/otp', {
        body: { otp },
        params: { path: { id }, header },
        headers: bearer(token),
      }),
    firstField: 'otp',
    textOf: ({ reason }) => reason && page.t(`error.otp.${reason}`),
    onSuccess: ({ journey: { session } }) => {
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
    // 429 and 503 do not concern the entered code: their errors are shown for the whole form.
    fieldOf: ({ status }) => (status < 429 ? 'otp' : undefined),
    showErrors: (errors, problem) => showErrors(flow, errors, problem),
  });
}

/** Sends another SMS code, and returns to the same page with a notice of it. */
function resendOtp(flow: Flow, { id, token, isRenewal }: Started): Promise<void> {
  const { page } = flow;
  return submitForm(page, {
    idempotencyParts: ['resend', id],
    send: (header) =>
      page.api.POST('/journeys/{id}/otp/resend', {
        params: { path: { id }, header },
        headers: bearer(token),
      }),
    firstField: 'otp',
    textOf: ({ code }) => (code === 'too-many-requests' ? page.t('otp.too-early') : undefined),
    onSuccess: () => {
      flow.keep({ errors: undefined, journey: { id, token, isRenewal, isResent: true } });
      flow.goTo('/journey');
    },
    showErrors: (errors, problem) => showErrors(flow, errors, problem),
  });
}

/** The new password of a renewal; afterwards the citizen signs in with it, in the same request. */
function submitNewPassword(flow: Flow, { id, token }: Started): Promise<void> | void {
  const { page } = flow;
  const errors = newPasswordErrors(page);
  if (page.field('accept') !== 'yes')
    errors.push({ field: 'accept', text: fieldErrorText(page.t, 'accept', 'required') });
  if (errors.length > 0) return flow.goToErrors('journey', errors);
  const password = page.field('newPassword');
  return submitForm(page, {
    idempotencyParts: ['password', id, password],
    send: (header) =>
      page.api.POST('/journeys/{id}/password', {
        body: { password },
        params: { path: { id }, header },
        headers: bearer(token),
      }),
    onSuccess: () => backToSignIn(flow, 'renewed'),
    onProblem: {
      'password-refused': async (problem) =>
        flow.goToErrors('journey', await brokenRuleErrors(page, problem), { broken: brokenRules(problem) }),
      // The API calls the field `password`, which this form has not.
      'malformed-request': (problem) =>
        showErrors(flow, [{ text: problem.detail, target: 'newPassword' }], problem),
    },
    firstField: 'newPassword',
    showErrors: (formErrors, problem) => showErrors(flow, formErrors, problem),
  });
}
