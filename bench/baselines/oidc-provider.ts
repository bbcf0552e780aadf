import { once } from 'node:events';
import express, { type Request, type Response } from 'express';
import { exportJWK, generateKeyPair } from 'jose';
import { type Interaction, Provider } from 'oidc-provider';

/*
 * The least that a flow of OpenID Connect can be: the library with its memory adapter, one client, and the two pages of the
 * library's own example, login and consent, each without a template. The browser makes the same requests as at the gateway.
 * Whoever submits the login is identified: no password, no checks of levels, no rows, no log, no headers, no audit trail.
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
});

/** Who asks, and for what: as the pages of the library's example show it. */
const pageOf = ({ uid, params }: Interaction, form: string): string =>
  `<!doctype html><html lang="es"><title>${uid}</title><body><h1>${params['client_id']}</h1>
  <p>${params['scope']}</p>${form}</body></html>`;

const form = (fields: string) =>
  `<form method="post">${fields}<button type="submit">Continuar</button></form>`;
const loginForm = form('<input name="nationalId"><input name="password" type="password">');

const showPage = (fields: string) => async (request: Request, response: Response) => {
  response.type('html').send(pageOf(await provider.interactionDetails(request, response), fields));
};

const app = express();
app.get('/interaction/:uid', showPage(loginForm));
app.post('/interaction/:uid', express.urlencoded({ extended: false }), async (request, response) => {
  const login = { accountId: String(request.body.nationalId) };
  await provider.interactionResult(request, response, { login });
  response.redirect(303, `/interaction/${request.params.uid}/consent`);
});
app.get('/interaction/:uid/consent', showPage(form('')));
app.post('/interaction/:uid/consent', express.urlencoded({ extended: false }), async (request, response) => {
  const { params, result } = await provider.interactionDetails(request, response);
  const accountId = String(result?.login?.accountId);
  const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) });
  grant.addOIDCScope(String(params['scope']));
  const consent = { grantId: await grant.save() };
  await provider.interactionFinished(request, response, { ...result, consent });
});
app.use(provider.callback());
await once(app.listen(Number(PORT), '127.0.0.1'), 'listening');
process.send?.('ready');
