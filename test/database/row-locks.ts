import { Client, escapeLiteral } from 'pg';
import { tokenDigest } from '../../platform/secrets.ts';
import type { TestDatabase } from '../environment/test-database.ts';
import { until } from '../environment/waiting.ts';
import { queryAsOwner } from './rows.ts';

interface WithDatabase {
  readonly database: Pick<TestDatabase, 'ownerUrl'>;
}

/** Runs a statement in a transaction that stays open until the client's connection ends. */
async function openTransaction(
  { database }: WithDatabase,
  statement: string,
  values: readonly unknown[],
): Promise<Client> {
  const owner = new Client({ connectionString: database.ownerUrl });
  await owner.connect();
  await owner.query('BEGIN');
  await owner.query(statement, [...values]);
  return owner;
}

/** A lock that a test holds. `untilWaitedFor` resolves once another transaction waits for it, or so many of them. */
export interface HeldLock {
  untilWaitedFor(transactions?: number): Promise<void>;
  release(): Promise<void>;
}

/** Blocks the insertion of one audit event by an uncommitted row with its id. */
export const lockAuditRow = (at: WithDatabase, id: string): Promise<HeldLock> =>
  holdLock(at, `INSERT INTO "AuditEvent" (id, type, detail) VALUES ($1, 'held', '{}')`, [id]);

/** Makes each insertion of one audit event fail at once, until the returned function is called. */
export async function rejectAuditRow(at: WithDatabase, id: string): Promise<() => Promise<void>> {
  const change = async (to: string) => {
    await queryAsOwner(at, `ALTER TABLE "AuditEvent" ${to}`);
  };
  await change(`ADD CONSTRAINT rejected CHECK (id <> ${escapeLiteral(id)})`);
  return () => change('DROP CONSTRAINT rejected');
}

/** Locks the row of a citizen's password. */
export const lockPassword = (at: WithDatabase, citizenId: string): Promise<HeldLock> =>
  holdLock(at, 'SELECT 1 FROM "Password" WHERE "citizenId" = $1::uuid FOR UPDATE', [citizenId]);

/** Locks a citizen's row, the first lock of every transaction that takes several. */
export const lockCitizen = (at: WithDatabase, citizenId: string): Promise<HeldLock> =>
  holdLock(at, 'SELECT 1 FROM "Citizen" WHERE id = $1::uuid FOR UPDATE', [citizenId]);

/** Locks the row of a code, a request or whatever else the gateway keeps between requests. */
export const lockArtefact = (at: WithDatabase, kind: string, id: string): Promise<HeldLock> =>
  holdLock(at, 'SELECT 1 FROM "OidcArtefact" WHERE kind = $1 AND id = $2 FOR UPDATE', [
    kind,
    tokenDigest(id),
  ]);

/** Puts another password in force, as `activities/passwords.ts` does, in a transaction that `commit` ends. */
export async function replacePassword(
  at: WithDatabase,
  citizenId: string,
  { hash, keyId }: { hash: string; keyId: string },
): Promise<HeldLock & { commit(): Promise<void> }> {
  const owner = await openTransaction(at, 'SELECT 1 FROM "Citizen" WHERE id = $1::uuid FOR UPDATE', [
    citizenId,
  ]);
  await owner.query('DELETE FROM "Password" WHERE "citizenId" = $1::uuid', [citizenId]);
  await owner.query(
    `INSERT INTO "Password" (id, "citizenId", hash, "keyId", "setAt", "expiresAt")
      VALUES (gen_random_uuid(), $1::uuid, $2, $3, now(), now() + interval '1 day')`,
    [citizenId, hash, keyId],
  );
  const commit = async () => {
    await owner.query('COMMIT');
    await owner.end();
  };
  return { ...heldBy(owner), commit };
}

const holdLock = async (at: WithDatabase, statement: string, values: readonly unknown[]): Promise<HeldLock> =>
  heldBy(await openTransaction(at, statement, values));

function heldBy(owner: Client): HeldLock {
  // The first waits for the transaction; those after it for the row, which the first holds in the queue.
  const waiting = `SELECT 1 FROM pg_locks WHERE NOT granted AND (
    transactionid = pg_current_xact_id_if_assigned()::xid
    OR locktype = 'tuple' AND relation IN (SELECT relation FROM pg_locks WHERE pid = pg_backend_pid()))`;
  return {
    untilWaitedFor: async (transactions = 1) => {
      await until(
        () => owner.query(waiting),
        ({ rows }) => rows.length >= transactions,
      );
    },
    release: () => owner.end(),
  };
}

/** Locks the audit trail against writes. Returns a function that releases it. */
export async function lockAuditTable(at: WithDatabase): Promise<() => Promise<void>> {
  const owner = await openTransaction(at, 'LOCK TABLE "AuditEvent" IN EXCLUSIVE MODE', []);
  return () => owner.end();
}
