import { createHash } from 'node:crypto';
import type { AdapterPayload } from 'oidc-provider';
import type { Pool } from 'pg';
import { isOpaqueId } from '../flow/opaque-id.ts';
import { partyColumns, partyRead, type RelyingParty } from '../flow/relying-parties.ts';
import { type Reads, readOnce } from '../flow/request-reads.ts';

/** Rows are looked up by digest: codes, tokens and cookies cannot be read from the table. */
export const digest = (id: string): string => createHash('sha256').update(id).digest('base64url');

/** Of what the provider keeps, one. `prefix`: that of the realm (`realm.ts`). */
export interface ArtefactKey {
  readonly kind: string;
  readonly id: string;
  readonly prefix: string;
}

/** The name under which a request keeps what it has read of an artefact. */
export const artefactRead = ({ kind, id, prefix }: ArtefactKey): string => `${kind} ${prefix}${id}`;

/** A row, with the grant under which it was issued and its relying party: all null if there is none. */
interface ArtefactRow extends Omit<RelyingParty, 'id'> {
  readonly payload: AdapterPayload;
  readonly consumedAt: Date | null;
  readonly grantPayload: AdapterPayload | null;
  readonly id: string | null;
}

/**
 * Reads one artefact and, in the same statement, what every reader of it asks for next: the grant and the relying party. They
 * are kept for the rest of the request.
 */
export const findArtefact = (
  db: Pick<Pool, 'query'>,
  key: ArtefactKey,
  reads: Reads,
): Promise<AdapterPayload | undefined> =>
  readOnce(reads, artefactRead(key), async () => {
    if (!isOpaqueId(key.id)) return undefined;
    const { rows } = await db.query<ArtefactRow>({
      name: 'find-oidc-artefact',
      text: `
        SELECT found.payload, found."consumedAt", granted.payload AS "grantPayload", ${partyColumns('party')}
        FROM "OidcArtefact" found
        LEFT JOIN "OidcArtefact" granted ON granted.kind = 'Grant' AND found.kind <> 'Grant'
          AND granted."grantId" = coalesce(found."grantId", found.payload #>> '{result,consent,grantId}')
        LEFT JOIN "RelyingParty" party ON party."removedAt" IS NULL
          AND party.id = coalesce(found.payload ->> 'clientId', found.payload #>> '{params,client_id}')
        WHERE found.kind = $1 AND found.id = $2`,
      values: [key.kind, digest(`${key.prefix}${key.id}`)],
    });
    const [row] = rows;
    if (!row) return undefined;
    const { payload, consumedAt, grantPayload, id, ...party } = row;
    const keep = (name: string, value: unknown) => void (reads.has(name) || reads.set(name, value));
    const grantId = payload.grantId ?? payload.result?.consent?.grantId;
    if (grantId !== undefined)
      keep(
        artefactRead({ kind: 'Grant', id: grantId, prefix: key.prefix }),
        grantPayload ? { ...grantPayload, jti: grantId } : undefined,
      );
    if (id !== null) keep(partyRead(id), { id, ...party });
    return {
      ...payload,
      jti: key.id,
      ...(consumedAt && { consumed: Math.floor(consumedAt.getTime() / 1_000) }),
    };
  });

/** The name under which a request keeps whether the identification of an account was voided. */
export const voidedRead = (accountId: string): string => `voided ${accountId}`;
