// How long before its end a session of the desk is warned of.
const warnBeforeSeconds = 120;

/** Warns an officer before the session ends for lack of use, and keeps it open on request. */
export function warnBeforeEnd() {
  const bar = document.querySelector('[data-session-seconds]');
  const warning = bar?.querySelector('[data-session-warning]');
  const text = document.querySelector('[data-session-text]');
  if (!bar || !warning || !text) return;
  let endsAt = performance.now() + Number(bar.dataset.sessionSeconds) * 1_000;
  const show = () => {
    const seconds = (endsAt - performance.now()) / 1_000;
    warning.hidden = seconds > warnBeforeSeconds || seconds <= 0;
  };
  bar.querySelector('[data-session-continue]')?.addEventListener('click', async () => {
    const session = await fetch(bar.dataset.sessionRenew)
      .then((response) => response.json())
      .catch(() => ({}));
    if (!session.seconds) return;
    endsAt = performance.now() + session.seconds * 1_000;
    text.textContent = session.text;
    show();
  });
  setInterval(show, 1_000);
  show();
}
