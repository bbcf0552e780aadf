import type { ShownJourneyKind } from '../../pages.ts';

type JourneyPage = 'start' | 'otp' | 'password';

// The pages of each journey, in their order; `start` is the form that begins it.
const pagesOf: Readonly<Record<ShownJourneyKind, readonly JourneyPage[]>> = {
  activation: ['start', 'otp', 'password'],
  'password-reset': ['start', 'otp', 'password'],
  'password-change': ['start', 'otp'],
  renewal: ['start', 'otp', 'password'],
  unsubscription: ['start', 'otp'],
  'sign-in': ['start', 'otp'],
  registration: ['start', 'otp'],
};

/** Which page of a journey this is, and of how many: `step 2 of 3`. */
export const stepOf = (kind: ShownJourneyKind, page: JourneyPage): { number: number; count: number } => ({
  number: pagesOf[kind].indexOf(page) + 1,
  count: pagesOf[kind].length,
});
