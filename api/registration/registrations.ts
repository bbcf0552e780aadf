import { z } from 'zod';
import type { NationalId } from '../../domain/identity/national-id.ts';
import { registerCitizen } from '../../workflows/messages.ts';
import { issueCode } from '../citizens/issue-code.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { email, instant, language, nationalId, personName, phoneIn } from '../http/fields.ts';
import { type Callers, type RequestContext, route } from '../http/route.ts';
import { Unavailable } from '../http/unavailable.ts';
import { actReviewSchema, reviewAct } from './act-review.ts';

const bodyOf = ({ policy }: Pick<ApiDependencies, 'policy'>) =>
  z.strictObject({
    nationalId,
    givenName: personName,
    firstSurname: personName,
    secondSurname: personName.optional(),
    email,
    phone: phoneIn(policy.phoneCountries),
    language: language.default('es'),
    review: z.boolean().optional().meta({
      description: 'True: nothing is registered; the answer says what the act would replace.',
    }),
  });
export type Declared = z.infer<ReturnType<typeof bodyOf>>;

/** Registers a citizen, or a registered one again: a new act with new data and a new code. [clave], "registration act" */
export const register = route({
  method: 'post',
  path: '/registrations',
  summary: 'Register a citizen',
  description:
    'Again for the same nationalId: a new act. The data declared replace the old, the old activation code is void.',
  tag: 'Registration office',
  caller: 'officer',
  body: bodyOf,
  replies: {
    200: actReviewSchema.meta({ description: 'To a review.' }),
    201: z.object({
      citizenId: z.guid(),
      activationCode: z.string().meta({ example: '7K3QM-Z9XWT' }),
      issuedAt: instant,
    }),
  },
  problems: ['phone-in-use'],
  async handle(context, dependencies) {
    if (context.body.review) return reviewAct(context, dependencies);
    const { body, caller, randomness, requestId } = context;
    const actId = randomness.uuid('act');
    // Of two concurrent first acts for one national id, the second finds the citizen id of the first and repeats its act
    // under that id.
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const citizenId = (await findCitizenId(dependencies, body.nationalId)) ?? randomness.uuid('citizen');
      await stageAct(dependencies, actId, citizenId, context);
      const code = issueCode(dependencies, randomness, citizenId);
      const result = await dependencies.citizens.update(
        registerCitizen,
        {
          ...{ actId, officerId: caller.officerId, requestId, code: code.issue },
          identity: dependencies.policy.identity,
        },
        // Not derived from the response randomness: while no run is open, Temporal replies to a repeated update id with
        // the rejection that a closed run gave to it (PostgreSQL was away, say), for ever. The workflow deduplicates by
        // `actId`.
        { citizenId, updateId: requestId, startIfNone: true },
      );
      if (result.rejected) throw new Unavailable();
      const { outcome } = result;
      switch (outcome.kind) {
        case 'registered': {
          const issuedAt = new Date(outcome.issuedAtMs).toISOString();
          return { status: 201, body: { citizenId, activationCode: code.shown, issuedAt } };
        }
        case 'phone-in-use':
          return { problem: 'phone-in-use' };
        case 'other-citizen':
          continue;
      }
    }
    throw new Unavailable();
  },
});

async function findCitizenId({ db }: ApiDependencies, id: NationalId): Promise<string | undefined> {
  const citizen = await db.prisma.citizen.findUnique({ where: { nationalId: id }, select: { id: true } });
  return citizen?.id;
}

/** Stages the declared data for the workflow's activity, which reads them by the act's id (docs/adr/0015). */
async function stageAct(
  { db }: ApiDependencies,
  actId: string,
  citizenId: string,
  { requestId, caller, body }: RequestContext<Declared, Callers['officer']>,
): Promise<void> {
  const { secondSurname = null, review: _, ...declared } = body;
  const data = { id: actId, citizenId, officerId: caller.officerId, requestId, ...declared, secondSurname };
  await db.prisma.registrationAct.createMany({ data: [data], skipDuplicates: true });
  await db.prisma.registrationAct.updateMany({ where: { id: actId, appliedAt: null }, data: { citizenId } });
}
