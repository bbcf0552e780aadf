import type { JourneyKind } from '../domain/journeys.ts';

interface Page {
  /** The address below the language: `/es/<path>`. */
  readonly path: string;
  /** Anyone, a citizen with a session, or an officer with a key. */
  readonly access: 'anyone' | 'citizen' | 'officer';
  /** The list that links to the page; an unlisted page is reached from another page. */
  readonly section: Section | 'unlisted';
}

/**
 * The lists of the web map. The home page shows the first two, the header `information`, the footer `legal`. The desk is in
 * none: it is for offices, which know its address.
 */
export type Section = 'services' | 'information' | 'legal';

/**
 * Every page with a fixed address, in the order in which lists show them. A row here is all that the lists, the links and
 * the browser tests need; `pages.test.ts` fails for a row without a route, a title or a place in the web map.
 */
export const pages = {
  home: { path: '', access: 'anyone', section: 'unlisted' },
  activation: { path: 'activation', access: 'anyone', section: 'services' },
  certificate: { path: 'certificate', access: 'anyone', section: 'services' },
  'sign-in': { path: 'sign-in', access: 'anyone', section: 'services' },
  'my-clave': { path: 'my-clave', access: 'citizen', section: 'services' },
  'password-change': { path: 'password-change', access: 'citizen', section: 'services' },
  'password-reset': { path: 'password-reset', access: 'anyone', section: 'services' },
  'lost-code': { path: 'lost-code', access: 'anyone', section: 'services' },
  activity: { path: 'activity', access: 'citizen', section: 'services' },
  'not-me': { path: 'not-me', access: 'citizen', section: 'services' },
  unsubscription: { path: 'unsubscription', access: 'citizen', section: 'services' },
  'what-is': { path: 'what-is', access: 'anyone', section: 'information' },
  'how-it-works': { path: 'how-it-works', access: 'anyone', section: 'information' },
  'password-features': { path: 'password-features', access: 'anyone', section: 'information' },
  offices: { path: 'offices', access: 'anyone', section: 'information' },
  faq: { path: 'faq', access: 'anyone', section: 'information' },
  contact: { path: 'contact', access: 'anyone', section: 'legal' },
  'web-map': { path: 'web-map', access: 'anyone', section: 'legal' },
  'legal-notice': { path: 'legal-notice', access: 'anyone', section: 'legal' },
  accessibility: { path: 'accessibility', access: 'anyone', section: 'legal' },
  cookies: { path: 'cookies', access: 'anyone', section: 'legal' },
  desk: { path: 'desk', access: 'officer', section: 'unlisted' },
  'desk-registration': { path: 'desk/registration', access: 'officer', section: 'unlisted' },
  'desk-citizen': { path: 'desk/citizen', access: 'officer', section: 'unlisted' },
  'desk-sign-in': { path: 'desk/sign-in', access: 'anyone', section: 'unlisted' },
} as const satisfies Record<string, Page>;

export type PageName = keyof typeof pages;

export const pageNames = Object.keys(pages) as PageName[];

/** The pages that a list shows. */
export const pagesIn = (section: Section): PageName[] =>
  pageNames.filter((name) => pages[name].section === section);

/** The cards of the home page: all services except the overview `my-clave`. */
export const homeServices: readonly PageName[] = pagesIn('services').filter((name) => name !== 'my-clave');

/** The services that the home page shows first. */
export const firstServices: readonly PageName[] = ['activation', 'sign-in'];

/** The pages that the header links to, beside the sign-in or the overview: few, so that they stay in one line. */
export const headerPages: readonly PageName[] = ['how-it-works', 'offices', 'faq'];

/** The services on the overview `my-clave`: those that need a session. */
export const signedInServices: readonly PageName[] = homeServices.filter(
  (name) => pages[name].access === 'citizen',
);

/** A journey as pages call it; a renewal is the change of an expired password, which begins by signing in. */
export type ShownJourneyKind = JourneyKind | 'renewal';

/** The page that starts a journey. The types require that it has the journey's name, or its line here. */
export const startPageOf = (kind: ShownJourneyKind): PageName =>
  kind === 'renewal' ? 'sign-in' : kind === 'registration' ? 'certificate' : kind;

/** The address of a page in a language. @throws RangeError if there is no such page */
export function addressOfPage(name: string, language: string): string {
  if (!Object.hasOwn(pages, name)) throw new RangeError(`no page ${name}`);
  const { path } = pages[name as PageName];
  return path === '' ? `/${language}` : `/${language}/${path}`;
}

/** A page that needs a session, by its name: where a sign-in may lead. Any other text, such as an address, is none. */
export const citizenPage = (name: string): PageName | undefined =>
  pageNames.find((one) => one === name && pages[one].access === 'citizen');

/** The page that needs a session at an address. */
export const citizenPageAt = (address: string, language: string): PageName | undefined =>
  pageNames.find((name) => citizenPage(name) && addressOfPage(name, language) === address);

/** The address of one journey, by its id. */
export const addressOfJourney = (id: string, language: string): string =>
  `/${language}/journeys/${encodeURIComponent(id)}`;
