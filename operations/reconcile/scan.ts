import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import pLimit from 'p-limit';
import type { Database } from '../../platform/database.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { citizenStatus, journeyView } from '../../workflows/messages.ts';
import { compared, type Disagreement, type InPostgres, type InTemporal } from './discrepancies.ts';

/** One citizen, or one journey of one, of whom the two sides say different things. */
export interface Found {
  readonly citizenId: string;
  readonly disagreement: Disagreement;
  readonly journeyId?: string;
  /** The activation code that the workflow had in force. */
  readonly codeId?: string;
}

export interface Sides {
  readonly db: Database;
  readonly client: Client;
  /** Questions to workflows at a time, 200 at most; each may have to be replayed. */
  readonly atOnce?: number;
}

interface Row {
  readonly id: string;
  readonly passwordId: string | null;
  readonly isBlocked: boolean;
  readonly isSuspended: boolean;
  readonly isUnsubscribed: boolean;
  readonly codeId: string | null;
  readonly journeys: readonly string[];
}

/** Rows of PostgreSQL at a time, and the most questions at a time. */
export const batch = 200;
/** Questions at a time, unless more are asked for. */
export const usuallyAtOnce = 8;

const columns = `
  SELECT citizen.id, citizen."codeId", password.id AS "passwordId", password."blockedAt" IS NOT NULL AS "isBlocked",
    citizen."suspendedAt" IS NOT NULL AS "isSuspended", citizen."unsubscribedAt" IS NOT NULL AS "isUnsubscribed",
    ARRAY(SELECT id FROM "Journey" WHERE "citizenId" = citizen.id AND "finishedAt" IS NULL) AS journeys
  FROM "Citizen" citizen LEFT JOIN "Password" password ON password."citizenId" = citizen.id`;

/** Goes through all citizens of PostgreSQL, by id, and then through the workflows of which PostgreSQL knows nothing. */
export async function survey(sides: Sides): Promise<Found[]> {
  const found: Found[] = [];
  for (let last = '00000000-0000-0000-0000-000000000000'; ; ) {
    const { rows } = await sides.db.pool.query<Row>({
      text: `${columns} WHERE citizen.id > $1::uuid ORDER BY citizen.id LIMIT ${batch}`,
      values: [last],
    });
    found.push(...(await all(sides, rows, (row) => differences(sides, row))));
    const next = rows.at(-1)?.id;
    if (!next) break;
    last = next;
  }
  return [...found, ...(await unknownWorkflows(sides))];
}

/** The same look at what was found before: what was only under way then is not found again. */
export async function again(sides: Sides, before: readonly Found[]): Promise<Found[]> {
  const ids = [...new Set(before.map(({ citizenId }) => citizenId))];
  const names = new Set(before.map(nameOf));
  const found = await all(sides, ids, async (id) => {
    const { rows } = await sides.db.pool.query<Row>({
      text: `${columns} WHERE citizen.id = $1::uuid`,
      values: [id],
    });
    const [row] = rows;
    if (row) return differences(sides, row);
    const workflow = await inTemporal(sides, id);
    return compared(undefined, workflow).map((disagreement) => ({ citizenId: id, disagreement }));
  });
  return found.filter((one) => names.has(nameOf(one)));
}

const nameOf = ({ citizenId, disagreement, journeyId = '' }: Found): string =>
  `${citizenId} ${disagreement} ${journeyId}`;

async function differences(sides: Sides, row: Row): Promise<Found[]> {
  const { id: citizenId, passwordId, isBlocked } = row;
  const workflow = await inTemporal(sides, citizenId);
  const inPostgres: InPostgres = { ...row, ...(passwordId && { password: { id: passwordId, isBlocked } }) };
  const leftOpen: Found[] = [];
  for (const journeyId of row.journeys)
    if (!(await isKnown(sides, workflow, citizenId, journeyId)))
      leftOpen.push({ citizenId, disagreement: 'journey-left-open', journeyId });
  return [
    ...compared(inPostgres, workflow).map((disagreement) => ({
      citizenId,
      disagreement,
      ...codeOf(workflow),
    })),
    ...leftOpen,
  ];
}

function codeOf(workflow: InTemporal): Pick<Found, 'codeId'> {
  const [codeId] = workflow.kind === 'running' ? workflow.standing.codeIds : [];
  return codeId ? { codeId } : {};
}

/** @throws Error while Temporal, or every worker, is away: then nothing can be said */
async function inTemporal({ client }: Sides, citizenId: string): Promise<InTemporal> {
  const handle = client.workflow.getHandle(citizenWorkflowId(citizenId));
  try {
    const { status } = await handle.describe();
    if (status.name !== 'COMPLETED' && status.name !== 'RUNNING') return { kind: 'missing' };
    const said = await handle.query(citizenStatus);
    // One that ended may have been begun by an act that was refused: only who had been registered can leave.
    if (status.name === 'COMPLETED') return { kind: said?.status === 'unsubscribed' ? 'left' : 'missing' };
    // Begun, and no act has come to it yet.
    return said ? { kind: 'running', standing: said } : { kind: 'missing' };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return { kind: 'missing' };
    throw error;
  }
}

async function isKnown(
  { client }: Sides,
  workflow: InTemporal,
  citizenId: string,
  journeyId: string,
): Promise<boolean> {
  if (workflow.kind !== 'running') return false;
  const view = await client.workflow.getHandle(citizenWorkflowId(citizenId)).query(journeyView, journeyId);
  return view !== null;
}

async function unknownWorkflows({ db, client }: Sides): Promise<Found[]> {
  const found: Found[] = [];
  const look = async (ids: readonly string[]): Promise<void> => {
    const { rows } = await db.pool.query<{ id: string }>({
      text: 'SELECT id FROM "Citizen" WHERE id = ANY($1::uuid[])',
      values: [ids],
    });
    const known = new Set(rows.map(({ id }) => id));
    for (const citizenId of ids)
      if (!known.has(citizenId)) found.push({ citizenId, disagreement: 'unknown-to-postgres' });
  };
  const prefix = citizenWorkflowId('');
  const ids: string[] = [];
  const query = 'WorkflowType = "citizen" AND ExecutionStatus = "Running"';
  for await (const { workflowId } of client.workflow.list({ query })) {
    ids.push(workflowId.slice(prefix.length));
    if (ids.length === batch) await look(ids.splice(0));
  }
  await look(ids);
  return found;
}

async function all<Item>(
  { atOnce = usuallyAtOnce }: Sides,
  items: readonly Item[],
  work: (item: Item) => Promise<Found[]>,
): Promise<Found[]> {
  const inTurn = pLimit(atOnce);
  return (await Promise.all(items.map((item) => inTurn(() => work(item))))).flat();
}
