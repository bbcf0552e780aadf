import { bearer, type Journey, type Problem } from '../../../client/client.ts';
import { outcomeOf } from '../../../client/outcome.ts';
import type { FormError } from '../../forms/form-errors.ts';
import { type ShownJourneyKind, startPageOf } from '../../pages.ts';
import type { JourneyHandle } from '../../visitor/cookies.ts';
import type { Visitor } from '../../visitor/visitor.ts';
import { readPasswordPolicy } from '../new-password/password-policy.ts';
import { outcomePages } from './outcome-pages.ts';

interface Options {
  readonly errors?: readonly FormError[];
  readonly status?: number;
  /** Whether another SMS code has just been sent. */
  readonly resent?: boolean;
}

/** Reads a journey from the API. */
export const readJourney = (visitor: Visitor, { id, token }: JourneyHandle) =>
  outcomeOf(
    visitor.api.GET('/journeys/{id}', { params: { path: { id } }, headers: bearer(token) }),
    visitor.language,
  );

/** Renders the page of the step that a journey is at. */
async function renderJourney(
  visitor: Visitor,
  { isRenewal }: JourneyHandle,
  journey: Journey,
  { errors = [], status = 200, resent = false }: Options = {},
): Promise<void> {
  const { step, otp, outcome } = journey;
  const kind: ShownJourneyKind = isRenewal ? 'renewal' : journey.kind;
  const data = { journey, otp, errors, resent, kind };
  if (step === 'otp' && otp) {
    const waitSeconds = Math.max(0, Math.ceil((Date.parse(otp.resendAfter) - Date.now()) / 1_000));
    return visitor.render('permanente/journey/one-time-password.njk', { ...data, waitSeconds }, status);
  }
  if (step === 'password') {
    const policy = await readPasswordPolicy(visitor);
    return visitor.render('permanente/journey/new-password.njk', { ...data, policy }, status);
  }
  const outcomePage = outcome && outcomePages[outcome];
  visitor.render(
    'permanente/journey/outcome.njk',
    { ...data, outcomePage, startPage: startPageOf(kind) },
    status,
  );
}

/** Reads a journey and renders its current step, which another tab may have changed. */
export async function renderCurrentStep(
  visitor: Visitor,
  handle: JourneyHandle,
  options: Options,
): Promise<void> {
  const current = await readJourney(visitor, handle);
  if (current.ok) return renderJourney(visitor, handle, current.data.journey, options);
  renderUnreadable(visitor, current.problem.status);
}

/** Answers a refused form of a journey: renders the step with the errors, or the step that the journey is at instead. */
export async function renderRefusal(
  visitor: Visitor,
  handle: JourneyHandle,
  { journey, status, code }: Problem,
  errors: readonly FormError[],
): Promise<void> {
  if (!journey) return renderCurrentStep(visitor, handle, { errors, status });
  // The page of another step says by itself what happened.
  const isElsewhere = code === 'step-not-expected' || journey.step === 'done' || journey.step === 'ended';
  return renderJourney(visitor, handle, journey, { errors: isElsewhere ? [] : errors, status });
}

/** Answers for a journey that the API cannot read now, or that this browser has not started. */
export const renderUnreadable = (visitor: Visitor, status: number): void =>
  status === 503 || status === 429
    ? visitor.render('layout/unavailable.njk', {}, status)
    : visitor.render('permanente/journey/lost.njk', {}, 404);
