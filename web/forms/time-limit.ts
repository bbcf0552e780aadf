import type { Language } from '../../domain/languages.ts';
import { secondsUntil, timeText } from '../../platform/date-texts.ts';

/** What `layout/time-limit.njk` needs: when the time runs out, and the form that asks for more, where more is given. */
export interface TimeLimit {
  readonly endsAt: string;
  readonly secondsLeft: number;
  /** The address that gives more time, and its field `action`. */
  readonly extendAt?: string;
  readonly action?: string;
  /** What is said once the time is over, if it is not that what was not sent is lost. */
  readonly over?: string;
}

/** The time limit that ends at an instant (ISO 8601), and can be extended. */
export const timeLimit = (endsAt: string, extendAt: string, action: string): TimeLimit => ({
  ...fixedTimeLimit(endsAt),
  extendAt,
  action,
});

/** The time limit that ends at an instant (ISO 8601), whatever is asked for. */
export const fixedTimeLimit = (endsAt: string): TimeLimit => ({ endsAt, secondsLeft: secondsUntil(endsAt) });

/** What the answer to a request for more time needs of the request. */
interface ExtendedPage {
  readonly language: Language;
  /** Whether the page's script asks, and not the browser for a page. */
  readonly wantsJson: boolean;
  json(body: object): void;
  redirect(address: string): void;
}

/**
 * Answers a request for more time: a script gets the seconds that are left now and the text that names the end, a browser
 * without one the page. Without `endsAt` no time was given.
 */
export function answerExtension(
  page: ExtendedPage,
  endsAt: string | undefined,
  { text, backTo }: { text: (hour: string) => string; backTo: string },
): void {
  if (!page.wantsJson) page.redirect(backTo);
  else if (!endsAt) page.json({ secondsLeft: 0 });
  else page.json({ secondsLeft: secondsUntil(endsAt), text: text(timeText(endsAt, page.language)) });
}
