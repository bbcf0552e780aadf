// Ticks off the password rules while a password is typed. Sends nothing.
import { recommendationAgainst, unmetRules } from './rules.js';

/** Reads the rules from the data attributes of the list. */
function readRules(list) {
  const items = [...list.querySelectorAll('[data-rule]')];
  const number = (code, name) =>
    Number(list.querySelector(`[data-rule="${code}"]`)?.getAttribute(`data-${name}`));
  const { lowerCase, upperCase, digit, special } = list.dataset;
  return {
    items,
    lengths: {
      shortest: number('too-short', 'shortest'),
      freeFrom: number('needs-digit', 'freefrom'),
      longest: number('too-long', 'longest'),
    },
    groups: { lowerCase, upperCase, digit, special },
  };
}

// The rules that this script can check; those that need the person's data or the server keep their state.
const checkable = [
  'too-short',
  'needs-lower-case',
  'needs-upper-case',
  'needs-digit',
  'needs-special',
  'character-not-allowed',
  'too-long',
];

// A sentinel in the text of the page, which is replaced by the current number. It selects the plural form; its thousands
// separator varies by language.
const numberSentinel = /98[.,\s]?765/;

export function tickOffRules() {
  const list = document.querySelector('[data-rules]');
  const input = document.querySelector('[data-new-password]');
  if (!list || !input) return;
  const { items, lengths, groups } = readRules(list);
  if (items.length === 0) return;
  const status = list.querySelector('[data-rules-status]');
  const own = items.filter((item) => checkable.includes(item.dataset.rule));
  const signs = own.map((item) => {
    const sign = document.createElement('span');
    sign.className = 'govuk-visually-hidden';
    item.prepend(sign);
    return sign;
  });
  const show = () => {
    const unmet = unmetRules(input.value, lengths, groups);
    for (const [index, item] of own.entries()) {
      const isMet = input.value !== '' && !unmet.has(item.dataset.rule);
      item.dataset.state = isMet ? 'met' : 'unmet';
      signs[index].textContent = `${isMet ? list.dataset.met : list.dataset.unmet} `;
    }
    hint(input.value);
    announce(input.value === '' ? undefined : unmet.size);
  };
  let wait;
  // Announced once typing pauses: otherwise a screen reader would be interrupted by every key.
  const announce = (unmet) => {
    clearTimeout(wait);
    if (unmet === undefined) return;
    const { statusNone, statusOne, statusMore } = list.dataset;
    const text =
      unmet === 0 ? statusNone : unmet === 1 ? statusOne : statusMore.replace(numberSentinel, unmet);
    wait = setTimeout(() => {
      status.textContent = text;
    }, 1_000);
  };
  input.addEventListener('input', show);
  show();
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
