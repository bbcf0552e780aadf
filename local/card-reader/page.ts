import { escapeHtml } from '../servers/escape-html.ts';
import { pkcs12Password } from './pki/card-files.ts';
import type { DemoCard } from './pki/cards.ts';

const style = `:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif;background:light-dark(#e9edf1,#14171a)}
body{margin:0 auto;padding:1rem;max-width:46rem}
h1{font-size:1.6rem;margin:.5rem 0}h2{font-size:1.2rem;margin:1.5rem 0 .3rem}
.notice{border:3px dashed #b5650b;border-radius:.75rem;padding:.5rem 1rem;font-weight:600}
.error{border-left:.4rem solid #b3261e;padding:.3rem 1rem}
fieldset{border:1px solid;border-radius:.5rem;margin:0 0 1rem;padding:.5rem 1rem}
label{display:block;padding:.35rem 0}input,button{font:inherit}
input[type=text],input[type=password]{width:100%;box-sizing:border-box;padding:.4rem}
button{padding:.5rem 1rem;border:2px solid #1f4e79;border-radius:.4rem;background:#1f4e79;color:#fff;cursor:pointer}
a:focus-visible,button:focus-visible,input:focus-visible{outline:3px solid #ffbf47;outline-offset:2px}
li{margin:.3rem 0}`;

/** The browser goes on to the pages or the gateway of this machine, whose addresses `form-action` is held against. */
export const pagePolicy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "form-action 'self' http://localhost:* http://127.0.0.1:*",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What is on the page besides the cards. */
export interface PageContent {
  /** The address of the visit, as the pages gave it. */
  readonly url: string;
  readonly error?: string;
  readonly chosen?: string;
  readonly triesLeft: (id: string) => number;
}

const nameOf = ({ holder: { givenName, firstSurname, secondSurname, nationalId } }: DemoCard): string =>
  `${[givenName, firstSurname, secondSurname].filter(Boolean).join(' ')}, ${nationalId}`;

const choice = (card: DemoCard, { chosen, triesLeft }: PageContent): string => {
  const left = triesLeft(card.id);
  const state = left === 0 ? ' – blocked' : left < 3 ? ` – ${left} tries left` : '';
  return `<label><input type="radio" name="card" value="${card.id}" required${card.id === chosen ? ' checked' : ''}> <strong>${escapeHtml(card.id)}</strong>: ${escapeHtml(nameOf(card))}${card.isOld ? ' (signs with PKCS#1 v1.5 only: for TLS 1.2)' : ''}${state}</label>`;
};

const download = ({ id }: DemoCard): string =>
  `<li>${escapeHtml(id)}: <a href="/cards/${id}.p12">PKCS#12</a>, <a href="/cards/${id}.pem">PEM</a></li>`;

/** The card reader: a card, its PIN, and the visit for which it is read. Works without scripts. */
export const page = (cards: readonly DemoCard[], content: PageContent): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${content.error ? 'Error: ' : ''}Card reader – Cl@ve</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Card reader</h1>
<p class="notice">This is a simulation. These cards and the people on them are invented, and nobody outside this computer accepts them.</p>
${content.error ? `<p class="error" role="alert" id="error">${escapeHtml(content.error)}</p>` : ''}
<form method="post" action="/insert">
<label for="url">Address of the identification, as the pages show it</label>
<input type="text" id="url" name="url" value="${escapeHtml(content.url)}" required autocomplete="off" spellcheck="false">
<fieldset><legend>Card to insert</legend>
${cards.map((card) => choice(card, content)).join('\n')}
</fieldset>
<label for="pin">PIN of the card (1234 for all of them; after three wrong ones the card is blocked)</label>
<input type="password" id="pin" name="pin" required inputmode="numeric" autocomplete="off"${content.error ? ' aria-describedby="error"' : ''}>
<p><button>Insert the card</button></p>
</form>
<h2>With a browser of your own</h2>
<p>Import the <a href="/authority.pem">authority of the listener</a> as one for web sites (it certifies names of localhost only), and a certificate from here; the password of the PKCS#12 files is <strong>${pkcs12Password}</strong>.</p>
<ul>
${cards.map(download).join('\n')}
</ul>
<form method="post" action="/unblock"><button>Replace blocked cards</button></form>
</main>
</body>
</html>
`;
