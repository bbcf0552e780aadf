// Ticks off the password rules while a password is typed. Sends nothing.
import { numbered } from './countdown.js';
import { recommendationAgainst, unmetRules } from './rules.js';

// The rules that are listed with a tick; those that need the person's data or the server keep their state.
const ticked = ['too-short', 'needs-lower-case', 'needs-upper-case', 'needs-digit', 'needs-special'];
// Listed only while they are broken.
const listedIfBroken = ['too-long', 'character-not-allowed'];

export function tickOffRules() {
  const list = document.querySelector('[data-rules]');
  const input = document.querySelector('[data-new-password]');
  if (!list || !input) return;
  const { shortest, freeFrom, longest, lowerCase, upperCase, digit, special } = list.dataset;
  const lengths = { shortest: Number(shortest), freeFrom: Number(freeFrom), longest: Number(longest) };
  const groups = { lowerCase, upperCase, digit, special };
  const status = list.querySelector('[data-rules-status]');
  const itemOf = (rule) => list.querySelector(`[data-rule="${rule}"]`);
  const signs = new Map(
    [...ticked, 'free-choice'].map((rule) => {
      const sign = document.createElement('span');
      sign.className = 'govuk-visually-hidden';
      itemOf(rule).prepend(sign);
      return [rule, sign];
    }),
  );
  const tick = (rule, isMet) => {
    itemOf(rule).dataset.state = isMet ? 'met' : 'unmet';
    signs.get(rule).textContent = `${isMet ? list.dataset.met : list.dataset.unmet} `;
  };
  const show = () => {
    for (const mark of list.querySelectorAll('[data-broken]')) mark.remove();
    for (const item of list.querySelectorAll('[data-state="broken"]')) delete item.dataset.state;
    const password = input.value;
    const unmet = unmetRules(password, lengths, groups);
    const isEmpty = password === '';
    for (const rule of ticked) tick(rule, !isEmpty && !unmet.has(rule));
    const length = [...password.normalize('NFC')].length;
    tick('free-choice', length >= lengths.freeFrom && unmet.size === 0);
    for (const rule of listedIfBroken) itemOf(rule).hidden = isEmpty || !unmet.has(rule);
    hint(password);
    announce(isEmpty ? undefined : unmet.size);
  };
  let wait;
  // Announced once typing pauses: otherwise a screen reader would be interrupted by every key.
  const announce = (unmet) => {
    clearTimeout(wait);
    if (unmet === undefined) return;
    const { statusNone, statusOne, statusMore } = list.dataset;
    const text = unmet === 0 ? statusNone : numbered(unmet, statusOne, statusMore);
    wait = setTimeout(() => {
      status.textContent = text;
    }, 1_000);
  };
  input.addEventListener('input', show);
  // After a refusal the list shows what was broken, until something else is typed.
  if (!list.querySelector('[data-state="broken"]')) show();
}

/** Shows the recommendation that a password does not follow beside the field. */
function hint(password) {
  const box = document.querySelector('[data-recommendations]');
  const place = box?.querySelector('[data-hint-text]');
  if (!box || !place) return;
  const code = recommendationAgainst(password);
  const text = code && box.querySelector(`[data-recommendation="${code}"]`)?.textContent;
  place.hidden = !text;
  place.textContent = text ? `${box.dataset.hint} ${text}` : '';
}
