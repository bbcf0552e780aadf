import { createHash } from 'node:crypto';
import { languages } from '../../domain/languages.ts';
import { escapeHtml } from '../servers/escape-html.ts';
import { type Identified, levels, scopes } from './oidc-client.ts';

const style = `:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif;background:light-dark(#f3f2ee,#17171a)}
body{margin:0 auto;padding:1rem;max-width:46rem}
h1{font-size:1.6rem;margin:.5rem 0}h2{font-size:1.2rem;margin:1.5rem 0 .3rem}
.notice{border:3px dashed #7a4ea3;border-radius:.75rem;padding:.5rem 1rem;font-weight:600}
fieldset{border:1px solid;border-radius:.5rem;margin:0 0 1rem;padding:.5rem 1rem}
label{display:block;padding:.3rem 0}input,select,button{font:inherit}
button{padding:.5rem 1rem;border:2px solid #4b2e83;border-radius:.4rem;background:#4b2e83;color:#fff;cursor:pointer}
button.other{background:transparent;color:inherit}
form{margin:0 0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;border-bottom:1px solid light-dark(#bbb,#555);padding:.3rem .5rem .3rem 0;overflow-wrap:anywhere}
th{font-weight:600;width:40%}
pre{white-space:pre-wrap;overflow-wrap:anywhere;padding:.6rem;border-radius:.4rem;background:light-dark(#e6e3da,#26262c)}
a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible{outline:3px solid #ffbf47;outline-offset:2px}`;

/** No script at all; forms lead to this site and from there to the gateway, which Chromium checks too. */
export const contentSecurityPolicy = (gateway: string): string =>
  `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; form-action 'self' ${gateway}; base-uri 'none'; frame-ancestors 'none'`;

/** A whole page. `content` is HTML. */
export const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – Demo administration</title>
<style>${style}</style>
</head>
<body>
<main>
<p class="notice">This is a demonstration of an administration’s site that uses the gateway. It keeps nothing.</p>
<h1>${escapeHtml(title)}</h1>
${content}
</main>
</body>
</html>
`;

const choice = (
  type: 'radio' | 'checkbox',
  name: string,
  value: string,
  text: string,
  checked: boolean,
): string =>
  `<label><input type="${type}" name="${name}" value="${value}"${checked ? ' checked' : ''}> ${escapeHtml(text)}</label>`;

const levelTexts = {
  low: 'Low: a password is enough',
  substantial: 'Substantial: password and SMS code',
  high: 'High: the electronic DNI',
} as const;
const scopeTexts = {
  profile: 'Name and surnames (profile)',
  email: 'Email address (email)',
  phone: 'Phone number (phone)',
  nif: 'DNI or NIE, level of the registration, means (nif)',
} as const;

/** Where the visitor chooses what is asked for. */
export const startPage = ({ wasVoided }: { wasVoided: boolean }): string =>
  page(
    'Identify with Cl@ve',
    `${wasVoided ? '<p role="status"><strong>The gateway told this site that your identification is void. You are signed out.</strong></p>' : ''}
<form method="post" action="/sign-in">
<fieldset><legend>Level to ask for (acr_values)</legend>
${levels.map((level) => choice('radio', 'level', level, levelTexts[level], level === 'low')).join('\n')}
</fieldset>
<fieldset><legend>Attributes to ask for (scope)</legend>
${scopes.map((scope) => choice('checkbox', 'scope', scope, scopeTexts[scope], true)).join('\n')}
</fieldset>
<fieldset><legend>How to ask</legend>
<label for="language">Language of the pages (ui_locales)</label>
<select id="language" name="language"><option value="">as the browser wants</option>${languages.map((each) => `<option>${each}</option>`).join('')}</select>
${choice('checkbox', 'pushed', 'yes', 'From server to server first (PAR)', false)}
</fieldset>
<button>Identify with Cl@ve</button>
</form>`,
  );

const table = (caption: string, values: Readonly<Record<string, unknown>>): string =>
  `<h2>${escapeHtml(caption)}</h2><table><tbody>${Object.entries(values)
    .map(
      ([name, value]) =>
        `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(typeof value === 'string' ? value : JSON.stringify(value))}</td></tr>`,
    )
    .join('')}</tbody></table>`;

/** What came back, in full. */
export const resultPage = ({
  asked,
  level,
  idToken,
  idTokenHeader,
  idTokenClaims,
  userinfo,
  tokenAnswer,
}: Identified): string =>
  page(
    'You are identified',
    `<p role="status">Asked for: <strong>${escapeHtml(asked.level)}</strong>. Reached: <strong>${escapeHtml(level)}</strong> (acr), by <strong>${escapeHtml([idTokenClaims['amr'] ?? []].flat().join(' '))}</strong> (amr).</p>
${table('Attributes (userinfo)', userinfo)}
${table('ID token: claims', idTokenClaims)}
${table('ID token: header', idTokenHeader)}
<h2>ID token as it came</h2><pre>${escapeHtml(idToken)}</pre>
${table('The rest of the token answer', tokenAnswer)}
<h2>What now?</h2>
<form method="post" action="/sign-out"><button>Sign out</button></form>
<form method="post" action="/sign-in"><input type="hidden" name="level" value="substantial">${scopes.map((scope) => `<input type="hidden" name="scope" value="${scope}">`).join('')}<button class="other">Identify anew with substantial</button></form>`,
  );

/** An error, with all that openid-client says of it: what the gateway answered, and what the client did not accept. */
export function errorPage(error: unknown): string {
  const { name, message, code, cause, ...own } = Object.assign({}, error, {
    name: (error as Error).name,
    message: (error as Error).message,
    cause: (error as Error).cause,
  }) as Record<string, unknown>;
  const reason = cause instanceof URLSearchParams ? Object.fromEntries(cause) : cause;
  const shown = { name, message, code, ...pick(own, ['error', 'error_description', 'status']) };
  return page(
    'That did not work',
    `<p role="alert">No identification came back.</p>
${table('What openid-client says', Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== undefined)))}
${reason instanceof Error ? table('Because', { name: reason.name, message: reason.message }) : ''}
${reason && typeof reason === 'object' && !(reason instanceof Error) ? table('What the gateway answered', reason as Record<string, unknown>) : ''}
<p><a href="/">Start again</a></p>`,
  );
}

const pick = (from: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.filter((name) => name in from).map((name) => [name, from[name]]));
