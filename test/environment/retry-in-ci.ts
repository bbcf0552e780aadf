import { jest } from '@jest/globals';

// On a machine that other things keep busy, a message may take longer than it may wait, and its sender is told 503. Such
// a test runs once more, in CI only; its first failure is printed.
if (process.env['CI']) jest.retryTimes(2, { logErrorsBeforeRetry: true });
