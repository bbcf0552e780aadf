import { languages } from '../../domain/languages.ts';
import { allCombinations, allPairs } from './all-pairs.ts';
import { pageStates } from './page-states.ts';

/** The widths (CSS pixels) of a phone, a tablet and a desktop; 320 is that of [WCAG] 1.4.10. */
export const widths = [320, 768, 1280] as const;

const parametersFor = (states: readonly string[]) => ({
  state: states,
  language: languages,
  width: widths,
  colorScheme: ['light', 'dark'] as const,
});

/** The rows of the page tests: every pair of state, language, width and colour scheme, or every combination. */
export const matrixRows = (matrix: 'pairs' | 'all', states: readonly string[] = pageStates) =>
  matrix === 'all' ? allCombinations(parametersFor(states)) : allPairs(parametersFor(states));

/** `all` in `npm run test:pages:all`. */
export const matrix = process.env['CLAVE_PAGE_MATRIX'] === 'all' ? 'all' : 'pairs';

/** For one language (ms): every combination is ten times as many as every pair. */
export const matrixTimeoutMs = matrix === 'all' ? 1_800_000 : 180_000;
