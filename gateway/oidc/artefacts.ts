import { createHash } from 'node:crypto';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { Pool } from 'pg';
import { removeInBatches } from '../flow/remove-in-batches.ts';
import { endRequest, type Outcome } from '../flow/request-log.ts';

type Queries = Pick<Pool, 'query'>;

/** Rows are looked up by digest: codes, tokens and cookies cannot be read from the table. */
const digest = (id: string): string => createHash('sha256').update(id).digest('base64url');

interface ArtefactRow {
  readonly payload: AdapterPayload;
  readonly consumedAt: Date | null;
}

/** Keeps nothing: each request identifies anew, so that no session of the provider may outlive it (docs/adr/0051). */
export const noStorage: Adapter = {
  upsert: async () => undefined,
  find: async () => undefined,
  findByUserCode: async () => undefined,
  findByUid: async () => undefined,
  consume: async () => undefined,
  destroy: async () => undefined,
  revokeByGrantId: async () => undefined,
};

/** One kind of what the provider keeps between requests, in one table. */
export class Artefacts implements Adapter {
  readonly #db: Queries;
  readonly #kind: string;
  /** Stands before each id: providers of two realms share the table. */
  readonly #prefix: string;
  /** What a second use is refused with. */
  readonly #usedTwice: () => Error;

  constructor(db: Queries, kind: string, prefix = '') {
    this.#db = db;
    this.#kind = kind;
    this.#prefix = prefix;
    this.#usedTwice = () =>
      kind === 'PushedAuthorizationRequest'
        ? new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used')
        : kind === 'Interaction'
          ? new errors.InvalidRequest('this request is over')
          : new errors.InvalidGrant('authorization code already consumed');
  }

  async upsert(id: string, { jti: _id, ...payload }: AdapterPayload, expiresIn: number): Promise<void> {
    await this.#query({
      name: 'upsert-oidc-artefact',
      text: `
        INSERT INTO "OidcArtefact" (kind, id, payload, "grantId", uid, "expiresAt")
        VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 second')
        ON CONFLICT (kind, id) DO UPDATE SET payload = excluded.payload, "expiresAt" = excluded."expiresAt"`,
      values: [
        this.#kind,
        this.#digest(id),
        JSON.stringify(payload),
        grantIdOf(id, payload),
        uidOf(payload),
        expiresIn,
      ],
    });
  }

  /** Expired ones too: whether they are is in the payload, and the provider compares. */
  async find(id: string): Promise<AdapterPayload | undefined> {
    const { rows } = await this.#query<ArtefactRow>({
      name: 'find-oidc-artefact',
      text: 'SELECT payload, "consumedAt" FROM "OidcArtefact" WHERE kind = $1 AND id = $2',
      values: [this.#kind, this.#digest(id)],
    });
    const [row] = rows;
    if (!row) return undefined;
    return {
      ...row.payload,
      jti: id,
      ...(row.consumedAt && { consumed: Math.floor(row.consumedAt.getTime() / 1_000) }),
    };
  }

  findByUserCode = noStorage.findByUserCode;
  findByUid = noStorage.findByUid;

  /**
   * The gate of everything that is used once. The provider reads a code, checks it and then consumes it: of sixteen
   * redemptions at once all would pass its own check.
   */
  async consume(id: string): Promise<void> {
    const { rowCount } = await this.#query({
      name: 'consume-oidc-artefact',
      text: 'UPDATE "OidcArtefact" SET "consumedAt" = now() WHERE kind = $1 AND id = $2 AND "consumedAt" IS NULL',
      values: [this.#kind, this.#digest(id)],
    });
    if (rowCount !== 1) throw this.#usedTwice();
  }

  /** For an interaction a gate too: the provider destroys it before it answers with a code. */
  async destroy(id: string): Promise<void> {
    const { rowCount } = await this.#query({
      name: 'destroy-oidc-artefact',
      text: 'DELETE FROM "OidcArtefact" WHERE kind = $1 AND id = $2',
      values: [this.#kind, this.#digest(id)],
    });
    if (this.#kind === 'Interaction' && rowCount !== 1) throw this.#usedTwice();
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.#query({
      name: 'revoke-oidc-artefacts',
      text: 'DELETE FROM "OidcArtefact" WHERE "grantId" = $1 AND kind = $2',
      values: [grantId, this.#kind],
    });
  }

  #digest(id: string): string {
    return digest(`${this.#prefix}${id}`);
  }

  #query<Row extends object>(statement: { name: string; text: string; values: unknown[] }) {
    return this.#db.query<Row>(statement).catch((cause: unknown) => {
      throw unavailable(cause);
    });
  }
}

