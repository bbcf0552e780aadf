/** Every page that has an address of its own, and that address below the language. */
export const pages = {
  home: '',
  activation: 'activation',
  'password-reset': 'password-reset',
  'sign-in': 'sign-in',
  'my-clave': 'my-clave',
  'password-change': 'password-change',
  unsubscription: 'unsubscription',
  'what-is': 'what-is',
  'how-it-works': 'how-it-works',
  'password-features': 'password-features',
  'lost-code': 'lost-code',
  faq: 'faq',
  contact: 'contact',
  'web-map': 'web-map',
  'legal-notice': 'legal-notice',
  cookies: 'cookies',
  accessibility: 'accessibility',
  desk: 'desk',
  'desk-registration': 'desk/registration',
  'desk-citizen': 'desk/citizen',
  'desk-sign-in': 'desk/sign-in',
} as const;

export type PageName = keyof typeof pages;

/** The address of a page in a language. */
export const addressOfPage = (page: PageName, language: string): string =>
  `/${language}${pages[page] && `/${pages[page]}`}`;

/** The address of a journey's own page. */
export const addressOfJourney = (id: string, language: string): string =>
  `/${language}/journeys/${encodeURIComponent(id)}`;
