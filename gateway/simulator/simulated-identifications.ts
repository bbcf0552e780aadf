import { createHash, randomUUID } from 'node:crypto';
import { everyMeans, isPasswordMeans, type Level, type Means } from '../../domain/assurance.ts';
import { after } from '../../domain/durations.ts';
import { permittedAttributes } from '../../domain/gateway/attributes.ts';
import { provenBy, shortfallsOf } from '../../domain/gateway/shortfall.ts';
import { partyIdentifications } from '../../domain/limits.ts';
import type { CompletedIdentification } from '../flow/identification-request.ts';
import type { FindIdentification, ReadIdentification } from '../flow/identifications.ts';
import type { RelyingParty } from '../flow/relying-parties.ts';
import type { SimulatedPerson } from './persons.ts';

const maxKept = 10_000;

interface Kept {
  readonly relyingPartyId: string;
  readonly read: ReadIdentification;
  readonly expiresAtMs: number;
}

/** Identifications of invented persons, in memory: what the API is to the pages. */
export class SimulatedIdentifications {
  readonly #kept = new Map<string, Kept>();

  /** Identifies by the weakest means that is enough, or by the one given. Undefined: what there is does not reach it. */
  identify(
    person: SimulatedPerson,
    party: RelyingParty,
    floor: Level,
    chosen?: Means,
  ): CompletedIdentification | undefined {
    const isHeld = (means: Means) => person.registrationLevel !== null || !isPasswordMeans(means);
    const proven = (chosen ? [chosen] : everyMeans)
      .filter(isHeld)
      .map((means) => provenBy(means, person.registrationLevel))
      .find((each) => shortfallsOf(each, party, floor).length === 0);
    if (!proven) return undefined;
    const { means, level } = proven;
    const identificationId = randomUUID();
    const expiresAtMs = after(Date.now(), partyIdentifications.readable);
    const read = {
      ...{ level, means, at: new Date().toISOString() },
      subject: subjectOf(party.sector, person.nationalId),
      attributes: permittedAttributes(person, party.attributes),
    };
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size >= maxKept && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(identificationId, { relyingPartyId: party.id, read, expiresAtMs });
    return { identificationId, level, means, expiresAt: new Date(expiresAtMs).toISOString() };
  }

  /** As when a citizen says «it was not me». */
  void(identificationId: string): void {
    this.#kept.delete(identificationId);
  }

  find: FindIdentification = async (identificationId, relyingPartyId) => {
    const kept = this.#kept.get(identificationId);
    if (!kept || kept.relyingPartyId !== relyingPartyId || kept.expiresAtMs <= Date.now()) return undefined;
    return kept.read;
  };
}

/** Stays the same, so that a test may know it; and is seen to be none of a citizen. */
const subjectOf = (sector: string, nationalId: string): string =>
  `simulated-${createHash('sha256').update(`${sector} ${nationalId}`).digest('base64url')}`;
