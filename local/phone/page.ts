import { createHash } from 'node:crypto';
import { escapeHtml } from '../servers/escape-html.ts';
import type { Message } from './message-store.ts';

// Codes stand out, as a phone's notification would show them.
const body = (text: string): string => escapeHtml(text).replace(/\b[0-9A-Z]{6,}\b/g, '<strong>$&</strong>');

// In the time zone of this machine, whose browser shows the page.
const localTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

const item = (message: Message): string => `<li id="${message.sid}">
<p class="meta"><strong>${escapeHtml(message.to)}</strong> · <time datetime="${new Date(message.createdAtMs).toISOString()}">${localTime.format(message.createdAtMs)}</time></p>
<p class="body">${body(message.body)}</p>
<p class="meta">from ${escapeHtml(message.from)} · <span class="status">${message.status}</span></p>
</li>`;

const style = `:root{color-scheme:light dark;font:1rem/1.45 system-ui,sans-serif;background:light-dark(#e9edf1,#14171a)}
body{margin:0 auto;padding:1rem;max-width:70rem}
h1{text-align:center;margin:.5rem}
.notice{max-width:38rem;margin:0 auto 1.5rem;border:3px dashed #b5650b;border-radius:.75rem;padding:.5rem 1rem;font-weight:600;text-align:center}
ol{list-style:none;margin:0 auto;padding:0;max-width:38rem;display:flex;flex-direction:column;gap:.8rem}
p{margin:.2rem 0}
.body{white-space:pre-wrap;overflow-wrap:anywhere;padding:.6rem .8rem;border-radius:1.1rem 1.1rem 1.1rem .3rem;background:light-dark(#dfe6ee,#2a3036)}
.body strong{font-size:1.2em;letter-spacing:.06em}.meta{font-size:.75rem;padding-left:.5rem;opacity:.85}
.none{text-align:center}`;

// Adds the messages that have come since, and leaves what is shown, and the focus, where they are.
const script = `const list = document.querySelector('ol');
setInterval(async () => {
  const answer = await fetch('/').catch(() => undefined);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const items = [...fresh.querySelectorAll('li')];
  for (const shown of [...list.children]) if (!items.some(({ id }) => id === shown.id)) shown.remove();
  for (const item of items.reverse()) {
    const shown = document.getElementById(item.id);
    if (!shown) list.prepend(item);
    else shown.querySelector('.status').textContent = item.querySelector('.status').textContent;
  }
  document.querySelector('.none').hidden = items.length > 0;
}, 2000);`;

/** The Content-Security-Policy of the page: its own style and script, and nothing else. */
export const pagePolicy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  "connect-src 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** The phone as people see it: the messages to every number in one list, newest first. Without scripts, reload it. */
export const page = (messages: readonly Message[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Phone simulator – Cl@ve Permanente</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Phone simulator</h1>
<p class="notice">This is a simulation. No text message leaves this computer.</p>
<p class="none"${messages.length > 0 ? ' hidden' : ''}>No message yet.</p>
<ol aria-live="polite" aria-label="Messages">${messages.toReversed().map(item).join('\n')}</ol>
</main>
<script>${script}</script>
</body>
</html>
`;
