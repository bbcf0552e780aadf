// The page that waits for a code by SMS: how far it has come, when another may be asked for, and the code as it is pasted.

/** A code that is pasted with words around it: only its digits are taken. */
export function takePastedCode() {
  const input = document.querySelector('[data-code]');
  input?.addEventListener('paste', (event) => {
    const digits = (event.clipboardData?.getData('text') ?? '').replace(/\D/g, '');
    if (digits.length !== Number(input.dataset.code)) return;
    event.preventDefault();
    input.value = digits;
  });
}

/** Counts down to when another code may be asked for. */
export function countDown() {
  const form = document.querySelector('[data-resend]');
  const text = form?.querySelector('[data-resend-text]');
  const button = form?.querySelector('button');
  const wait = Number(form?.dataset.resend ?? 0);
  if (!text || !button || wait <= 0) return;
  const until = Date.now() + wait * 1_000;
  const tick = () => {
    const seconds = Math.ceil((until - Date.now()) / 1_000);
    button.disabled = seconds > 0;
    if (seconds <= 0) {
      clearInterval(timer);
      text.setAttribute('role', 'status');
      text.textContent = text.dataset.now;
    } else
      text.textContent =
        seconds === 1 ? text.dataset.inOne : text.dataset.in.replace(/98[.,\s]?765/, String(seconds));
  };
  const timer = setInterval(tick, 1_000);
  tick();
}

const askEveryMs = 2_500;
const askAtMost = 40;

/** Says how far the text has come, until it has arrived or failed; goes on if another tab has. */
export function followDelivery() {
  const place = document.querySelector('[data-delivery]');
  if (!place) return;
  let asked = 0;
  // What is being sent here has its own answer, with what only this browser gets: nothing may overtake it.
  let isSending = false;
  document.addEventListener('submit', () => {
    isSending = true;
  });
  // Back on the page that was left.
  window.addEventListener('pageshow', () => {
    isSending = false;
  });
  const ask = async () => {
    asked += 1;
    const response = await fetch(place.dataset.state).catch(() => undefined);
    const { step, delivery, text } = response?.ok ? await response.json().catch(() => ({})) : {};
    if (!isSending && step && step !== 'otp') return location.replace(location.pathname);
    if (delivery && delivery !== place.dataset.delivery) {
      place.className = `govuk-body clave-delivery clave-delivery--${delivery}`;
      place.dataset.delivery = delivery;
      place.textContent = text;
    }
    if (['delivered', 'failed'].includes(place.dataset.delivery) || asked >= askAtMost) return;
    setTimeout(ask, askEveryMs);
  };
  setTimeout(ask, 1_000);
}
