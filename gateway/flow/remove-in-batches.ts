import type { Pool } from 'pg';

/** Rows of one statement: one over all that a flood has left would be cancelled. */
const batchSize = 1_000;

/** Repeats a statement that deletes at most `$1` rows until it finds fewer. `name`: of the prepared statement. */
export async function removeInBatches(db: Pick<Pool, 'query'>, name: string, text: string): Promise<void> {
  for (let removed = batchSize; removed === batchSize; ) {
    const { rowCount } = await db.query({ name, text, values: [batchSize] });
    removed = rowCount ?? 0;
  }
}
