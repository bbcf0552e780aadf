import { addressOfRequest } from '../flow/identification-request.ts';

/** What keeps two providers on one registry apart: that of citizens, and the simulator's. */
export interface Realm {
  /**
   * Stands before the id of all that is stored: neither provider finds what the other has issued. Empty, or with a character that
   * no id has (`isOpaqueId`).
   */
  readonly prefix: string;
  /** Where the browser goes with a new request. */
  addressOfRequest(id: string): string;
  /** Name of the cookies that bind a request to its browser. */
  readonly requestCookie: string;
  /** Whether requests have a row that is counted. */
  readonly isCounted: boolean;
}

/** Where citizens identify, on the pages. */
export const citizensRealm: Realm = {
  prefix: '',
  addressOfRequest,
  requestCookie: 'gateway-request',
  isCounted: true,
};
