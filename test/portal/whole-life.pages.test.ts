import { afterAll, beforeAll, test } from '@jest/globals';
import { languages } from '../../domain/languages.ts';
import { allCombinations } from '../browser/all-pairs.ts';
import { type Portal, startPortal } from '../browser/browser.ts';
import { describeInBrowser } from '../browser/in-browser.ts';
import { matrix } from '../browser/page-matrix.ts';
import { liveWholeLife } from '../browser/whole-life.ts';
import { MovableClock } from '../environment/movable-clock.ts';
import { type Stack, startStack } from '../environment/stack.ts';

describeInBrowser('the whole life of a password in every language', () => {
  let stack: Stack;
  let portal: Portal;
  const clock = new MovableClock();
  beforeAll(async () => {
    stack = await startStack({ clock });
    portal = await startPortal(stack);
  });
  afterAll(async () => {
    await portal?.stop();
    await stack?.stop();
  });

  // The whole life in Spanish with scripts is in `npm test`.
  const every = allCombinations({ language: languages, scripts: [true, false] });
  const alternating = every.filter(
    ({ language, scripts }) => scripts === (languages.indexOf(language) % 2 === 0),
  );
  const rows = (matrix === 'all' ? every : alternating).filter(
    ({ language, scripts }) => !(language === 'es' && scripts),
  );

  test.each(rows)('from the desk to the unsubscription in $language (scripts: $scripts)', async (row) => {
    await liveWholeLife({ stack, portal, clock }, row);
  });
});
