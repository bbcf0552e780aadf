// Keeps what was typed while the language is changed: the link opens the same page anew.

const storeKey = 'clave-typed';

/** The fields whose values may be stored for a moment: no password, no code. */
const fields = () =>
  [...document.querySelectorAll('main form [name]')].filter(
    ({ type, autocomplete }) =>
      ['text', 'email', 'tel', 'checkbox'].includes(type) && !['off', 'one-time-code'].includes(autocomplete),
  );

// The page without its language.
const pageOf = (path) => path.replace(/^\/[^/]*/, '');

export function keepWhatWasTyped() {
  restore();
  for (const link of document.querySelectorAll('.govuk-language-navigation a'))
    link.addEventListener('click', () => {
      const typed = Object.fromEntries(
        fields().map((field) => [field.name, field.type === 'checkbox' ? field.checked : field.value]),
      );
      sessionStorage.setItem(storeKey, JSON.stringify({ page: pageOf(location.pathname), typed }));
    });
}

/** Takes the stored values, once, and only into the page from which they come. */
function restore() {
  const stored = sessionStorage.getItem(storeKey);
  sessionStorage.removeItem(storeKey);
  if (!stored) return;
  const { page, typed } = JSON.parse(stored);
  if (page !== pageOf(location.pathname)) return;
  for (const field of fields()) {
    const value = typed[field.name];
    if (field.type === 'checkbox') field.checked = value === true;
    else if (typeof value === 'string' && !field.value) field.value = value;
  }
}
