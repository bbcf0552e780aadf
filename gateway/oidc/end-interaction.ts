import type { AdapterPayload } from 'oidc-provider';
import type { Pool } from 'pg';
import { endRequest, type Outcome } from '../flow/request-log.ts';
import { digest } from './artefact-rows.ts';
import { grantUid } from './artefacts.ts';

/** A grant that is stored together with the end of its request. */
export interface NewGrant {
  readonly id: string;
  readonly payload: AdapterPayload;
  /** Seconds. */
  readonly expiresIn: number;
}

/** How an interaction ends. `prefix`: that of its realm. */
export interface InteractionEnd {
  readonly id: string;
  readonly prefix: string;
  readonly result: object;
  readonly outcome: Outcome;
  readonly grant?: NewGrant;
}

/**
 * Ends an interaction with a result, together with the row of its request and the grant. Only the first end counts, whatever
 * runs at once: the grant of another is not stored. Returns whether the row of the request was written.
 */
export const endInteraction = (
  db: Pick<Pool, 'query'>,
  { id, prefix, result, outcome, grant }: InteractionEnd,
): Promise<boolean> =>
  endRequest(db, `${prefix}${id}`, outcome, {
    name: grant ? 'end-oidc-interaction-with-grant' : 'end-oidc-interaction',
    text: (first) => `
      UPDATE "OidcArtefact" SET payload = payload || jsonb_build_object('result', $${first + 1}::jsonb)
      WHERE kind = 'Interaction' AND id = $${first} AND NOT payload ? 'result' RETURNING 1`,
    values: [digest(`${prefix}${id}`), JSON.stringify(result), ...(grant ? valuesOf(grant, prefix) : [])],
    ...(grant && {
      also: (first: number) => `
        INSERT INTO "OidcArtefact" (kind, id, payload, "grantId", uid, "expiresAt")
        SELECT 'Grant', $${first + 2}, $${first + 3}::jsonb, $${first + 4}, $${first + 5},
          now() + $${first + 6} * interval '1 second'
        FROM ended`,
    }),
  });

const valuesOf = ({ id, payload, expiresIn }: NewGrant, prefix: string): unknown[] => [
  ...[digest(`${prefix}${id}`), JSON.stringify(payload), id],
  ...[grantUid(String(payload.clientId), String(payload.accountId)), expiresIn],
];
