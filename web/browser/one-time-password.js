// The page that asks for the SMS code: pasting the code, the countdowns to its end and to another one, and the delivery of
// the SMS.
import { numbered, secondsUntil, timeLeft } from './countdown.js';
import { otpIn } from './typed-text.js';

/** Takes the code of a pasted text, which may be the whole SMS. Any other text is pasted as it is. */
export function takePastedCode() {
  const input = document.querySelector('[data-code]');
  input?.addEventListener('paste', (event) => {
    const otp = otpIn(event.clipboardData?.getData('text') ?? '');
    if (!otp) return;
    event.preventDefault();
    input.value = otp;
  });
}

const maxCountedSeconds = 120;

/** Counts down to the end of the code, in minutes and then in seconds, and says when it has expired. */
export function countDownToExpiry() {
  const place = document.querySelector('[data-expires]');
  const left = Number(place?.dataset.expires ?? 0);
  if (!place || left <= 0) return;
  const until = Date.now() + left * 1_000;
  const atFirst = place.textContent;
  const tick = () => {
    const seconds = secondsUntil(until);
    if (seconds === 0) {
      clearInterval(timer);
      place.setAttribute('role', 'status');
      place.textContent = place.dataset.expired;
    } else place.textContent = `${atFirst} ${timeLeft(seconds, place.dataset)}`;
  };
  const timer = setInterval(tick, 1_000);
  tick();
}

/** Counts down until another code can be requested. */
export function countDown() {
  const form = document.querySelector('[data-resend]');
  const text = form?.querySelector('[data-resend-text]');
  const button = form?.querySelector('button');
  const wait = Number(form?.dataset.resend ?? 0);
  // A longer wait is told by the hour, as the server wrote it.
  if (!text || !button || wait <= 0 || wait > maxCountedSeconds) return;
  const until = Date.now() + wait * 1_000;
  const tick = () => {
    const seconds = secondsUntil(until);
    button.disabled = seconds > 0;
    if (seconds === 0) {
      clearInterval(timer);
      text.setAttribute('role', 'status');
      text.textContent = text.dataset.now;
    } else text.textContent = numbered(seconds, text.dataset.inOne, text.dataset.in);
  };
  const timer = setInterval(tick, 1_000);
  tick();
}

const pollEveryMs = 2_500;
const maxPolls = 40;

/** Polls the delivery of the SMS until it is delivered or failed; reloads if another tab has moved the journey on. */
export function followDelivery() {
  const place = document.querySelector('[data-delivery]');
  if (!place) return;
  let polls = 0;
  // While a form is being sent, a reload would discard its answer, which sets this browser's cookies.
  let isSending = false;
  document.addEventListener('submit', () => {
    isSending = true;
  });
  // The browser's back button restores the page with its variables.
  window.addEventListener('pageshow', () => {
    isSending = false;
  });
  const poll = async () => {
    polls += 1;
    const response = await fetch(place.dataset.state).catch(() => undefined);
    const { step, delivery, text } = response?.ok ? await response.json().catch(() => ({})) : {};
    if (!isSending && step && step !== 'otp') return location.replace(location.pathname);
    if (delivery && delivery !== place.dataset.delivery) {
      place.className = `govuk-body clave-delivery clave-delivery--${delivery}`;
      place.dataset.delivery = delivery;
      place.textContent = text;
    }
    if (['delivered', 'failed'].includes(place.dataset.delivery) || polls >= maxPolls) return;
    setTimeout(poll, pollEveryMs);
  };
  setTimeout(poll, 1_000);
}
