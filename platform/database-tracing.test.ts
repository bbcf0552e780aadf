import { describe, expect, test } from '@jest/globals';
import { describeStatement } from './database-tracing.ts';

describe('of a statement is told', () => {
  test.each([
    ['INSERT INTO "public"."Journey" ("id") VALUES ($1)', 'INSERT Journey'],
    ['SELECT "public"."Citizen"."id" FROM "public"."Citizen" WHERE 1=1', 'SELECT Citizen'],
    ['SELECT id FROM "Password" WHERE id = $1 FOR UPDATE SKIP LOCKED', 'SELECT Password'],
    ['UPDATE "Text" SET delivery = $1', 'UPDATE Text'],
    ['DELETE FROM "Session" WHERE id = $1', 'DELETE Session'],
    ['SELECT destroy_due_audit()', 'SELECT'],
    ['COMMIT', 'COMMIT'],
    ['\n  WITH a AS (UPDATE "Journey" SET x = $1) INSERT INTO "Text" VALUES ($2)', 'WITH'],
    ['', 'SQL'],
  ])('%s: %s', (text, name) => {
    expect(describeStatement({ text }).name).toBe(name);
  });

  test('the name that we gave it, and none that may be made of anything', () => {
    const text = 'SELECT 1 FROM "Citizen"';
    expect(describeStatement({ text, name: 'lock-password' }).name).toBe('lock-password');
    expect(describeStatement({ text, name: 'p34600000001' }).name).toBe('SELECT Citizen');
  });

  test('nothing of its text', () => {
    const { attributes: notes } = describeStatement({
      text: `SELECT * FROM "Citizen" WHERE email = 'ana@example.org'`,
    });
    expect(notes).toEqual({
      'db.system.name': 'postgresql',
      'db.operation.name': 'SELECT',
      'db.collection.name': 'Citizen',
    });
  });
});
