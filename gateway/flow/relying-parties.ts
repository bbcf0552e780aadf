import type { Pool } from 'pg';
import type { Level } from '../../domain/assurance.ts';
import type { OidcRegistration } from '../../domain/gateway/party-file.ts';
import type { RelyingPartyView } from './identification-request.ts';
import { isOpaqueId } from './opaque-id.ts';
import { type Reads, readOnce } from './request-reads.ts';

/** A row of the registry. */
export interface RelyingParty extends Omit<RelyingPartyView, 'host' | 'means'> {
  readonly protocol: string;
  /** Parties of one sector know a citizen by the same subject. */
  readonly sector: string;
  /** The lowest level of registration; null: any. */
  readonly registrationFloor: string | null;
  /** Empty: every one. */
  readonly means: readonly string[];
  readonly oidc: OidcRegistration | null;
  readonly secretDigest: string | null;
}

/** The columns of a row, of the table by this name. */
export const partyColumns = (table: string): string =>
  [
    ...['id', 'name', 'organisation', '"homeUrl"', '"shortName"', 'sector', '"registrationFloor"', 'means'],
    ...['attributes', 'floor', 'protocol', 'oidc', '"secretDigest"'],
  ]
    .map((column) => `${table}.${column}`)
    .join(', ');

/** The name under which a request keeps what it has read of a relying party. */
export const partyRead = (id: string): string => `RelyingParty ${id}`;

/**
 * Reads the registry anew for each HTTP request: what the operator's command changes is in force at once, in every process.
 * `reads`: what this request has read so far.
 */
export async function findRelyingParty(
  db: Pick<Pool, 'query'>,
  id: unknown,
  reads: Reads = new Map(),
): Promise<RelyingParty | undefined> {
  if (!isOpaqueId(id)) return undefined;
  return readOnce(reads, partyRead(id), async () => {
    const { rows } = await db.query<RelyingParty & { floor: Level }>({
      name: 'find-relying-party',
      text: `SELECT ${partyColumns('party')} FROM "RelyingParty" party WHERE party.id = $1 AND party."removedAt" IS NULL`,
      values: [id],
    });
    return rows[0];
  });
}

/** What pages may show of a relying party. `returnAddress`: to which the citizen goes back. */
export const viewOf = (
  { id, name, organisation, homeUrl, shortName, means, attributes, floor }: RelyingParty,
  returnAddress: string,
): RelyingPartyView => ({
  ...{ id, name, organisation, homeUrl, shortName, attributes, floor },
  host: new URL(returnAddress).host,
  means: means.length > 0 ? means : undefined,
});
