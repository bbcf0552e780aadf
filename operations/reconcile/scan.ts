import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import pLimit from 'p-limit';
import type { Database } from '../../platform/database.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { citizenStatus, journeyView } from '../../workflows/messages.ts';
import { type DiscrepancyKind, diff, type PostgresState, type TemporalState } from './discrepancies.ts';

/** A citizen, or one of their journeys, whose states in PostgreSQL and Temporal differ. */
export interface Discrepancy {
  readonly citizenId: string;
  readonly kind: DiscrepancyKind;
  readonly journeyId?: string;
  /** The activation code in force in the workflow at the time of the scan. */
  readonly codeId?: string;
}

/** PostgreSQL and Temporal. */
export interface Stores {
  readonly db: Database;
  readonly client: Client;
  /** Workflow queries at a time, `batchSize` at most: each may replay a history on a worker. */
  readonly concurrency?: number;
}

interface Row {
  readonly id: string;
  readonly passwordId: string | null;
  readonly isBlocked: boolean;
  readonly isSuspended: boolean;
  readonly isUnsubscribed: boolean;
  readonly codeId: string | null;
  readonly openJourneyIds: readonly string[];
}

/** Citizens that are read from PostgreSQL at a time; also the maximum of `concurrency`. */
export const batchSize = 200;
export const defaultConcurrency = 8;

const select = `
  SELECT citizen.id, citizen."codeId", password.id AS "passwordId", password."blockedAt" IS NOT NULL AS "isBlocked",
    citizen."suspendedAt" IS NOT NULL AS "isSuspended", citizen."unsubscribedAt" IS NOT NULL AS "isUnsubscribed",
    ARRAY(SELECT id FROM "Journey" WHERE "citizenId" = citizen.id AND "finishedAt" IS NULL AND proof IS NULL) AS "openJourneyIds"
  FROM "Citizen" citizen LEFT JOIN "Password" password ON password."citizenId" = citizen.id`;

/**
 * Compares all citizens of PostgreSQL, in the order of their ids, then the running workflows that have no citizen there, and
 * the online registrations under way of people who are no citizens yet.
 * @throws Error while Temporal, or every worker, is unavailable
 */
export async function scan(stores: Stores): Promise<Discrepancy[]> {
  const found: Discrepancy[] = [];
  for (let lastId = '00000000-0000-0000-0000-000000000000'; ; ) {
    const { rows } = await stores.db.pool.query<Row>({
      text: `${select} WHERE citizen.id > $1::uuid ORDER BY citizen.id LIMIT ${batchSize}`,
      values: [lastId],
    });
    found.push(...(await flatMapLimited(stores, rows, (row) => discrepanciesOf(stores, row))));
    const nextId = rows.at(-1)?.id;
    if (!nextId) break;
    lastId = nextId;
  }
  return [
    ...found,
    ...(await workflowsWithoutCitizen(stores)),
    ...(await journeysWithoutCitizen(stores, await unregisteredWithJourneys(stores))),
  ];
}

/** Compares the same citizens again and keeps what still differs: a write that was under way is complete by then. */
export async function rescan(stores: Stores, earlier: readonly Discrepancy[]): Promise<Discrepancy[]> {
  const citizenIds = [...new Set(earlier.map(({ citizenId }) => citizenId))];
  const keys = new Set(earlier.map(keyOf));
  const found = await flatMapLimited(stores, citizenIds, async (citizenId) => {
    const { rows } = await stores.db.pool.query<Row>({
      text: `${select} WHERE citizen.id = $1::uuid`,
      values: [citizenId],
    });
    const [row] = rows;
    if (row) return discrepanciesOf(stores, row);
    const temporal = await readTemporal(stores, citizenId);
    return [
      ...diff(undefined, temporal).map((kind) => ({ citizenId, kind })),
      ...(await journeysWithoutCitizen(stores, [citizenId])),
    ];
  });
  return found.filter((discrepancy) => keys.has(keyOf(discrepancy)));
}

const keyOf = ({ citizenId, kind, journeyId = '' }: Discrepancy): string =>
  `${citizenId} ${kind} ${journeyId}`;

async function discrepanciesOf(stores: Stores, row: Row): Promise<Discrepancy[]> {
  const { id: citizenId, passwordId, isBlocked } = row;
  const temporal = await readTemporal(stores, citizenId);
  const postgres: PostgresState = { ...row, ...(passwordId && { password: { id: passwordId, isBlocked } }) };
  const leftOpen = await journeysLeftOpen(stores, citizenId, row.openJourneyIds);
  const code = codeInForce(temporal);
  return [...diff(postgres, temporal).map((kind) => ({ citizenId, kind, ...code })), ...leftOpen];
}

