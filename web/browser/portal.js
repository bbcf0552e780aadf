// Progressive enhancement. Each function looks for its elements, and does nothing on a page without them.

import {
  Button,
  createAll,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  ServiceNavigation,
  SkipLink,
} from './govuk-frontend.js';
import { keepWhatWasTyped } from './keep-typed.js';
import { checkNationalId } from './national-id.js';
import { tickOffRules } from './new-password.js';
import { countDown, countDownToExpiry, followDelivery, takePastedCode } from './one-time-password.js';
import { makeHistoryReadable } from './posted-page.js';
import { warnBeforeTimeRunsOut } from './time-limit.js';

for (const component of [
  Button,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  ServiceNavigation,
  SkipLink,
])
  createAll(component);
for (const part of [
  tickOffRules,
  takePastedCode,
  countDownToExpiry,
  countDown,
  followDelivery,
  checkNationalId,
  keepWhatWasTyped,
  makeHistoryReadable,
  warnBeforeTimeRunsOut,
])
  part();
