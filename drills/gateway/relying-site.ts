/** What a relying party has from its registration. */
export interface Registration {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly port: number;
}

/**
 * The site of a relying party on a client that nobody here wrote. It redirects to the gateway at `/sign-in?acr=…` and
 * `/sign-out`, and answers in JSON at `/back` (`{idToken, userinfo, accessToken}` or `{error}`) and `/signed-out`
 * (`{signedOut}`).
 */
export interface RelyingSite {
  readonly url: string;
  stop(): Promise<void>;
}

export const askedScope = 'openid profile nif';

/** Its address. By the name of localhost: the gateway's pages and cookies are of that name, too. */
export const siteUrl = ({ port }: Pick<Registration, 'port'>): string => `http://localhost:${port}`;
