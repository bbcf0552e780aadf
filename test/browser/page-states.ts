import type { Page } from 'playwright-core';
import type { Language } from '../../domain/languages.ts';
import { addressOfPage, type PageName, pageNames, pages } from '../../portal/pages.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { wrongCode, wrongOtp } from '../actors/credentials.ts';
import { addSignOuts } from '../database/rows.ts';
import type { Stack } from '../environment/stack.ts';
import { navigate, submitForm } from './browser.ts';
import { certificateStates, visitCertificates } from './certificate-states.ts';
import { choosePassword, enterCode, enterOtp, signInAt } from './portal-steps.ts';

const furtherStates = [
  'not-found',
  'activation-errors',
  'activation-refused',
  'journey-otp',
  'journey-otp-error',
  'journey-password',
  'journey-password-not-accepted',
  'journey-password-refused',
  'journey-done',
  'sign-in-needed',
  'sign-in-errors',
  'password-change-errors',
  'unsubscription-errors',
  'unsubscription-done',
  'activity-earlier',
  'not-me-done',
  ...certificateStates,
  'code-blocked',
  'phone-yielded',
  'journey-lost',
  'desk-sign-in-needed',
  'desk-sign-in-refused',
  'desk-registration-errors',
  'desk-review',
  'desk-code',
  'desk-review-known',
  'desk-review-takes-phone',
  'desk-citizen-errors',
  'desk-citizen-found',
  'desk-suspension-error',
  'desk-suspended',
  'desk-citizen-suspended',
  'desk-citizen-phone-yielded',
] as const;

/** A page of `pages.ts` as it opens, or another state that a form, an error or an outcome leads to. */
export type PageState = PageName | (typeof furtherStates)[number];

/** Every state that `visitEveryState` shows. */
export const pageStates: readonly PageState[] = [...pageNames, ...furtherStates];

/** Called with the browser in a state. */
export type StateVisitor = (page: Page, state: PageState) => Promise<void>;

/** The pages by who may open them, in the order of `pages.ts`. */
export const pagesFor = (access: (typeof pages)[PageName]['access']): PageName[] =>
  pageNames.filter((name) => pages[name].access === access);

/** How a browser is led through the states of one language. */
export interface Walk {
  readonly stack: Stack;
  readonly language: Language;
  readonly page: Page;
  /** Opens a page or another address below the language. */
  open(path: string): Promise<void>;
  visit(state: PageState): Promise<void>;
  /** Opens a page of `pages.ts` and visits it. @throws Error if the portal redirects to another page */
  openAndVisit(name: PageName): Promise<void>;
}

/**
 * Leads a citizen and an officer through every state in one language, and calls `visit` in each. A new page of `pages.ts`
 * is opened by itself. @throws Error if a state was not reached
 */
export async function visitEveryState(
  stack: Stack,
  language: Language,
  page: Page,
  visit: StateVisitor,
): Promise<void> {
  const visited = new Set<PageState>();
  const walk: Walk = {
    stack,
    language,
    page,
    open: async (path) => void (await page.goto(`/${language}/${path}`)),
    async visit(state) {
      visited.add(state);
      await visit(page, state);
    },
    async openAndVisit(name) {
      const address = addressOfPage(name, language);
      await page.goto(address);
      const { pathname } = new URL(page.url());
      if (pathname !== address) throw new Error(`${address} led to ${pathname}`);
      await walk.visit(name);
    },
  };
  for (const name of pagesFor('anyone')) await walk.openAndVisit(name);
  await walk.open('nowhere');
  await walk.visit('not-found');
  await visitJourney(walk);
  await visitCitizenPages(walk);
  await visitCertificates(walk);
  await visitDesk(walk);
  const missing = pageStates.filter((state) => !visited.has(state));
  if (missing.length > 0) throw new Error(`states not visited: ${missing.join(', ')}`);
}

