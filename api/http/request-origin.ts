import type { ApiDependencies } from './dependencies.ts';

/** The source of a request, stored as a row of `Request`. Workflows and the audit trail hold only the id of the row. */
export interface RequestOrigin {
  readonly address: string;
  readonly userAgent: string;
}

/** The parameters of a row of `Request`, in the order of its columns. */
export const originParameters = (
  id: string,
  route: string,
  { address, userAgent }: RequestOrigin,
): unknown[] => [id, address, userAgent.slice(0, 500), route];

/** Stores the origin of a request under its request id: the id of the row. */
export const recordRequest = (
  { db }: Pick<ApiDependencies, 'db'>,
  id: string,
  route: string,
  origin: RequestOrigin,
): Promise<unknown> =>
  db.pool.query({
    name: 'record-request',
    text: 'INSERT INTO "Request" (id, ip, "userAgent", route) VALUES ($1, $2, $3, $4)',
    values: originParameters(id, route, origin),
  });
