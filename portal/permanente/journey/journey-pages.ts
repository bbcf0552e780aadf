import { resultOf } from '../../../client/call-result.ts';
import { bearer, type Journey, type Problem } from '../../../client/client.ts';
import type { FormError } from '../../forms/form-errors.ts';
import type { StoredCredential } from '../../page-request/cookies.ts';
import type { PageRequest } from '../../page-request/page-request.ts';
import { usernameOf } from '../../page-request/username.ts';
import { type ShownJourneyKind, startPageOf } from '../../pages.ts';
import { readPasswordPolicy } from '../new-password/password-policy.ts';
import { outcomePages } from './outcome-pages.ts';

interface Options {
  readonly errors?: readonly FormError[];
  readonly status?: number;
  /** Whether another SMS code has just been sent. */
  readonly resent?: boolean;
}

/** Reads a journey from the API. */
export const readJourney = (page: PageRequest, { id, token }: StoredCredential) =>
  resultOf(
    page.api.GET('/journeys/{id}', { params: { path: { id } }, headers: bearer(token) }),
    page.language,
  );

/** Renders the page of the step that a journey is at. */
async function renderJourney(
  page: PageRequest,
  { isRenewal }: StoredCredential,
  journey: Journey,
  { errors = [], status = 200, resent = false }: Options = {},
): Promise<void> {
  const { step, otp, outcome } = journey;
  const kind: ShownJourneyKind = isRenewal ? 'renewal' : journey.kind;
  const data = { journey, otp, errors, resent, kind };
  if (step === 'otp' && otp) {
    const waitSeconds = Math.max(0, Math.ceil((Date.parse(otp.resendAfter) - Date.now()) / 1_000));
    return page.render('permanente/journey/one-time-password.njk', { ...data, waitSeconds }, status);
  }
  if (step === 'password') {
    const policy = await readPasswordPolicy(page);
    const username = usernameOf(page, journey.id);
    return page.render('permanente/journey/new-password.njk', { ...data, policy, username }, status);
  }
  const outcomePage = outcome && outcomePages[outcome];
  page.render(
    'permanente/journey/outcome.njk',
    { ...data, outcomePage, startPage: startPageOf(kind) },
    status,
  );
}

/** Reads a journey and renders its current step, which another tab may have changed. */
export async function renderCurrentStep(
  page: PageRequest,
  credential: StoredCredential,
  options: Options,
): Promise<void> {
  const current = await readJourney(page, credential);
  if (current.ok) return renderJourney(page, credential, current.data.journey, options);
  renderUnreadable(page, current.problem.status);
}

/** Answers a refused form of a journey: renders the step with the errors, or the step that the journey is at instead. */
export async function renderRefusal(
  page: PageRequest,
  credential: StoredCredential,
  { journey, status, code }: Problem,
  errors: readonly FormError[],
): Promise<void> {
  if (!journey) return renderCurrentStep(page, credential, { errors, status });
  // The page of another step says by itself what happened.
  const isElsewhere = code === 'step-not-expected' || journey.step === 'done' || journey.step === 'ended';
  return renderJourney(page, credential, journey, { errors: isElsewhere ? [] : errors, status });
}

/** Answers for a journey that the API cannot read now, or that this browser has not started. */
export const renderUnreadable = (page: PageRequest, status: number): void =>
  status === 503 || status === 429
    ? page.render('layout/unavailable.njk', {}, status)
    : page.render('permanente/journey/lost.njk', {}, 404);
