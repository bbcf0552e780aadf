import { afterAll, beforeAll, test } from '@jest/globals';
import { type Portal, startPortal } from '../browser/browser.ts';
import { describeInBrowser } from '../browser/in-browser.ts';
import { liveWholeLife } from '../browser/whole-life.ts';
import { MovableClock } from '../environment/movable-clock.ts';
import { type Stack, startStack } from '../environment/stack.ts';

describeInBrowser('the whole life of a password', () => {
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

  test('from the desk to the unsubscription', async () => {
    await liveWholeLife({ stack, portal, clock }, { language: 'es', scripts: true });
  });
});
