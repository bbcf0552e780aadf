import { resultOf } from '../../client/call-result.ts';
import { bearer, type Problem } from '../../client/client.ts';
import { isAtLeast, isPasswordMeans, levels } from '../../domain/assurance.ts';
import { endSession } from './bound-session.ts';
import type { Flow } from './flow.ts';
import { type Failure, failures } from './identification-request.ts';
import { highestLevelOf, offeredMeans, usableMeans } from './offered-means.ts';
import { flowTimeLimit } from './time-limit.ts';

/** Which data go to whom, and the previous access ([ENS] op.acc.5 R5), before they go. */
export function renderConfirmation(flow: Flow): void {
  const { session } = flow.state;
  if (!session) return void flow.goTo('');
  flow.render('flow/confirmation.njk', {
    hasAccesses: isPasswordMeans(session.means),
    ...{ session, timeLimit: flowTimeLimit(flow) },
    errors: flow.errorsAt('confirmation')?.list,
  });
}

/** Identifies to the relying party, once: a repetition from any tab gets the same answer. */
export async function submitConfirmation(flow: Flow): Promise<void> {
  const { page, request, state } = flow;
  const { session } = state;
  if (!session) return flow.goTo('');
  const header = { 'Idempotency-Key': page.sameIdempotencyKey('identify', request.id, session.token) };
  const reply = page.api.POST('/identifications', {
    body: { relyingParty: request.relyingParty.id, floor: request.floor },
    params: { header },
    headers: bearer(session.token),
  });
  const result = await resultOf(reply, page.language);
  if (result.ok) return flow.succeed(result.data);
  const { problem } = result;
  if (problem.code === 'level-not-reached') return stepUp(flow, problem);
  if (problem.code === 'not-authenticated' || problem.code === 'wrong-purpose') {
    flow.keep({ session: undefined, notice: 'session-ended' });
    return flow.goTo('');
  }
  flow.goToErrors('confirmation', [{ text: problem.detail }]);
}

/** The session is not enough: it ends, and the citizen identifies with more, in the same request, if there is something. */
async function stepUp(flow: Flow, { missing = [], registration }: Problem): Promise<void> {
  const { request, state } = flow;
  const insufficient = [...(state.insufficient ?? []), ...(state.session ? [state.session.means] : [])];
  const usable = usableMeans(offeredMeans(request, insufficient));
  // With the means good enough by itself, what falls short is the registration, which bounds the level of each.
  const isMeansEnough =
    state.session && isAtLeast(levels, highestLevelOf(state.session.means), request.floor);
  const isRegistrationTooLow =
    missing.includes('registration') || (missing.includes('level') && usable.length === 0 && isMeansEnough);
  await endSession(flow);
  const isNotRegistered = isRegistrationTooLow && registration === undefined;
  flow.keep({
    ...{ insufficient, isRegistrationTooLow, isNotRegistered },
    ...{ notice: 'step-up', means: undefined, session: undefined },
  });
  flow.goTo('');
}

/** Whether to cancel. */
export function renderLeave(flow: Flow): void {
  const { journey, session } = flow.state;
  const stayAt = flow.addressOf(journey ? '/journey' : session ? '/confirmation' : '');
  flow.render('flow/leave.njk', { stayAt });
}

const isFailure = (name: string): name is Failure => failures.some((failure) => failure === name);

/** Leads back to the relying party without an identification. An open session ends. */
export async function submitLeave(flow: Flow): Promise<void> {
  const reason = flow.page.field('reason');
  await endSession(flow);
  await flow.fail(isFailure(reason) ? reason : 'cancelled');
}
