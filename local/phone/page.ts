import type { Message } from './message-store.ts';

const REFRESH_SECONDS = 3;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');

// Codes stand out, as a phone's notification would show them.
const body = (text: string): string => escaped(text).replace(/\b[0-9A-Z]{6,}\b/g, '<strong>$&</strong>');

const time = (ms: number): string => {
  const iso = new Date(ms).toISOString();
  return `<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC</time>`;
};

const bubble = (message: Message): string => `<li>
<p class="body">${body(message.body)}</p>
<p class="meta">${time(message.createdAtMs)} · from ${escaped(message.from)} · ${message.status}</p>
</li>`;

const phone = ([number, messages]: [
  string,
  Message[],
]): string => `<section class="phone" aria-labelledby="n${escaped(number)}">
<p class="bar" aria-hidden="true"><span>${clock()}</span><span class="hole"></span><span>▂▄▆ ▮</span></p>
<h2 id="n${escaped(number)}"><span aria-hidden="true">✉</span> ${escaped(number)}</h2>
<ol reversed tabindex="0" aria-labelledby="n${escaped(number)}">${messages.map(bubble).join('\n')}</ol>
<p class="home" aria-hidden="true"></p>
</section>`;

/** The time as a phone's status bar shows it, in the time zone of this machine. */
const clock = (): string => new Date().toTimeString().slice(0, 5);

/** The numbers with the latest message first, and below each its messages, newest first. */
function byNumber(messages: readonly Message[]): [string, Message[]][] {
  const numbers = new Map<string, Message[]>();
  for (const message of messages.toReversed())
    numbers.set(message.to, [...(numbers.get(message.to) ?? []), message]);
  return [...numbers];
}

const style = `:root{color-scheme:light dark;font:1rem/1.45 system-ui,sans-serif;background:light-dark(#e9edf1,#14171a)}
body{margin:0 auto;padding:1rem;max-width:70rem}
h1{text-align:center;margin:.5rem}
.notice{max-width:38rem;margin:0 auto 1.5rem;border:3px dashed #b5650b;border-radius:.75rem;padding:.5rem 1rem;font-weight:600;text-align:center}
.phones{display:flex;flex-wrap:wrap;gap:2rem;justify-content:center}
.phone{width:21rem;max-width:100%;height:40rem;box-sizing:border-box;display:flex;flex-direction:column;border:.7rem solid #17191c;border-radius:2.6rem;overflow:hidden;background:light-dark(#f7f9fb,#0d0f11);box-shadow:0 .6rem 2rem #0006}
.bar{display:grid;grid-template-columns:1fr auto 1fr;align-items:center;margin:0;padding:.45rem 1.2rem .2rem;font-size:.8rem;font-weight:600}
.bar span:last-child{text-align:right}.hole{width:5.5rem;height:1.2rem;border-radius:1rem;background:#17191c}
h2{margin:0;padding:.6rem 1rem;font-size:1.05rem;text-align:center;border-bottom:1px solid #8885}
ol{flex:1;overflow:auto;list-style:none;margin:0;padding:.75rem;display:flex;flex-direction:column;gap:.8rem}
li{align-self:flex-start;max-width:92%}p{margin:.2rem 0}
.body{white-space:pre-wrap;overflow-wrap:anywhere;padding:.6rem .8rem;border-radius:1.1rem 1.1rem 1.1rem .3rem;background:light-dark(#dfe6ee,#2a3036)}
.body strong{font-size:1.2em;letter-spacing:.06em}.meta{font-size:.75rem;padding-left:.5rem;opacity:.85}
.home{width:7rem;height:.3rem;margin:.5rem auto;border-radius:1rem;background:light-dark(#17191c,#e9edf1)}
.none{text-align:center}`;

/** The phone as people see it. It renews itself without a script, so that it works in any browser. */
export function page(messages: readonly Message[]): string {
  const content =
    messages.length === 0 ? '<p class="none">No message yet.</p>' : byNumber(messages).map(phone).join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${REFRESH_SECONDS}">
<title>Phone simulator – Cl@ve Permanente</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Phone simulator</h1>
<p class="notice">This is a simulation. No text message leaves this computer.</p>
<div class="phones">
${content}
</div>
</main>
</body>
</html>
`;
}
