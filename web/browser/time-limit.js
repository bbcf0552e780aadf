// Warns two minutes before a session, of a citizen or of the desk, a journey or an identification ends, and asks for more
// time where more is given (WCAG 2.2.1).

import { secondsUntil, timeLeft } from './countdown.js';

const warnBeforeSeconds = 120;

export function warnBeforeTimeRunsOut() {
  const dialog = document.querySelector('[data-time-limit]');
  if (!dialog) return;
  const { extendAt, action, csrf, atMost, over } = dialog.dataset;
  const [left, said] = ['[data-time-left]', '[data-time-said]'].map((name) => dialog.querySelector(name));
  const goOn = dialog.querySelector('[data-go-on]');
  let until = Date.now() + Number(dialog.dataset.timeLimit) * 1_000;
  // Half of a time that is shorter than four minutes.
  const warnBefore = Math.min(warnBeforeSeconds, Number(dialog.dataset.timeLimit) / 2);
  let hasWarned = false;
  const tick = () => {
    const seconds = secondsUntil(until);
    if (seconds > warnBefore) return;
    if (!hasWarned) {
      hasWarned = true;
      if (!dialog.open) dialog.showModal();
    }
    const text = seconds === 0 ? over : timeLeft(seconds, dialog.dataset);
    left.textContent = text;
    // A screen reader is not interrupted each second.
    if (seconds === 0 || seconds % 30 === 0) said.textContent = text;
    if (seconds > 0) return;
    clearInterval(timer);
    if (goOn) goOn.hidden = true;
    if (!dialog.open) dialog.showModal();
  };
  const timer = setInterval(tick, 1_000);
  // Absent where no more time is given.
  goOn?.addEventListener('click', async () => {
    goOn.disabled = true;
    const body = new URLSearchParams({ csrf, action });
    const headers = { Accept: 'application/json' };
    const answer = await fetch(extendAt, { method: 'POST', body, headers }).catch(() => undefined);
    const { secondsLeft = 0, text } = answer?.ok ? await answer.json().catch(() => ({})) : {};
    goOn.disabled = false;
    const extendedUntil = Date.now() + secondsLeft * 1_000;
    // No more time is given: an absolute limit is near, or it was extended before.
    if (extendedUntil < until + 10_000) {
      goOn.hidden = true;
      said.textContent = atMost;
      dialog.querySelector('h2').textContent = atMost;
      return;
    }
    const shown = document.querySelector('[data-until]');
    if (shown && text) shown.textContent = text;
    until = extendedUntil;
    hasWarned = false;
    dialog.close();
  });
  dialog.querySelector('[data-close]').addEventListener('click', () => dialog.close());
}
