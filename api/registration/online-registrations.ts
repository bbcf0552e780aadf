import { z } from 'zod';
import { advisoryLock, executeStatement, type Queries } from '../../platform/database.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { startRegistration } from '../../workflows/messages.ts';
import { workflowErrors } from '../../workflows/workflow-errors.ts';
import { type CertificateHolder, certificateHolder } from '../certificates/certificate-holder.ts';
import { useCertificate } from '../certificates/certificate-use.ts';
import { journeyPolicy } from '../citizens/journey-policy.ts';
import {
  findJourney,
  finishedView,
  presentFor,
  presentJourney,
  startedJourneyReply,
} from '../citizens/stored-journey.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { email, language, phoneIn } from '../http/fields.ts';
import { tooMany } from '../http/problems.ts';
import { type Callers, type Reply, type RequestContext, route } from '../http/route.ts';
import { Unavailable } from '../http/unavailable.ts';
import { withEvidence } from './act-evidence.ts';
import { isPhoneInUse } from './phone-in-use.ts';

const bodyOf = ({ policy }: Pick<ApiDependencies, 'policy'>) =>
  z.strictObject({
    email,
    phone: phoneIn(policy.phoneCountries),
    language: language.default('es'),
    accepted: z.literal(true).meta({ description: 'The conditions of use were accepted.' }),
  });
type OnlineContext = RequestContext<z.infer<ReturnType<typeof bodyOf>>, Callers['act']>;

/**
 * Registers the holder of a certificate, or does so again: an act like the office's, which an SMS code to the declared phone
 * completes. The identity is that of the certificate. [clave], "electronically using an accepted digital certificate"
 */
export const registerOnline = route({
  method: 'post',
  path: '/registrations/online',
  summary: 'Register oneself with a certificate',
  description:
    'Opens a journey: an SMS code to this phone completes the act, and that reply has the activation code. Again for the same person: a new act, as at an office.',
  tag: 'Registration with a certificate',
  caller: 'act',
  isStart: true,
  body: bodyOf,
  replies: { 201: startedJourneyReply },
  problems: ['phone-in-use', 'office-needed'],
  handle: (context, dependencies) =>
    useCertificate(context, context.caller.certificate, dependencies, () => start(context, dependencies)),
});

async function start(context: OnlineContext, dependencies: ApiDependencies): Promise<Reply> {
  const { body, caller, randomness } = context;
  const { db, ring } = dependencies;
  const earlier = context.mayBeRetry && (await finishedEarlier(context, dependencies));
  if (earlier) return earlier;

  const holder = certificateHolder(ring, caller.certificate);
  const { nationalId } = holder.identity;
  const citizen = await db.prisma.citizen.findUnique({ where: { nationalId } });
  if (citizen?.suspendedAt && !holder.isStrong) return { problem: 'office-needed' };
  // Before any SMS: nobody is sent a code for a registration that would be refused.
  if (await isPhoneInUse(db, body.phone, citizen?.id)) return { problem: 'phone-in-use' };

  const actId = randomness.uuid('act');
  const { language, email, phone } = body;
  const act = { actId, kind: 'registration', language, declared: { email, phone } } as const;
  return withEvidence(holder, act, dependencies, async () => {
    const citizenId = await stageOnlineAct(context, { actId, holder }, dependencies);
    return openJourney(context, { actId, citizenId, holder }, dependencies);
  });
}

/** The reply of a journey that is over already: this request is a repetition. */
async function finishedEarlier(
  { randomness }: Pick<OnlineContext, 'randomness'>,
  { db }: Pick<ApiDependencies, 'db'>,
): Promise<Reply | undefined> {
  const row = await findJourney(db, { id: randomness.journeyId() });
  if (!row?.finishedAt) return undefined;
  return {
    status: 201,
    body: { ...presentFor(row, finishedView(row)), token: randomness.token('journey') },
  };
}

async function openJourney(
  context: OnlineContext,
  { actId, citizenId, holder }: { actId: string; citizenId: string; holder: CertificateHolder },
  dependencies: ApiDependencies,
): Promise<Reply> {
  const { body, randomness, requestId } = context;
  const { citizens, policy } = dependencies;
  const journeyId = randomness.journeyId();
  const token = randomness.token('journey');
  const result = await citizens.update(
    startRegistration,
    {
      ...{ journeyId, tokenDigest: tokenDigest(token), requestId, actId },
      certificateId: holder.certificateId,
      isStrong: holder.isStrong,
      identity: policy.identity,
      policy: journeyPolicy(policy, 'registration'),
    },
    // As that of an act at an office (`registrations.ts`): not derived from the response randomness.
    { citizenId, updateId: requestId, startIfNone: true },
  );
  if (result.rejected) {
    if (result.type === workflowErrors.registrationRequired) return { problem: 'office-needed' };
    if (result.type === workflowErrors.tooMany) return tooMany(Number(result.detail));
    // A repetition after the journey's end.
    const over =
      result.type === workflowErrors.noSuchJourney && (await finishedEarlier(context, dependencies));
    if (over) return over;
    throw new Unavailable();
  }
  const { outcome } = result;
  if (outcome.kind === 'too-many') return tooMany(outcome.retryAtMs);
  const journey = presentJourney(outcome.journey, { phone: body.phone, delivery: 'pending' });
  return { status: 201, body: { journey, token } };
}

/**
 * Stages the act. Of two concurrent first starts for one person, on two devices, the second finds the citizen id of the first,
 * so that both reach one workflow, where the later ends the earlier.
 */
const stageOnlineAct = (
  { body, randomness, requestId }: OnlineContext,
  { actId, holder: { certificateId, identity } }: { actId: string; holder: CertificateHolder },
  { db }: Pick<ApiDependencies, 'db'>,
): Promise<string> =>
  db.prisma.$transaction(async (tx) => {
    const { nationalId } = identity;
    await executeStatement(tx, advisoryLock(`online-registration/${nationalId}`));
    const citizenId = (await knownCitizenId(tx, nationalId)) ?? randomness.uuid('citizen');
    const { accepted: _, ...declared } = body;
    const who = { ...identity, secondSurname: identity.secondSurname ?? null };
    const data = { id: actId, citizenId, certificateId, requestId, ...who, ...declared };
    await tx.registrationAct.createMany({ data: [data], skipDuplicates: true });
    await tx.registrationAct.updateMany({ where: { id: actId, appliedAt: null }, data: { citizenId } });
    return citizenId;
  });

async function knownCitizenId(
  tx: Pick<Queries, 'citizen' | 'registrationAct'>,
  nationalId: string,
): Promise<string | undefined> {
  const citizen = await tx.citizen.findUnique({ where: { nationalId }, select: { id: true } });
  if (citizen) return citizen.id;
  const staged = await tx.registrationAct.findFirst({
    where: { nationalId, appliedAt: null, certificateId: { not: null } },
    orderBy: { declaredAt: 'desc' },
    select: { citizenId: true },
  });
  return staged?.citizenId;
}
