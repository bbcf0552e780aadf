import { z } from 'zod';
import { maskPhone } from '../../domain/identity/phone-number.ts';
import {
  type Delivery,
  deliveries,
  type JourneyKind,
  type JourneyOutcome,
  journeyKinds,
  journeyOutcomes,
  journeySteps,
  lastStep,
} from '../../domain/journeys.ts';
import type { Database } from '../../platform/database.ts';
import type { JourneyView } from '../../workflows/messages.ts';
import { instant } from '../http/fields.ts';
import { openedSessionSchema } from '../identification/sessions.ts';

/** The one resource of every journey, as the contract has it. */
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
    session: openedSessionSchema.optional().meta({ description: 'Only in the reply that ends a sign-in.' }),
  })
  .meta({ id: 'Journey' });

/** Every 2xx about a journey; the one that starts it adds the token, told once. */
export const journeyReply = z.object({ journey: journeySchema });
export const startedJourneyReply = z.object({
  journey: journeySchema,
  token: z
    .string()
    .meta({ description: 'Sent as `Authorization: Bearer` on every later call on this journey.' }),
});

type PresentedJourney = z.infer<typeof journeySchema>;

const iso = (ms: number): string => new Date(ms).toISOString();

/** A journey as it is presented: the workflow's view, with what only PostgreSQL knows. */
export function presentJourney(
  view: JourneyView,
  { phone, delivery }: { phone: string | null; delivery: Delivery },
): PresentedJourney {
  const { id, kind, step, outcome, otp, expiresAtMs, passwordExpiresAtMs } = view;
  return {
    ...{ id, kind, step, outcome },
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

const presentedRelations = {
  citizen: true,
  texts: { orderBy: { number: 'desc' }, take: 1, select: { delivery: true } },
} as const;

/** A journey's row, with its citizen and the state of its latest text. */
export type StoredJourney = NonNullable<Awaited<ReturnType<typeof findJourney>>>;

/** The journey that a token was given out for. */
export const findJourney = (db: Database, where: { tokenDigest: string } | { id: string }) =>
  db.prisma.journey.findUnique({ where: where as { id: string }, include: presentedRelations });

/** What is read of a journey once it is over. */
export function finishedView(row: StoredJourney): JourneyView {
  const outcome = (row.outcome ?? 'superseded') as JourneyOutcome;
  return {
    id: row.id,
    kind: row.kind as JourneyKind,
    step: lastStep(outcome),
    outcome,
    expiresAtMs: row.expiresAt.getTime(),
    ...(row.passwordExpiresAt && { passwordExpiresAtMs: row.passwordExpiresAt.getTime() }),
  };
}

/** A view of the journey of this row, presented. `delivery`: another than the row's, where a new text has just been begun. */
export const presentFor = (
  row: StoredJourney,
  view: JourneyView,
  delivery?: Delivery,
): { journey: PresentedJourney } => ({
  journey: presentJourney(view, {
    phone: row.citizen.phone,
    delivery: delivery ?? ((row.texts[0]?.delivery ?? 'pending') as Delivery),
  }),
});
