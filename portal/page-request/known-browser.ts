import type { BrowserTokens } from '../../web/http/known-browser.ts';
import type { PageRequest } from './page-request.ts';

/** The tokens by which the API knows this browser, in the cookies of the portal. */
export const browserTokens = (page: PageRequest): BrowserTokens => ({
  idsOf: (nationalId) => page.digests('portal-browser', nationalId),
  read: (id) => page.readEntry('browser', id),
  write: (id, token) => void page.writeEntry('browser', id, token),
  clear: (id) => page.clearEntry('browser', id),
});
