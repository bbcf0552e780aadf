import { answerExtension, fixedTimeLimit, type TimeLimit, timeLimit } from '../../web/forms/time-limit.ts';
import { extendedEnd, type JourneyCredential } from '../../web/journey/journey.ts';
import type { Flow } from './flow.ts';

/** Whether a journey ends before its request does. */
const endsFirst = ({ request }: Flow, journeyEndsAt: string): boolean =>
  Date.parse(journeyEndsAt) < request.expiresAt.getTime();

/**
 * The time that a page has: that of the request, which the protocol has set and nothing extends, or that of a journey that
 * ends before it, which the API extends once (docs/adr/0052).
 */
export function flowTimeLimit(flow: Flow, journeyEndsAt?: string): TimeLimit {
  if (journeyEndsAt && endsFirst(flow, journeyEndsAt))
    return timeLimit(journeyEndsAt, flow.addressOf('/journey'), 'extend');
  const over = flow.page.t('gateway.ended.timed-out-text');
  return { ...fixedTimeLimit(flow.request.expiresAt.toISOString()), over };
}

/** Has more time given to the journey of a flow: at most as much as its request has. */
export async function extendJourney(flow: Flow, credential: JourneyCredential): Promise<void> {
  const { page, request } = flow;
  const journeyEndsAt = await extendedEnd(page, credential);
  const endsAt =
    journeyEndsAt && !endsFirst(flow, journeyEndsAt) ? request.expiresAt.toISOString() : journeyEndsAt;
  const backTo = flow.addressOf('/journey');
  answerExtension(page, endsAt, { text: (hour) => page.t('gateway.until', { hour }), backTo });
}