/** A dependency is away: the relying party may repeat its request. */
export function unavailable(cause?: unknown): Error {
  const error = new errors.TemporarilyUnavailable();
  return Object.assign(error, { status: 503, statusCode: 503, expose: true, allow_redirect: false, cause });
}

/** A grant has its own id there: one condition finds it with all that was issued under it. */
const grantIdOf = (id: string, { kind, grantId }: AdapterPayload): string | null =>
  kind === 'Grant' ? id : (grantId ?? null);

/** Grants are also found by whom they are about, for the logout that a relying party asks for. */
const uidOf = ({ kind, clientId, accountId }: AdapterPayload): string | null =>
  kind === 'Grant' ? grantUid(String(clientId), String(accountId)) : null;

/** Of a grant: which relying party knows whom by it. */
export const grantUid = (clientId: string, accountId: string): string =>
  digest(`${clientId} ${accountId.split('.')[1]}`);

/** Detects a second use of an id, such as that of a client's assertion, in one statement that only inserts. */
export async function isFirstUse(db: Queries, iss: string, jti: string, exp: number): Promise<boolean> {
  const { rowCount } = await db
    .query({
      name: 'insert-replay-detection',
      text: `
      INSERT INTO "OidcArtefact" (kind, id, payload, "expiresAt")
      VALUES ('ReplayDetection', $1, '{}', to_timestamp($2)) ON CONFLICT (kind, id) DO NOTHING`,
      values: [digest(`${iss} ${jti}`), exp],
    })
    .catch((cause: unknown) => {
      throw unavailable(cause);
    });
  return rowCount === 1;
}

/**
 * Ends an interaction with a result, together with the row of its request. Only the first end counts, whatever runs at once.
 * Returns whether the row of the request was written.
 */
export const endInteraction = (db: Queries, id: string, result: object, outcome: Outcome): Promise<boolean> =>
  endRequest(db, id, outcome, {
    name: 'end-oidc-interaction',
    text: (first) => `
      UPDATE "OidcArtefact" SET payload = payload || jsonb_build_object('result', $${first + 1}::jsonb)
      WHERE kind = 'Interaction' AND id = $${first} AND NOT payload ? 'result' RETURNING 1`,
    values: [digest(id), JSON.stringify(result)],
  });

/** Ends the grants by which a relying party knows a subject, with all codes and tokens. */
export async function endGrants(db: Queries, uid: string): Promise<void> {
  await db.query({
    name: 'end-oidc-grants',
    text: `
      DELETE FROM "OidcArtefact" WHERE "grantId" IN (
        SELECT "grantId" FROM "OidcArtefact" WHERE kind = 'Grant' AND uid = $1)`,
    values: [uid],
  });
}

/** Removes what has expired an hour ago, a batch at a time. A used request must be known as long as it can be repeated. */
export const removeExpired = (db: Queries): Promise<void> =>
  removeInBatches(
    db,
    'remove-expired-oidc-artefacts',
    `DELETE FROM "OidcArtefact" WHERE (kind, id) IN (
       SELECT kind, id FROM "OidcArtefact" WHERE "expiresAt" < now() - interval '1 hour'
       ORDER BY "expiresAt" LIMIT $1 FOR UPDATE SKIP LOCKED)`,
  );
