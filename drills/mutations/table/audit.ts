import type { Mutation } from '../mutation.ts';

const migrations = 'test/database/migrations.test.ts';
const upkeep = 'test/activities/upkeep.identifications.test.ts';

/** Promise 25. */
export const auditMutations: readonly Mutation[] = [
  {
    promise: '25',
    name: 'the-application-may-change-the-retention',
    file: 'prisma/grants.ts',
    before: "AuditRetention: 'SELECT',",
    after: "AuditRetention: 'SELECT, UPDATE',",
    tests: [migrations],
  },
  {
    promise: '25',
    name: 'the-application-may-change-the-trail',
    file: 'prisma/grants.ts',
    before: "AuditEvent: 'INSERT',",
    after: "AuditEvent: 'INSERT, UPDATE',",
    tests: [migrations],
  },
  {
    promise: '25',
    name: 'a-refused-phone-is-not-in-the-trail',
    file: 'api/http/problems.ts',
    before: "'phone-in-use': { status: 409, uniform: false, audited: true },",
    after: "'phone-in-use': { status: 409, uniform: false, audited: false },",
    tests: ['test/http/audited-refusals.test.ts'],
  },
  {
    promise: '25',
    name: 'a-sign-in-that-timed-out-is-not-in-the-trail',
    file: 'records/identifications.ts',
    before: `WHERE id IN (SELECT id FROM due)
      RETURNING id, kind, outcome, "citizenId", "requestId")
    \${endsInAudit}\`;`,
    after: `WHERE id IN (SELECT id FROM due)
      RETURNING id)
    SELECT id FROM ended\`;`,
    tests: [upkeep],
  },
  {
    promise: '25',
    name: 'a-refused-entry-has-no-reason-in-the-trail',
    file: 'api/identification/identification-rows.ts',
    before: "{ type: 'otp-refused', ...(reason && { reason }) },",
    after: "{ type: 'otp-refused' },",
    tests: ['test/identification/identification.trail.test.ts'],
  },
  {
    promise: '25',
    name: 'the-activity-of-a-citizen-reaches-further-back',
    file: 'prisma/migrations/20261129110000_certificates/migration.sql',
    before: "INTERVAL '90 days'",
    after: "INTERVAL '92 days'",
    tests: ['test/database/citizen-activity.test.ts'],
  },
  {
    promise: '25',
    name: 'the-activity-tells-of-refused-sms-codes',
    file: 'prisma/migrations/20261129110000_certificates/migration.sql',
    before: "'otp-sent', 'notice-sent',",
    after: "'otp-sent', 'otp-refused', 'notice-sent',",
    tests: ['test/database/citizen-activity.test.ts'],
  },
];
