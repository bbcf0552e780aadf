// Checks the letter of a DNI or NIE at the desk while it is typed.
import { hasRightLetter } from './rules.js';

export function checkNationalId() {
  const input = document.querySelector('[data-national-id]');
  if (!input) return;
  const place = document.createElement('p');
  place.className = 'govuk-hint';
  place.setAttribute('role', 'status');
  input.insertAdjacentElement('afterend', place);
  input.addEventListener('input', () => {
    const isRight = hasRightLetter(input.value);
    place.textContent =
      isRight === undefined ? '' : isRight ? `✓ ${input.dataset.right}` : `✗ ${input.dataset.wrong}`;
  });
}
