import { z } from 'zod';
import {
  everyMeans,
  type Level,
  levels,
  type Means,
  registrationLevelOf,
  registrationLevels,
} from '../../domain/assurance.ts';
import { type AttributeHolder, permittedAttributes } from '../../domain/gateway/attributes.ts';
import { pairwiseSubject } from '../../platform/pairwise-subject.ts';
import type { KeyRing } from '../../platform/secrets.ts';
import { openEvidence } from '../certificates/evidence.ts';
import { instant, relyingPartyId } from '../http/fields.ts';
import { route } from '../http/route.ts';
import { Unavailable } from '../http/unavailable.ts';

/** A row of the registry, the identification and the citizen, as far as the relying party may have something of them. */
interface ReadableIdentification {
  readonly level: Level;
  readonly means: Means;
  readonly at: Date;
  readonly sector: string;
  readonly permitted: readonly string[];
  /** Null for an unregistered person, whose attributes are read from the evidence of the certificate. */
  readonly citizenId: string | null;
  readonly nationalId: string;
  readonly givenName: string;
  readonly firstSurname: string;
  readonly secondSurname: string | null;
  readonly email: string;
  readonly phone: string | null;
  readonly phoneConfirmedAt: Date | null;
  readonly registrationLevel: string;
  readonly certificateId: string | null;
  readonly sealedEvidence: string | null;
}

const attributes = z.object({
  nationalId: z.string().optional(),
  givenName: z.string().optional(),
  firstSurname: z.string().optional(),
  secondSurname: z.string().optional(),
  email: z.string().optional(),
  phone: z.string().optional().meta({ description: 'E.164.' }),
  phoneConfirmed: z.boolean().optional().meta({ description: 'Whether an SMS code has reached that phone.' }),
  registrationLevel: z.enum(registrationLevels).optional(),
});

/**
 * Reads an identification for ten minutes: the subject under which its relying party, and those of its sector, know the
 * citizen, and of the attributes only those that it may have. They are the citizen's of this moment, not of the
 * identification's.
 */
export const readIdentification = route({
  method: 'get',
  path: '/identifications/:id',
  summary: 'What a relying party may know of an identification',
  description:
    'For ten minutes, unless it is voided before. `relyingParty` is the one that asks: the identification of another is not found.',
  tag: 'Identification gateway',
  caller: 'anyone',
  gatewayOnly: true,
  isUnlimited: true,
  query: z.strictObject({ relyingParty: relyingPartyId }),
  replies: {
    200: z.object({
      subject: z
        .string()
        .meta({ description: 'The same for all relying parties of a sector, and for no other.' }),
      level: z.enum(levels),
      means: z.enum(everyMeans),
      at: instant,
      attributes: attributes.meta({ description: 'What is not permitted, or not held, is absent.' }),
    }),
  },
  problems: [],
  async handle({ params: { id }, query: { relyingParty } }, { db, ring, clock, settings }) {
    const { CLAVE_SUBJECT_KEY } = settings;
    if (!CLAVE_SUBJECT_KEY) throw new Unavailable();
    if (!id || !uuid.test(id)) return { problem: 'not-found' };
    const { rows } = await db.pool.query<ReadableIdentification>({
      name: 'read-identification-to-party',
      text: `
        SELECT identification.level, identification.means, identification.at,
          party.sector, party.attributes AS permitted, citizen.id AS "citizenId", certificate.id AS "certificateId",
          certificate."sealedEvidence", citizen."nationalId", citizen."givenName", citizen."firstSurname", citizen."secondSurname", citizen.email,
          citizen.phone, citizen."phoneConfirmedAt", citizen.level AS "registrationLevel"
        FROM "Identification" identification
        JOIN "RelyingParty" party ON party.id = identification."relyingPartyId" AND party."removedAt" IS NULL
        LEFT JOIN "Citizen" citizen ON citizen.id = identification."citizenId"
        LEFT JOIN "CertificateIdentification" certificate
          ON certificate.id = identification."certificateId" AND identification."citizenId" IS NULL
        WHERE identification.id = $1::uuid AND party.id = $2 AND identification."expiresAt" > $3
          AND identification."voidedAt" IS NULL`,
      values: [id, relyingParty, new Date(clock.now())],
    });
    const [found] = rows;
    const holder = found && holderOf(found, ring);
    if (!holder) return { problem: 'not-found' };
    const { level, means, at, sector, permitted } = found;
    const { nationalId } = holder;
    return {
      status: 200,
      body: {
        subject: pairwiseSubject(CLAVE_SUBJECT_KEY, { sector, nationalId }),
        level,
        means,
        at: at.toISOString(),
        attributes: permittedAttributes(holder, permitted),
      },
    };
  },
});

/**
 * The person whose attributes the relying party gets: the citizen, or the unregistered holder of the certificate. Undefined if
 * the evidence of the certificate has been removed.
 */
function holderOf(found: ReadableIdentification, ring: KeyRing): AttributeHolder | undefined {
  const { citizenId, certificateId, sealedEvidence, phoneConfirmedAt, registrationLevel, ...citizen } = found;
  if (citizenId !== null)
    return {
      ...citizen,
      phoneConfirmed: phoneConfirmedAt !== null,
      registrationLevel: registrationLevelOf(registrationLevel),
    };
  if (certificateId === null || sealedEvidence === null) return undefined;
  const { identity } = openEvidence(ring, certificateId, sealedEvidence);
  return { ...identity, email: null, phone: null, phoneConfirmed: false, registrationLevel: null };
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
