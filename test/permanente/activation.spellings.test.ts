import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { smsMessage } from '../../platform/locales.ts';
import { Citizen } from '../actors/citizen.ts';
import { wrongCode } from '../actors/credentials.ts';
import { requestWithRetry } from '../actors/request.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

/** Two spellings of one address: as it is typed, and as Chromium sends it. */
const spellings = (local: string) => [`${local}@españa.example`, `${local}@xn--espaa-rta.example`] as const;

describe('an email with a letter that domains write in two ways', () => {
  test('is one address of the citizen, whichever is registered and whichever is entered', async () => {
    for (const order of [(all: readonly string[]) => all, (all: readonly string[]) => all.toReversed()]) {
      const citizen = new Citizen(stack);
      const [registered = '', entered = ''] = order(spellings(`a.${citizen.data.nationalId}`));
      await citizen.register({ email: registered });
      expect((await citizen.tryStartActivation({ email: entered.toUpperCase() })).status).toBe(201);
    }
  });

  test('is one address of nobody, too: wrong entries of both are counted together', async () => {
    const { nationalId } = new Citizen(stack).data;
    const [typed, sent] = spellings('nobody');
    const statuses: number[] = [];
    for (const email of [typed, sent, typed, sent, typed, sent]) {
      const body = { nationalId, email, activationCode: wrongCode };
      statuses.push((await requestWithRetry(stack, 'POST', '/activations', { body })).status);
    }
    expect(statuses).toEqual([422, 422, 422, 422, 422, 423]);
  });
});

test('what copying leaves around each value is taken off before anything is stored or compared', async () => {
  const citizen = new Citizen(stack);
  const { nationalId, email, phone } = citizen.data;
  await citizen.register({
    nationalId: `\u200e${nationalId.slice(0, 8)}–${nationalId.slice(8)}\u00a0`,
    givenName: '\u202aMaría\u00a0José\u202c',
    firstSurname: 'D´Ors',
    secondSurname: 'Martínez‑Bordiú',
    email: `\u200b${email}`,
    phone: `\u202a${phone}\u202c`,
  });
  expect(await stack.db.prisma.citizen.findUnique({ where: { nationalId } })).toMatchObject({
    givenName: 'María José',
    firstSurname: "D'Ors",
    secondSurname: 'Martínez-Bordiú',
    email,
    phone,
  });
  const activationCode = `\ufeff${citizen.activationCode.replace('-', '—')}`;
  Object.assign(citizen.data, { nationalId, email, phone });
  const started = await citizen.tryStartActivation({ activationCode });
  expect(started.status).toBe(201);
  const { journey, token } = started.body;
  const message = smsMessage('otp.activation', 'es', { code: await citizen.otp(), minutes: 10 });
  const entered = await requestWithRetry(stack, 'POST', `/journeys/${journey.id}/otp`, {
    body: { otp: message },
    token,
  });
  expect(entered.body.journey.step).toBe('password');
});
