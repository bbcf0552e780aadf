import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { certificateHolder } from '../../api/certificates/certificate-holder.ts';
import { useCertificate } from '../../api/certificates/certificate-use.ts';
import type { Reply } from '../../api/http/route.ts';
import { Unavailable } from '../../api/http/unavailable.ts';
import { withEvidence } from '../../api/registration/act-evidence.ts';
import { ResponseRandomness } from '../../platform/response-randomness.ts';
import { keepEvidence } from '../../records/act-evidence.ts';
import { releaseCertificateIdentification } from '../../records/certificate-identifications.ts';
import { certificateIdentification } from '../actors/certificate-holder.ts';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { otherPassword } from '../actors/credentials.ts';
import { registerOnline } from '../actors/online-registration.ts';
import { identify, registerParty } from '../actors/relying-parties.ts';
import { requestWithRetry } from '../actors/request.ts';
import { testSealKey } from '../environment/seal-key.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const stored = async (id: string) => {
  const row = await stack.db.prisma.certificateIdentification.findUniqueOrThrow({ where: { id } });
  return { ...row, profile: 'dnie' as const, tokenDigest: row.tokenDigest ?? '' };
};
const newContext = () => ({ randomness: new ResponseRandomness(), requestId: randomUUID() });
const nothing = async (): Promise<Reply> => ({ status: 200, body: {} });
const isGoodFor = async (id: string, work = nothing): Promise<boolean> =>
  !('problem' in (await useCertificate(newContext(), await stored(id), stack, work)));

describe('a certificate whose call was answered 503', () => {
  test('is good for another call if the first had no effect', async () => {
    const { id } = await certificateIdentification(stack, (await activeCitizen(stack)).data);
    const failing = async () => {
      throw new Unavailable();
    };
    await expect(useCertificate(newContext(), await stored(id), stack, failing)).rejects.toThrow(Unavailable);
    expect(await isGoodFor(id)).toBe(true);
  });

  test('is good for no other if the act was applied all the same', async () => {
    const { citizenId, data } = await activeCitizen(stack);
    const { id } = await certificateIdentification(stack, data);
    const appliedAndLost = () =>
      evidenced(id, (actId) => stack.db.pool.query(keepEvidence(actId, citizenId, new Date())));
    await expect(useCertificate(newContext(), await stored(id), stack, appliedAndLost)).rejects.toThrow(
      Unavailable,
    );
    expect(await isGoodFor(id)).toBe(false);
  });

  test('leaves no evidence: an act that is still under way is not applied any more', async () => {
    const { citizenId, data } = await activeCitizen(stack);
    const { id } = await certificateIdentification(stack, data);
    let act = '';
    const lost = () =>
      evidenced(id, async (actId) => {
        act = actId;
      });
    await expect(useCertificate(newContext(), await stored(id), stack, lost)).rejects.toThrow(Unavailable);
    const { rowCount } = await stack.db.pool.query(keepEvidence(act, citizenId, new Date()));
    expect(rowCount).toBe(0);
    expect(await isGoodFor(id)).toBe(true);
  });
});

/** An act with this certificate, of which the API does not learn whether it was applied. */
async function evidenced(id: string, effect: (actId: string) => Promise<unknown>): Promise<Reply> {
  const actId = randomUUID();
  const clock = { now: () => Date.now() };
  const dependencies = { clock, db: stack.db, ring: stack.ring, sealKey: await testSealKey() };
  const holder = certificateHolder(stack.ring, await stored(id));
  return withEvidence(
    holder,
    { actId, kind: 'code-regeneration', language: 'es' },
    dependencies,
    async () => {
      await effect(actId);
      throw new Unavailable();
    },
  );
}

type Call = (citizen: Citizen, token: string) => Promise<unknown>;
const calls: Readonly<Record<string, Call>> = {
  'a session': (_, token) => post('/sessions/certificate', {}, token),
  'a password': (_, token) => post('/password-changes', { newPassword: otherPassword }, token),
  'an unsubscription': (_, token) => post('/unsubscriptions', {}, token),
  'a new code': (_, token) => post('/activation-codes', {}, token),
  'a renewal': (_, token) => post('/identification-renewals', {}, token),
  'a registration': (citizen, token) => registerOnline(stack, citizen, { token }),
};
const post = (path: string, body: unknown, token: string) =>
  requestWithRetry(stack, 'POST', path, { body, token });

describe('the transaction of an effect marks the certificate, so that no failure after it gives it back:', () => {
  const isGivenBack = async (id: string): Promise<boolean> => {
    const { usedBy } = await stored(id);
    await releaseCertificateIdentification(stack.db, id, usedBy ?? '');
    return (await stored(id)).usedBy === null;
  };

  test.each(Object.entries(calls))('%s', async (_what, call) => {
    const citizen = await activeCitizen(stack);
    const { id, token } = await certificateIdentification(stack, citizen.data);
    await call(citizen, token);
    expect(await isGivenBack(id)).toBe(false);
  });

  test('an identification', async () => {
    const { data } = await activeCitizen(stack);
    const purpose = 'identification';
    const { id, token } = await certificateIdentification(stack, data, { purpose });
    expect((await identify(stack, await registerParty(stack), token)).status).toBe(201);
    expect(await isGivenBack(id)).toBe(false);
  });
});
