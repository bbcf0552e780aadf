import type { JourneyOutcome } from '../../../domain/journeys.ts';
import type { WordingKey } from '../../../web/views/wording.ts';
import type { PageName } from '../../pages.ts';

interface OutcomePage {
  readonly paragraphs: readonly WordingKey[];
  /** The page to continue with. */
  readonly next?: PageName;
  /** What is said instead in a browser whose session the outcome has not ended. */
  readonly inSession?: Pick<OutcomePage, 'next' | 'paragraphs'>;
  /** Whether to say how an office is found. */
  readonly needsOffice?: boolean;
  /** Whether the page offers to start the journey again. */
  readonly canStartAgain?: boolean;
}

/** What the last page of a journey says below its title, `done.<outcome>` or `ended.<outcome>`. */
export const outcomePages: Readonly<Record<JourneyOutcome, OutcomePage>> = {
  activated: { paragraphs: ['done.try', 'done.keep-code'] },
  'password-set': {
    paragraphs: ['done.sessions-ended', 'done.try', 'done.keep-code'],
    inSession: { paragraphs: ['done.other-sessions-ended', 'done.keep-code'], next: 'my-clave' },
  },
  unsubscribed: { paragraphs: ['done.unsubscribed-text'] },
  registered: { paragraphs: [], next: 'activation' },
  'signed-in': { paragraphs: [], next: 'my-clave' },
  blocked: { paragraphs: ['ended.blocked-text'], needsOffice: true },
  'too-many-otps': { paragraphs: ['ended.too-many-otps-text'], canStartAgain: true },
  'timed-out': { paragraphs: ['ended.timed-out-text'], canStartAgain: true },
  superseded: { paragraphs: ['ended.superseded-text'], canStartAgain: true },
};
