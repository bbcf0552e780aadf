/**
 * A dependency (PostgreSQL, Temporal or every worker) did not reply in time: `handleError` answers with 503. The work may
 * have been accepted; repeating the request is safe.
 */
export class Unavailable extends Error {}

/** The citizen's workflow is gone, and only a registration act starts another (docs/adr/0026). */
export class NoWorkflow extends Unavailable {}
