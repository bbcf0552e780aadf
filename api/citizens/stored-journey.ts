import { z } from 'zod';
import { maskPhone } from '../../domain/identity/phone-number.ts';
import {
  type Delivery,
  deliveries,
  type JourneyKind,
  journeyKinds,
  journeyOutcomes,
  journeySteps,
  lastStep,
} from '../../domain/journeys.ts';
import type { Database } from '../../platform/database.ts';
import type { JourneyView } from '../../workflows/messages.ts';
import { actReceipt } from '../certificates/act-receipts.ts';
import { instant } from '../http/fields.ts';
import { type IdentificationRow, identificationColumns } from '../identification/identification-rows.ts';
import { openedSessionSchema } from '../identification/sessions.ts';

/** The `Journey` resource of the HTTP contract, the same for every kind of journey. */
export const journeySchema = z
  .object({
    id: z.string().meta({ description: 'Opaque: says nothing of the citizen.' }),
    kind: z.enum(journeyKinds),
    step: z.enum(journeySteps),
    outcome: z
      .enum(journeyOutcomes)
      .nullable()
      .meta({ description: 'Null until the step is done or ended.' }),
    otp: z
      .object({
        sentTo: z.string().meta({ example: '•••••1234' }),
        expiresAt: instant,
        resendAfter: instant,
        attemptsLeft: z
          .int()
          .min(0)
          .meta({ description: 'Wrong entries still tolerated; at 0 the next wrong one ends it.' }),
        sendsLeft: z.int().min(0),
        delivery: z.enum(deliveries).meta({
          description:
            'How far the code has come, as the provider says. Failed: it was not taken, or did not arrive; another can be asked for.',
        }),
      })
      .optional()
      .meta({ description: 'At the step otp only.' }),
    expiresAt: instant.meta({ description: 'When the journey ends if left alone.' }),
    passwordExpiresAt: instant.optional(),
    receipt: actReceipt.optional().meta({ description: 'With the activation code.' }),
    activationCode: z.string().optional().meta({
      description: 'Only in the reply that ends an online registration. Told once.',
      example: '7K3QM-Z9XWT',
    }),
    session: openedSessionSchema.optional().meta({ description: 'Only in the reply that ends a sign-in.' }),
  })
  .meta({ id: 'Journey' });

/** The body of every 2xx about a journey; the reply that starts it adds the token, which is returned only there. */
export const journeyReply = z.object({ journey: journeySchema });
export const startedJourneyReply = z.object({
  journey: journeySchema,
  token: z
    .string()
    .meta({ description: 'Sent as `Authorization: Bearer` on every later call on this journey.' }),
});

type PresentedJourney = z.infer<typeof journeySchema>;

const iso = (ms: number): string => new Date(ms).toISOString();

/** Presents the workflow's view of a journey together with phone and delivery, which only PostgreSQL has. */
export function presentJourney(
  view: JourneyView,
  { phone, delivery }: { phone: string | null; delivery: Delivery },
): PresentedJourney {
  const { id, kind, step, outcome, otp, expiresAtMs, passwordExpiresAtMs } = view;
  return {
    id,
    kind,
    step,
    outcome,
    ...(otp && {
      otp: {
        sentTo: maskPhone(phone ?? ''),
        expiresAt: iso(otp.expiresAtMs),
        resendAfter: iso(otp.resendAfterMs),
        attemptsLeft: otp.attemptsLeft,
        sendsLeft: otp.sendsLeft,
        delivery,
      },
    }),
    expiresAt: iso(expiresAtMs),
    ...(passwordExpiresAtMs !== undefined && { passwordExpiresAt: iso(passwordExpiresAtMs) }),
  };
}

/** The row of a journey with its citizen's phone, of an online registration that of its act, and the delivery of its latest SMS. */
export interface StoredJourney extends Omit<IdentificationRow, 'kind'> {
  readonly kind: JourneyKind;
  /** Null: a journey of the citizen's workflow. */
  readonly proof: string | null;
  readonly startedAt: Date;
  readonly passwordExpiresAt: Date | null;
  /** Of an online registration. */
  readonly actId: string | null;
  readonly tokenDigest: string;
  readonly phone: string | null;
  /** Null: no SMS has been reserved yet. */
  readonly delivery: Delivery | null;
}

/** The journey with this id, or with this digest of its token. */
export async function findJourney(
  { pool }: Pick<Database, 'pool'>,
  where: { readonly tokenDigest: string } | { readonly id: string },
): Promise<StoredJourney | null> {
  const [column, value] = 'id' in where ? ['id', where.id] : ['tokenDigest', where.tokenDigest];
  const { rows } = await pool.query<StoredJourney>({
    name: `journey-by-${column}`,
    text: `
      SELECT journey.*, coalesce(act.phone, citizen.phone) AS phone,
        (SELECT delivery FROM "Text" WHERE "journeyId" = journey.id ORDER BY number DESC LIMIT 1) AS delivery
      FROM (SELECT ${identificationColumns}, proof, "startedAt", "passwordExpiresAt", "actId", "tokenDigest" FROM "Journey" WHERE "${column}" = $1) journey
      LEFT JOIN "Citizen" citizen ON citizen.id = journey."citizenId"
      LEFT JOIN "RegistrationAct" act ON act.id = journey."actId"`,
    values: [value],
  });
  return rows[0] ?? null;
}

/** The view of a finished journey, from its row. */
export function finishedView(row: StoredJourney): JourneyView {
  const outcome = row.outcome ?? 'superseded';
  return {
    id: row.id,
    kind: row.kind,
    step: lastStep(outcome),
    outcome,
    expiresAtMs: row.expiresAt.getTime(),
    ...(row.passwordExpiresAt && { passwordExpiresAtMs: row.passwordExpiresAt.getTime() }),
  };
}

/** Presents a view of the journey of a row. `delivery` overrides the row's, when a new SMS has just been queued. */
export const presentFor = (
  row: StoredJourney,
  view: JourneyView,
  delivery?: Delivery,
): { journey: PresentedJourney } => ({
  journey: presentJourney(view, {
    phone: row.phone,
    delivery: delivery ?? row.delivery ?? 'pending',
  }),
});
