import { type Adapter, type AdapterPayload, errors, Provider } from 'oidc-provider';
import type { Pool } from 'pg';
import { removeInBatches } from '../flow/remove-in-batches.ts';
import { insertRequest, type StartedRequest, valuesOfRequest } from '../flow/request-log.ts';
import { type Reads, readsOf } from '../flow/request-reads.ts';
import { voidedCondition } from '../logout/logout-subjects.ts';
import { artefactRead, digest, findArtefact, voidedRead } from './artefact-rows.ts';
import type { Realm } from './realm.ts';
import type { InteractionDetails } from './request-checks.ts';

type Queries = Pick<Pool, 'query'>;

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

const upsert = `
  INSERT INTO "OidcArtefact" (kind, id, payload, "grantId", uid, "expiresAt")
  VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 second')
  ON CONFLICT (kind, id) DO UPDATE SET payload = excluded.payload, "expiresAt" = excluded."expiresAt"`;

/** The request of an interaction, for its row. */
const requestOf = (id: string, { params, prompt }: AdapterPayload): StartedRequest => ({
  ...{ id, protocol: 'oidc', relyingPartyId: String(params?.['client_id']) },
  floor: (prompt as unknown as { details: InteractionDetails }).details.floor,
});

/** What the HTTP request has read that the provider is answering. */
const readsOfAnswered = (): Reads => readsOf(Provider.ctx?.req);

/** One kind of what the provider keeps between requests, in one table. */
export class Artefacts implements Adapter {
  readonly #db: Queries;
  readonly #kind: string;
  /** Stands before each id: providers of two realms share the table. */
  readonly #prefix: string;
  /** What a second use is refused with. */
  readonly #usedTwice: () => Error;

  /** Whether the row of the request is written together with it. */
  readonly #isCounted: boolean;

  constructor(db: Queries, kind: string, { prefix, isCounted }: Pick<Realm, 'prefix' | 'isCounted'>) {
    this.#db = db;
    this.#kind = kind;
    this.#prefix = prefix;
    this.#isCounted = isCounted && kind === 'Interaction';
    this.#usedTwice = () =>
      kind === 'PushedAuthorizationRequest'
        ? new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used')
        : kind === 'Interaction'
          ? new errors.InvalidRequest('this request is over')
          : new errors.InvalidGrant('authorization code already consumed');
  }

  async upsert(id: string, { jti: _id, ...payload }: AdapterPayload, expiresIn: number): Promise<void> {
    this.#forget(id);
    const values = [
      ...[this.#kind, this.#digest(id), JSON.stringify(payload)],
      ...[grantIdOf(id, payload), uidOf(payload), expiresIn],
    ];
    const counted = this.#isCounted ? requestOf(id, payload) : undefined;
    await this.#query(
      counted
        ? {
            name: 'upsert-oidc-interaction',
            text: `WITH counted AS (${insertRequest(7)}) ${upsert}`,
            values: [...values, ...valuesOfRequest(counted)],
          }
        : { name: 'upsert-oidc-artefact', text: upsert, values },
    );
  }

  /** Expired ones too: whether they are is in the payload, and the provider compares. */
  async find(id: string): Promise<AdapterPayload | undefined> {
    return findArtefact(this.#db, this.#keyOf(id), readsOfAnswered()).catch((cause: unknown) => {
      throw unavailable(cause);
    });
  }

  findByUserCode = noStorage.findByUserCode;
  findByUid = noStorage.findByUid;

  /**
   * The gate of everything that is used once. The provider reads a code, checks it and then consumes it: of sixteen
   * redemptions at once all would pass its own check.
   */
  async consume(id: string): Promise<void> {
    this.#forget(id);
    const { rows } = await this.#query<{ accountId: string | null; isVoided: boolean }>({
      name: 'consume-oidc-artefact',
      // Read together with it, for what is done next (`accounts.ts`).
      text: `
        UPDATE "OidcArtefact" SET "consumedAt" = now() WHERE kind = $1 AND id = $2 AND "consumedAt" IS NULL
        RETURNING payload ->> 'accountId' AS "accountId",
          ${voidedCondition(`split_part(payload ->> 'accountId', '.', 1)::uuid`)} AS "isVoided"`,
      values: [this.#kind, this.#digest(id)],
    });
    const [consumed] = rows;
    if (!consumed) throw this.#usedTwice();
    if (consumed.accountId) readsOfAnswered().set(voidedRead(consumed.accountId), consumed.isVoided);
  }

  /** For an interaction a gate too: the provider destroys it before it answers with a code. */
  async destroy(id: string): Promise<void> {
    this.#forget(id);
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

  #keyOf(id: string) {
    return { kind: this.#kind, id, prefix: this.#prefix };
  }

  /** What was read before it is written is read anew. */
  #forget(id: string): void {
    readsOfAnswered().delete(artefactRead(this.#keyOf(id)));
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
export const grantIdOf = (id: string, { kind, grantId }: AdapterPayload): string | null =>
  kind === 'Grant' ? id : (grantId ?? null);

/** Grants are also found by whom they are about, for the logout that a relying party asks for. */
export const uidOf = ({ kind, clientId, accountId }: AdapterPayload): string | null =>
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
