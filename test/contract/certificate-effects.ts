import { certificateToken } from '../actors/certificate-holder.ts';
import {
  acceptedCode,
  asListener,
  beginPresentation,
  certifiedAs,
  issueTicket,
  redeem,
  reportOutcome,
  requestTicket,
} from '../actors/certificates.ts';
import { Citizen } from '../actors/citizen.ts';
import { startOnline, tryRegisterOnline } from '../actors/online-registration.ts';
import { requestWithRetry } from '../actors/request.ts';
import { auditTypesOf } from '../database/rows.ts';
import type { Stack } from '../environment/stack.ts';
import type { Effective } from './effects.ts';

const audited = async (stack: Stack, { citizenId }: Citizen, type: string): Promise<number> =>
  (await auditTypesOf(stack, citizenId)).filter((each) => each === type).length;
const actOf = async (stack: Stack, id: string): Promise<string> =>
  (await stack.db.prisma.journey.findUniqueOrThrow({ where: { id } })).actId ?? '';

/** Those of `effects.ts` that have to do with certificates. */
export const certificateRequests: Readonly<Record<string, (stack: Stack) => Promise<Effective>>> = {
  async 'an online registration'(stack) {
    const citizen = new Citizen(stack);
    const token = await certificateToken(stack, citizen.data);
    const { nationalId } = citizen.data;
    return {
      send: (headers) => tryRegisterOnline(stack, citizen, { token, headers }),
      status: 201,
      effects: () => stack.db.prisma.registrationAct.count({ where: { nationalId } }),
    };
  },
  async 'the SMS code of an online registration'(stack) {
    const journey = await startOnline(stack, new Citizen(stack));
    const otp = await journey.otp();
    return {
      send: (headers) => journey.enterOtp(otp, headers),
      status: 200,
      effects: async () =>
        (await stack.db.prisma.journey.count({ where: { id: journey.id, outcome: 'registered' } })) &&
        stack.db.prisma.registrationAct.count({
          where: { appliedAt: { not: null }, id: await actOf(stack, journey.id) },
        }),
    };
  },
  async 'a regeneration with a certificate'(stack) {
    const citizen = await new Citizen(stack).register();
    const token = await certificateToken(stack, citizen.data);
    return {
      send: (headers) => requestWithRetry(stack, 'POST', '/activation-codes', { body: {}, token, headers }),
      status: 201,
      effects: () => audited(stack, citizen, 'activation-code-regenerated'),
    };
  },
  async 'a renewal of the identification'(stack) {
    const citizen = await new Citizen(stack).register();
    const token = await certificateToken(stack, citizen.data);
    return {
      send: (headers) =>
        requestWithRetry(stack, 'POST', '/identification-renewals', { body: {}, token, headers }),
      status: 201,
      effects: () => audited(stack, citizen, 'identification-renewed'),
    };
  },
  async 'a certificate ticket'(stack) {
    const before = await stack.db.prisma.certificateTicket.count();
    return {
      send: (headers) => requestTicket(stack, { headers }),
      status: 201,
      effects: async () => (await stack.db.prisma.certificateTicket.count()) - before,
    };
  },
  async 'the beginning of a presentation'(stack) {
    const { id } = await issueTicket(stack);
    return {
      send: (headers) => beginPresentation(stack, id, { ...asListener(stack), ...headers }),
      status: 201,
      effects: async () =>
        (await stack.db.prisma.certificateTicket.findUniqueOrThrow({ where: { id } })).presentations,
    };
  },
  async 'an accepted certificate'(stack) {
    const { id } = await issueTicket(stack);
    await beginPresentation(stack, id);
    const accepted = certifiedAs(new Citizen(stack).data);
    return {
      send: (headers) => reportOutcome(stack, id, { accepted }, headers),
      status: 200,
      effects: () => stack.db.prisma.certificateIdentification.count({ where: { ticketId: id } }),
    };
  },
  async 'the redemption of a certificate'(stack) {
    const ticket = await issueTicket(stack);
    const code = await acceptedCode(stack, ticket, new Citizen(stack).data);
    const where = { ticketId: ticket.id, redeemedAt: { not: null } };
    return {
      send: (headers) => redeem(stack, ticket, code, headers),
      status: 201,
      effects: () => stack.db.prisma.certificateIdentification.count({ where }),
    };
  },
};
