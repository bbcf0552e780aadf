import { everyMeans } from './assurance.ts';
import type { AuditEvent } from './audit-events.ts';

/**
 * The events of the audit trail that citizens see of themselves: sign-ins, changes and SMS. The function of the database
 * `citizen_activity` has the same list, since the application's role may not read the trail (docs/adr/0043).
 */
export const activityTypes = [
  'signed-in',
  'sign-in-refused',
  'signed-out',
  'unrecognised-activity-reported',
  'password-set',
  'password-expired',
  'password-blocked',
  'activation-refused',
  'activation-code-blocked',
  'activation-code-regenerated',
  'citizen-registered',
  'identification-renewed',
  'citizen-suspended',
  'citizen-unsubscribed',
  'otp-sent',
  'notice-sent',
  'reminder-sent',
] as const satisfies readonly AuditEvent['type'][];
export type ActivityType = (typeof activityTypes)[number];

/** The means of a sign-in, and of an identification, among these events. */
export const activityMeans = everyMeans;

/** The event of an identification to a relying party: of a row of `Identification`, not of the trail. */
export const identifiedType = 'identified' satisfies AuditEvent['type'];

/** For how long a citizen sees to which relying parties they identified. As `citizen_activity`. */
export const identificationsListed = 'P90D';
