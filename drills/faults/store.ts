import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** Queries as the database's owner, repeated while PostgreSQL is away. */
export class Store {
  readonly #pool: pg.Pool;

  constructor(ownerUrl: string) {
    this.#pool = new pg.Pool({
      connectionString: ownerUrl,
      max: 4,
      connectionTimeoutMillis: 2_000,
      query_timeout: 5_000,
    });
    this.#pool.on('error', () => {});
  }

  /** @throws Error after half a minute in vain */
  async rows<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    for (const end = Date.now() + 30_000; ; await sleep(100)) {
      try {
        return (await this.#pool.query<Row>(sql, values)).rows;
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
  }

  stop(): Promise<void> {
    return this.#pool.end();
  }
}