function codeInForce(temporal: TemporalState): Pick<Discrepancy, 'codeId'> {
  const [codeId] = temporal.kind === 'running' ? temporal.view.codeIds : [];
  return codeId ? { codeId } : {};
}

async function readTemporal({ client }: Stores, citizenId: string): Promise<TemporalState> {
  const handle = client.workflow.getHandle(citizenWorkflowId(citizenId));
  try {
    const { status } = await handle.describe();
    if (status.name !== 'RUNNING') return { kind: 'missing' };
    const current = await handle.query(citizenStatus);
    // Null: started, and its registration act has not arrived.
    return current ? { kind: 'running', view: current } : { kind: 'missing' };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { kind: 'missing' };
    throw error;
  }
}

/** Those of the open journeys of PostgreSQL that the workflow, which may know no citizen yet, does not have. */
async function journeysLeftOpen(
  stores: Stores,
  citizenId: string,
  journeyIds: readonly string[],
): Promise<Discrepancy[]> {
  const isRunning = journeyIds.length > 0 && (await isWorkflowRunning(stores, citizenId));
  const leftOpen: Discrepancy[] = [];
  for (const journeyId of journeyIds)
    if (!isRunning || !(await hasJourney(stores, citizenId, journeyId)))
      leftOpen.push({ citizenId, kind: 'journey-left-open', journeyId });
  return leftOpen;
}

async function hasJourney({ client }: Stores, citizenId: string, journeyId: string): Promise<boolean> {
  const view = await client.workflow.getHandle(citizenWorkflowId(citizenId)).query(journeyView, journeyId);
  return view !== null;
}

async function workflowsWithoutCitizen({ db, client }: Stores): Promise<Discrepancy[]> {
  const found: Discrepancy[] = [];
  const check = async (ids: readonly string[]): Promise<void> => {
    const { rows } = await db.pool.query<{ id: string }>({
      text: 'SELECT id FROM "Citizen" WHERE id = ANY($1::uuid[])',
      values: [ids],
    });
    const known = new Set(rows.map(({ id }) => id));
    for (const citizenId of ids)
      if (!known.has(citizenId)) found.push({ citizenId, kind: 'unknown-to-postgres' });
  };
  const prefix = citizenWorkflowId('');
  const ids: string[] = [];
  const query = 'WorkflowType = "citizen" AND ExecutionStatus = "Running"';
  for await (const { workflowId } of client.workflow.list({ query })) {
    ids.push(workflowId.slice(prefix.length));
    if (ids.length === batchSize) await check(ids.splice(0));
  }
  await check(ids);
  return found;
}

const openOfUnregistered = `
  "finishedAt" IS NULL AND proof IS NULL AND NOT EXISTS (SELECT FROM "Citizen" WHERE id = "Journey"."citizenId")`;

async function unregisteredWithJourneys({ db }: Stores): Promise<string[]> {
  const { rows } = await db.pool.query<{ citizenId: string }>(
    `SELECT DISTINCT "citizenId" FROM "Journey" WHERE ${openOfUnregistered}`,
  );
  return rows.map(({ citizenId }) => citizenId);
}

/** Open online registrations that no workflow knows any more: their people would wait for ever. */
function journeysWithoutCitizen(stores: Stores, citizenIds: readonly string[]): Promise<Discrepancy[]> {
  return flatMapLimited(stores, citizenIds, async (citizenId) => {
    const { rows } = await stores.db.pool.query<{ id: string }>({
      text: `SELECT id FROM "Journey" WHERE "citizenId" = $1::uuid AND ${openOfUnregistered}`,
      values: [citizenId],
    });
    return journeysLeftOpen(
      stores,
      citizenId,
      rows.map(({ id }) => id),
    );
  });
}

async function isWorkflowRunning({ client }: Stores, citizenId: string): Promise<boolean> {
  try {
    return (
      (await client.workflow.getHandle(citizenWorkflowId(citizenId)).describe()).status.name === 'RUNNING'
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

async function flatMapLimited<Item>(
  { concurrency = defaultConcurrency }: Stores,
  items: readonly Item[],
  work: (item: Item) => Promise<Discrepancy[]>,
): Promise<Discrepancy[]> {
  const limit = pLimit(concurrency);
  return (await Promise.all(items.map((item) => limit(() => work(item))))).flat();
}
