import { bearer, type Journey } from '../../../client/client.ts';
import { type Outcome, outcomeOf } from '../../../client/outcome.ts';
import { type FormError, problemText } from '../../forms/form-errors.ts';
import type { JourneyHandle } from '../../visitor/cookies.ts';
import type { Visitor } from '../../visitor/visitor.ts';
import { readPasswordPolicy } from '../new-password/password-policy.ts';

interface Said {
  readonly errors?: readonly FormError[];
  readonly status?: number;
  readonly resent?: boolean;
}

/** Where a journey is, as the API says. */
export const readJourney = (visitor: Visitor, { id, token }: JourneyHandle) =>
  outcomeOf(
    visitor.api.GET('/journeys/{id}', { params: { path: { id } }, headers: bearer(token) }),
    visitor.language,
  );

/** Shows where a journey is: whatever has happened meanwhile, in another tab too. */
export async function renderJourney(
  visitor: Visitor,
  held: JourneyHandle,
  journey: Journey,
  { errors = [], status = 200, resent = false }: Said = {},
): Promise<void> {
  const { step, otp } = journey;
  const shown = { journey, otp, errors, resent, kind: held.isRenewal ? 'renewal' : journey.kind };
  if (step === 'otp' && otp) {
    const wait = Math.max(0, Math.ceil((Date.parse(otp.resendAfter) - Date.now()) / 1_000));
    return visitor.render('permanente/journey/one-time-password.njk', { ...shown, wait }, status);
  }
  if (step !== 'password') return visitor.render('permanente/journey/outcome.njk', shown, status);
  visitor.render(
    'permanente/journey/new-password.njk',
    { ...shown, policy: await readPasswordPolicy(visitor) },
    status,
  );
}

/** Shows the step that a journey is at, once more, with what was wrong. */
export async function renderCurrentStep(visitor: Visitor, held: JourneyHandle, said: Said): Promise<void> {
  const current = await readJourney(visitor, held);
  if (current.ok) return renderJourney(visitor, held, current.data.journey, said);
  renderUnreadable(visitor, current.problem.status);
}

/** A refusal that tells where the journey is shows that; any other shows the step again with what is wrong. */
export async function renderRefusal(
  visitor: Visitor,
  held: JourneyHandle,
  { problem, retryAtMs }: Extract<Outcome<unknown>, { ok: false }>,
  field?: string,
): Promise<void> {
  const { journey, status, code } = problem;
  const isOfField = field && status < 429;
  const errors = [{ text: problemText(visitor, problem, retryAtMs), ...(isOfField && { field }) }];
  if (!journey) return renderCurrentStep(visitor, held, { errors, status });
  // Over, or at another step: that page says what there is to say.
  const isElsewhere = code === 'step-not-expected' || journey.step === 'done' || journey.step === 'ended';
  return renderJourney(visitor, held, journey, { errors: isElsewhere ? [] : errors, status });
}

/** A journey that cannot be read now, or that is none of this browser's. */
export const renderUnreadable = (visitor: Visitor, status: number): void =>
  status === 503 || status === 429
    ? visitor.render('layout/unavailable.njk', {}, status)
    : visitor.render('permanente/journey/lost.njk', {}, 404);