/** An activation with an error at each step, a blocked code, and a journey of another browser. */
async function visitJourney({ stack, language, page, open, visit }: Walk): Promise<void> {
  const citizen = await new Citizen(stack, { language }).register();
  await open('activation');
  await submitForm(page);
  await visit('activation-errors');
  await enterCode(page, citizen, wrongCode);
  await visit('activation-refused');
  await enterCode(page, citizen);
  await visit('journey-otp');
  await submitForm(page, { otp: wrongOtp(await citizen.otp()) });
  await visit('journey-otp-error');
  await enterOtp(page, citizen);
  await visit('journey-password');
  await submitForm(page, { newPassword: 'asdf1111', repeat: 'asdf1111' });
  await visit('journey-password-not-accepted');
  await choosePassword(page, 'asdf1111');
  await visit('journey-password-refused');
  await choosePassword(page);
  await visit('journey-done');

  const other = await activeCitizen(stack);
  await open('password-reset');
  for (let wrong = 0; wrong < 6; wrong += 1) await enterCode(page, other, wrongCode);
  await visit('code-blocked');
  const former = await new Citizen(stack).register();
  await new Citizen(stack, { phone: former.data.phone }).register();
  await open('activation');
  await enterCode(page, former);
  await visit('phone-yielded');
  await open('journeys/none');
  await visit('journey-lost');
}

/** Signs in and opens the pages that need a session. */
async function visitCitizenPages({ stack, language, page, open, visit, openAndVisit }: Walk): Promise<void> {
  const citizen = await activeCitizen(stack);
  await open('my-clave');
  await visit('sign-in-needed');
  await submitForm(page, {});
  await visit('sign-in-errors');
  await signInAt(page, citizen, { language });
  await addSignOuts(stack, citizen.citizenId, 30);
  for (const name of pagesFor('citizen')) await openAndVisit(name);
  await open('activity');
  await navigate(page, () => page.locator('main nav a').first().click());
  await visit('activity-earlier');

  await open('password-change');
  await submitForm(page);
  await visit('password-change-errors');
  await open('unsubscription');
  await submitForm(page);
  await visit('unsubscription-errors');
  await submitForm(page, { confirm: true });
  await enterOtp(page, citizen, 2);
  await visit('unsubscription-done');

  await signInAt(page, await activeCitizen(stack), { language });
  await open('not-me');
  await submitForm(page);
  await visit('not-me-done');
}

/** Opens the desk, registers a citizen and suspends them. */
async function visitDesk({ stack, page, open, visit, openAndVisit }: Walk): Promise<void> {
  await open('desk');
  await visit('desk-sign-in-needed');
  await submitForm(page, { key: 'wrong' });
  await visit('desk-sign-in-refused');
  await submitForm(page, { key: stack.officeKey });
  for (const name of pagesFor('officer')) await openAndVisit(name);

  await open('desk/registration');
  await submitForm(page);
  await visit('desk-registration-errors');
  const { nationalId, email, phone } = new Citizen(stack).data;
  const declared = { nationalId, email, phone, givenName: 'Łucja', firstSurname: 'Gal·lart' };
  await submitForm(page, declared);
  await visit('desk-review');
  await submitForm(page);
  await visit('desk-code');
  await open('desk/registration');
  await submitForm(page, { ...declared, givenName: 'Lucía' });
  await visit('desk-review-known');
  const former = await new Citizen(stack).register();
  const { phone: heldPhone } = former.data;
  await open('desk/registration');
  await submitForm(page, { ...declared, phone: heldPhone });
  await visit('desk-review-takes-phone');
  await open('desk/citizen');
  await submitForm(page);
  await visit('desk-citizen-errors');
  await submitForm(page, { nationalId });
  await visit('desk-citizen-found');
  await navigate(page, () => page.locator('main a[href$="/suspension"]').click());
  await submitForm(page);
  await visit('desk-suspension-error');
  await submitForm(page, { reason: '—' });
  await visit('desk-suspended');
  await open('desk/citizen');
  await submitForm(page, { nationalId });
  await visit('desk-citizen-suspended');
  await new Citizen(stack, { phone: heldPhone }).register();
  await open('desk/citizen');
  await submitForm(page, { nationalId: former.data.nationalId });
  await visit('desk-citizen-phone-yielded');
}
