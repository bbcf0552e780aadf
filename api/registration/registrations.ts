import { z } from 'zod';
import type { NationalId } from '../../domain/identity/national-id.ts';
import { activationCodeFrom, showActivationCode } from '../../domain/permanente/activation-code.ts';
import type { ResponseRandomness } from '../../platform/response-randomness.ts';
import { registerCitizen } from '../../workflows/messages.ts';
import { Unavailable } from '../citizens/citizen-client.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { email, instant, language, nationalId, personName, phoneIn } from '../http/fields.ts';
import { type Callers, type RequestContext, route } from '../http/route.ts';

const bodyOf = ({ policy }: Pick<ApiDependencies, 'policy'>) =>
  z.strictObject({
    nationalId,
    givenName: personName,
    firstSurname: personName,
    secondSurname: personName.optional(),
    email,
    phone: phoneIn(policy.phoneCountries),
    language: language.default('es'),
  });
type Declared = z.infer<ReturnType<typeof bodyOf>>;

/** An officer registers a citizen, or again: a new act, new data, a new code. [clave], "registration act". */
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
    201: z.object({
      citizenId: z.guid(),
      activationCode: z.string().meta({ example: '7K3QM-Z9XWT' }),
      issuedAt: instant,
    }),
  },
  problems: ['phone-in-use'],
  async handle(context, dependencies) {
    const actId = context.randomness.uuid('act');
    // Two acts at once for one new citizen: the loser finds the winner's id and registers again under that.
    for (let tries = 0; tries < 3; tries += 1) {
      const citizenId =
        (await citizenIdOf(dependencies, context.body.nationalId)) ?? context.randomness.uuid('citizen');
      await stage(dependencies, actId, citizenId, context);
      const code = newCode(dependencies, context.randomness, citizenId);
      const reply = await dependencies.citizens.update(
        registerCitizen,
        { actId, officerId: context.caller.officerId, requestId: context.requestId, code: code.issue },
        // Not of the seed: where no workflow runs, Temporal answers a message that a closed run has refused, as one that came
        // in an ill moment of PostgreSQL, with that refusal for ever. That an act is done once, the workflow sees to.
        { citizenId, updateId: context.requestId, startIfNone: true },
      );
      if (reply.refused) throw new Unavailable();
      const { outcome } = reply;
      if (outcome.kind === 'phone-in-use') return { problem: 'phone-in-use' };
      if (outcome.kind === 'registered')
        return {
          status: 201,
          body: {
            citizenId,
            activationCode: code.shown,
            issuedAt: new Date(outcome.issuedAtMs).toISOString(),
          },
        };
    }
    throw new Unavailable();
  },
});

/** A new activation code: 50 bits of the answer's seed, as it is shown, and as the workflow keeps it. */
export function newCode(
  { ring, policy }: ApiDependencies,
  randomness: ResponseRandomness,
  citizenId: string,
) {
  const code = activationCodeFrom(randomness.derive('activation-code', 8));
  return {
    shown: showActivationCode(code),
    issue: {
      codeId: randomness.uuid('code'),
      fingerprint: ring.fingerprint('activation-code', [citizenId, code]),
      tolerated: policy.activationCode.tries,
    },
  };
}

async function citizenIdOf({ db }: ApiDependencies, id: NationalId): Promise<string | undefined> {
  const citizen = await db.prisma.citizen.findUnique({ where: { nationalId: id }, select: { id: true } });
  return citizen?.id;
}

/** Leaves what was declared where the workflow's activity finds it: only its id travels (docs/adr/0015). */
async function stage(
  { db }: ApiDependencies,
  actId: string,
  citizenId: string,
  context: RequestContext<Declared, Callers['officer']>,
): Promise<void> {
  const { requestId, caller, body } = context;
  const { secondSurname = null, ...declared } = body;
  const data = { id: actId, citizenId, officerId: caller.officerId, requestId, ...declared, secondSurname };
  await db.prisma.registrationAct.createMany({ data: [data], skipDuplicates: true });
  await db.prisma.registrationAct.updateMany({ where: { id: actId, appliedAt: null }, data: { citizenId } });
}
