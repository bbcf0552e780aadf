import { z } from 'zod';
import { isPasswordMeans, type PasswordMeans } from '../../domain/assurance.ts';
import { type FormError, requiredFieldErrors } from '../../web/forms/form-errors.ts';
import { submitForm } from '../../web/forms/submit-form.ts';
import { browserTokenOf, keepBrowserToken } from '../../web/http/known-browser.ts';
import { endSession } from './bound-session.ts';
import { beginCertificate } from './certificate.ts';
import type { Flow } from './flow.ts';
import { offeredMeans, usableMeans } from './offered-means.ts';
import { flowTimeLimit } from './time-limit.ts';

const assuranceOfMeans = { password: 'basic', 'password-sms': 'substantial' } as const satisfies Record<
  PasswordMeans,
  string
>;

// Longer entries are wrong, and a cookie holds little.
const maxKeptLength = 40;
const keptText = z.string().transform((text) => text.slice(0, maxKeptLength));

/** Who asks, for what level, and the form for national id and password. */
export function renderSignIn(flow: Flow): void {
  const { state, request } = flow;
  const offered = offeredMeans(request, state.insufficient);
  const usable = usableMeans(offered);
  if (state.isRegistrationTooLow)
    return void renderLevelNotAvailable(flow, state.isNotRegistered ? 'not-registered' : 'registration');
  if (usable.length === 0) return void renderLevelNotAvailable(flow, 'means');
  const errors = flow.errorsAt('sign-in');
  const withPassword = usable.filter(isPasswordMeans);
  const chosen = withPassword.find((means) => means === state.means) ?? withPassword[0];
  const byCertificate = offered.filter(({ isWithPassword }) => !isWithPassword);
  if (byCertificate.length > 0) flow.page.permitFormsToCertificates();
  flow.render('flow/sign-in.njk', {
    offered: offered.filter(({ isWithPassword }) => isWithPassword),
    byCertificate,
    hasPassword: withPassword.length > 0,
    notice: state.notice,
    timeLimit: flowTimeLimit(flow),
    isRefused: errors?.isRefused,
    errors: errors?.list,
    values: { nationalId: state.nationalId, means: chosen },
    ...(errors?.nonce && { nonce: errors.nonce }),
  });
}

/** Nothing that the citizen can do here reaches the level: the page says so and leads back. */
function renderLevelNotAvailable(flow: Flow, why: 'means' | 'registration' | 'not-registered'): void {
  flow.render('flow/level-not-available.njk', {
    why,
    offered: offeredMeans(flow.request, flow.state.insufficient),
  });
}

/** Keeps what was typed on the first page; no password. */
export function keepEnteredValues(flow: Flow): void {
  const { page, keep } = flow;
  keep({ nationalId: keptText.parse(page.field('nationalId')), means: keptText.parse(page.field('means')) });
}

/**
 * Signs in for the relying party: with the password alone a session, with an SMS code a journey, with an expired password its
 * renewal. The buttons of certificates are of the same form, so that what was typed is kept.
 */
export async function submitSignIn(flow: Flow): Promise<void> {
  const { page, request, state } = flow;
  keepEnteredValues(flow);
  const usable = usableMeans(offeredMeans(request, state.insufficient));
  if (usable.some((one) => one === page.field('certificate'))) return beginCertificate(flow);
  const means = usable.filter(isPasswordMeans).find((one) => one === page.field('means'));
  const errors: FormError[] = requiredFieldErrors(page, 'nationalId', 'password');
  if (!means) errors.unshift({ field: 'means', text: page.t('gateway.error.means') });
  if (!means || errors.length > 0) return flow.goToErrors('sign-in', errors);
  const [nationalId, password] = [page.field('nationalId'), page.field('password')];
  const assurance = assuranceOfMeans[means];
  const relyingParty = request.relyingParty.id;
  const browser = browserTokenOf(page.browserTokens, nationalId);
  const body = { nationalId, password, assurance, ...(browser && { browser }) };
  const start = async (journey: { id: string }, token: string, isRenewal: boolean) => {
    await endSession(flow);
    flow.keep({
      errors: undefined,
      notice: undefined,
      session: undefined,
      journey: { id: journey.id, token, isRenewal },
    });
    flow.goTo('/journey');
  };
  return submitForm(page, {
    idempotencyParts: ['gateway-sign-in', request.id, ...Object.values(body)],
    send: (header) =>
      page.api.POST('/sessions', {
        body: { ...body, relyingParty },
        params: { header },
      }),
    onSuccess: async (opened) => {
      if ('journey' in opened) return start(opened.journey, opened.token, false);
      const { token, previousAccess, browserToken } = opened.session;
      keepBrowserToken(page.browserTokens, nationalId, browserToken);
      const session = { token, means, previousAccess };
      await endSession(flow, token);
      flow.keep({ errors: undefined, notice: undefined, journey: undefined, session });
      flow.goTo('/confirmation');
    },
    onProblem: {
      'password-expired': ({ journey, token, detail }) =>
        journey && token
          ? start(journey, token, true)
          : flow.goToErrors('sign-in', [{ text: detail, target: 'nationalId' }], { isRefused: true }),
    },
    firstField: 'nationalId',
    showErrors: (list, { status, code }) =>
      flow.goToErrors('sign-in', list, {
        isRefused: code === 'sign-in-refused',
        ...(status === 503 && { nonce: page.field('nonce') }),
      }),
  });
}
