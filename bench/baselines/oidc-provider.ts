import { once } from 'node:events';
import express from 'express';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

/*
 * The least that a flow of OpenID Connect can be: the library with its memory adapter, one client, one form without a
 * template. Whoever submits it is identified: no password, no checks of levels, no rows, no audit trail.
 */
const { PORT = '', REDIRECT_URI = '', CLIENT_ID = '', CLIENT_SECRET = '' } = process.env;
const issuer = `http://127.0.0.1:${PORT}`;
const { privateKey } = await generateKeyPair('RS256', { extractable: true });

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: 'client_secret_basic',
    },
  ],
  jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' }] as never[] },
  cookies: { keys: ['a key of the baseline'] },
  claims: { profile: ['given_name', 'family_name'], nif: ['national_id'] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
  findAccount: (_ctx, accountId) => ({
    accountId,
    claims: () => ({
      sub: accountId,
      given_name: 'Begoña',
      family_name: 'Etxeberria',
      national_id: accountId,
    }),
  }),
  async loadExistingGrant(ctx) {
    const { client, session } = ctx.oidc;
    const grant = new ctx.oidc.provider.Grant({
      accountId: session?.accountId ?? '',
      clientId: client?.clientId ?? '',
    });
    grant.addOIDCScope('openid profile nif');
    await grant.save();
    return grant;
  },
});

const app = express();
app.get('/interaction/:uid', (_request, response) => {
  response.type('html').send('<!doctype html><form method="post"><input name="nationalId"></form>');
});
app.post('/interaction/:uid', express.urlencoded({ extended: false }), async (request, response) => {
  await provider.interactionFinished(request, response, { login: { accountId: request.body.nationalId } });
});
app.use(provider.callback());
await once(app.listen(Number(PORT), '127.0.0.1'), 'listening');
process.send?.('ready');
