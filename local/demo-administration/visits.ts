import { randomBytes } from 'node:crypto';
import type { Identified, PendingRequest } from './oidc-client.ts';

/** What this site knows of one browser. */
export interface Visit {
  /** Requests under way, by state: two tabs may each have one. */
  readonly pending: Map<string, PendingRequest>;
  identified?: Identified | undefined;
  signOutState?: string | undefined;
  /** Set when the gateway said that the identification is void. */
  voided?: boolean;
}

const maxVisits = 1_000;
const maxPending = 10;

/** The browsers that are here, in memory: a demonstration keeps nothing. */
export class Visits {
  readonly #byId = new Map<string, Visit>();

  find(id: string | undefined): Visit | undefined {
    return id === undefined ? undefined : this.#byId.get(id);
  }

  /** @returns the id for its cookie */
  open(): { id: string; visit: Visit } {
    const oldest = this.#byId.keys().next().value;
    if (this.#byId.size >= maxVisits && oldest !== undefined) this.#byId.delete(oldest);
    const id = randomBytes(32).toString('base64url');
    const visit: Visit = { pending: new Map() };
    this.#byId.set(id, visit);
    return { id, visit };
  }

  remember({ pending }: Visit, request: PendingRequest): void {
    const oldest = pending.keys().next().value;
    if (pending.size >= maxPending && oldest !== undefined) pending.delete(oldest);
    pending.set(request.state, request);
  }

  /** Ends the visit whose session has this id, if it is here. */
  void(sid: string): void {
    for (const visit of this.#byId.values()) {
      if (visit.identified?.idTokenClaims['sid'] !== sid) continue;
      visit.identified = undefined;
      visit.voided = true;
    }
  }
}
