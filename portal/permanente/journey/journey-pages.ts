import type { Journey, Problem } from '../../../client/client.ts';
import type { FormError } from '../../../web/forms/form-errors.ts';
import { type TimeLimit, timeLimit } from '../../../web/forms/time-limit.ts';
import { readJourney } from '../../../web/journey/journey.ts';
import { otpSeconds } from '../../../web/journey/one-time-password.ts';
import { readPasswordPolicy } from '../../../web/new-password/password-policy.ts';
import type { StoredCredential } from '../../page-request/cookies.ts';
import type { PageRequest } from '../../page-request/page-request.ts';
import { hasOpenSession } from '../../page-request/require-session.ts';
import { addressOfJourney, type PageName, pages, type ShownJourneyKind, startPageOf } from '../../pages.ts';
import { outcomePages } from './outcome-pages.ts';
import { stepOf } from './steps.ts';

interface Options {
  readonly errors?: readonly FormError[];
  readonly status?: number;
  /** Whether another SMS code has just been sent. */
  readonly resent?: boolean;
  /** The codes of the rules that a refused password breaks. */
  readonly broken?: readonly string[];
}

/** The time that an open journey has. */
const limitOf = ({ language }: PageRequest, { id, step, expiresAt }: Journey): TimeLimit | undefined =>
  step === 'done' || step === 'ended'
    ? undefined
    : timeLimit(expiresAt, addressOfJourney(id, language), 'extend');

/** Where a journey is left without finishing it. */
const cancelPageOf = (kind: ShownJourneyKind): PageName =>
  pages[startPageOf(kind)].access === 'citizen' ? 'my-clave' : 'home';

/** Renders the page of the step that a journey is at. */
async function renderJourney(
  page: PageRequest,
  { isRenewal, identification, username }: StoredCredential,
  journey: Journey,
  { errors = [], status = 200, resent = false, broken = [] }: Options = {},
): Promise<void> {
  const { step, otp, outcome } = journey;
  const kind: ShownJourneyKind = isRenewal ? 'renewal' : journey.kind;
  const data = {
    journey,
    otp,
    errors,
    resent,
    kind,
    cancelTo: cancelPageOf(kind),
    timeLimit: limitOf(page, journey),
  };
  if (step === 'otp' && otp) {
    const shown = { ...data, ...otpSeconds(otp), journeyStep: stepOf(kind, 'otp') };
    return page.render('permanente/journey/one-time-password.njk', shown, status);
  }
  if (step === 'password') {
    const values = { accept: page.field('accept') };
    const policy = await readPasswordPolicy(page);
    const shown = { ...data, values, username, broken, policy, journeyStep: stepOf(kind, 'password') };
    return page.render('permanente/journey/new-password.njk', shown, status);
  }
  const ending = outcome && outcomePages[outcome];
  const isInSession = step === 'done' && (await hasOpenSession(page));
  const outcomePage = { ...ending, ...(isInSession && ending?.inSession) };
  page.render(
    'permanente/journey/outcome.njk',
    {
      ...data,
      outcomePage,
      startPage: startPageOf(kind),
      identification: identification && page.addressOfIdentification(identification),
    },
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
