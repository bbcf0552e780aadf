import { describe } from '@jest/globals';
import { chromiumPath } from './chromium.ts';

/** What is proved in a real browser; passed over where there is none, which `global-setup.ts` tells. */
export const describeInBrowser = chromiumPath ? describe : describe.skip;
