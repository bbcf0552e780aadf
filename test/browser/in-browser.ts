import { describe } from '@jest/globals';
import { chromiumPath } from './chromium.ts';

/** `describe` for tests in a real browser; skipped where there is none, which `global-setup.ts` reports. */
export const describeInBrowser = chromiumPath ? describe : describe.skip;
