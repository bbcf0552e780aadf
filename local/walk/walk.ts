import { setTimeout as sleep } from 'node:timers/promises';
import { startService } from './service.ts';
import { Difference, type Reply, Walker } from './walker.ts';

const lifeSeconds = 20;
const citizen = {
  nationalId: 'Z1234567R',
  givenName: 'Íñigo',
  firstSurname: 'Etxeberria',
  email: 'inigo@example.org',
  phone: '+34600000077',
  language: 'en',
};
const { nationalId, email } = citizen;
const passwords = [
  'Nunca-llueve-1!',
  'Siempre-nieva-2!',
  'Hoy-hace-sol-3!',
  'Ayer-granizo-4!',
  'Otra-vez-aqui-5!',
] as const;

/** `npm run walk`: the whole life of one password, over HTTP, on a service of its own. @returns the exit code */
export async function walk(): Promise<number> {
  const service = await startService({
    passwordLife: `PT${lifeSeconds}S`,
    passwordReminders: [],
    startsPerIp: { tries: 1_000, per: 'PT1M' },
  });
  try {
    await wholeLife(new Walker(service, citizen.phone), service.officeKey);
    process.stdout.write('\nEverything was as it ought to be.\n');
    return 0;
  } catch (error) {
    if (!(error instanceof Difference)) throw error;
    process.stderr.write(`\nDIFFERENT: ${error.message}\n`);
    return 1;
  } finally {
    await service.stop();
  }
}

async function wholeLife(walker: Walker, office: string): Promise<void> {
  const [first, second, third, fourth, fifth] = passwords;
  const signIn = (
    what: string,
    password: string,
    expected: { status: number } & Record<string, unknown>,
    assurance = 'basic',
  ) => walker.call(what, 'POST /sessions', { body: { nationalId, password, assurance } }, expected);
  const step = (
    what: string,
    { body }: Reply,
    name: string,
    content: unknown,
    expected: { status: number } & Record<string, unknown>,
  ) =>
    walker.call(
      what,
      `POST /journeys/${body['journey']?.['id']}/${name}`,
      { body: content, token: String(body['token']) },
      expected,
    );
  const enter = async (activationCode: string, kind: string, password: string, outcome: string) => {
    const begun = await walker.call(
      'code entered',
      'POST /activations',
      { body: { nationalId, email, activationCode } },
      { status: 201, 'journey.kind': kind, 'journey.step': 'otp' },
    );
    await step(
      'SMS code entered',
      begun,
      'otp',
      { otp: await walker.text(/password|activate/i) },
      { status: 200, 'journey.step': 'password' },
    );
    await step('password set', begun, 'password', { password }, { status: 200, 'journey.outcome': outcome });
    await walker.text(/password has been set/);
  };

  walker.say('— Registration');
  const registered = await walker.call(
    'registered',
    'POST /registrations',
    { body: citizen, token: office },
    { status: 201 },
  );
  await walker.text(/regist/i);
  const code = String(registered.body['activationCode']);

  walker.say('— Activation');
  await enter(code, 'activation', first, 'activated');

  walker.say('— Sign-in');
  const session = await signIn('signed in', first, {
    status: 201,
    'session.assurance': 'basic',
    'session.previousAccess': null,
  });
  const token = String(session.body['session']?.['token']);
  await walker.call(
    'who am I',
    'GET /sessions/current',
    { token },
    { status: 200, 'citizen.givenName': citizen.givenName },
  );
  const reinforced = await signIn(
    'with SMS',
    first,
    { status: 201, 'journey.kind': 'sign-in' },
    'substantial',
  );
  await step(
    'SMS code entered',
    reinforced,
    'otp',
    { otp: await walker.text(/sign/i) },
    { status: 200, 'journey.outcome': 'signed-in', 'journey.session.assurance': 'substantial' },
  );

  walker.say('— Change');
  const change = await walker.call(
    'change asked for',
    'POST /password-changes',
    { body: { currentPassword: first, newPassword: second }, token },
    { status: 201, 'journey.kind': 'password-change' },
  );
  await signIn('the old one still works', first, { status: 201 });
  await step(
    'SMS code entered',
    change,
    'otp',
    { otp: await walker.text(/change/i) },
    { status: 200, 'journey.outcome': 'password-set' },
  );
  await walker.text(/password has been set/);
  await signIn('the old one no longer', first, { status: 401, code: 'sign-in-refused' });

  walker.say('— Six failures in a row');
  await signIn('the new one works', second, { status: 201 });
  for (let failure = 1; failure <= 6; failure += 1)
    await signIn(`failure ${failure}`, 'Wrong-Password-9!', { status: 401 });
  await signIn('the right one no longer', second, { status: 401, code: 'sign-in-refused' });
  await walker.text(/block/i);
  await walker.call(
    'looked up',
    'POST /citizen-lookups',
    { body: { nationalId }, token: office },
    { status: 200, 'blocked.0': 'password' },
  );

  walker.say('— Reset with the retained code');
  await enter(code, 'password-reset', third, 'password-set');
  await signIn('signed in', third, { status: 201 });

  walker.say(`— Expiry after ${lifeSeconds} seconds`);
  await sleep(lifeSeconds * 1_000);
  const expired = await signIn('expired', third, {
    status: 403,
    code: 'password-expired',
    'journey.kind': 'password-change',
    'journey.step': 'otp',
  });
  await walker.call(
    'looked up',
    'POST /citizen-lookups',
    { body: { nationalId }, token: office },
    { status: 200 },
  );

  walker.say('— Renewal');
  await step(
    'SMS code entered',
    expired,
    'otp',
    { otp: await walker.text(/password/i) },
    { status: 200, 'journey.step': 'password' },
  );
  await step(
    'the previous one',
    expired,
    'password',
    { password: third },
    { status: 422, 'errors.0.code': 'same-as-previous' },
  );
  await step(
    'another one',
    expired,
    'password',
    { password: fourth },
    { status: 200, 'journey.outcome': 'password-set' },
  );
  await walker.text(/password has been set/);
  const renewed = await signIn('signed in', fourth, { status: 201 });

  walker.say('— Regeneration of the activation code');
  const regenerated = await walker.call(
    'regenerated',
    'POST /activation-codes',
    { body: { nationalId }, token: office },
    { status: 201 },
  );
  await walker.text(/receipt|code/i);
  await walker.call(
    'the old code',
    'POST /activations',
    { body: { nationalId, email, activationCode: code } },
    { status: 422 },
  );
  await signIn('the password keeps working', fourth, { status: 201 });

  walker.say('— Unsubscription');
  const leaving = await walker.call(
    'asked for',
    'POST /unsubscriptions',
    { body: {}, token: String(renewed.body['session']?.['token']) },
    { status: 201, 'journey.kind': 'unsubscription' },
  );
  await step(
    'SMS code entered',
    leaving,
    'otp',
    { otp: await walker.text(/leav|unsubscri|cancel/i) },
    { status: 200, 'journey.outcome': 'unsubscribed' },
  );
  await walker.text(/Cl@ve/);
  await signIn('as for an unknown citizen', fourth, { status: 401, code: 'sign-in-refused' });
  await walker.call(
    'the code is dead',
    'POST /activations',
    { body: { nationalId, email, activationCode: String(regenerated.body['activationCode']) } },
    { status: 422 },
  );

  walker.say('— Registration again');
  const again = await walker.call(
    'registered',
    'POST /registrations',
    { body: citizen, token: office },
    { status: 201, citizenId: String(registered.body['citizenId']) },
  );
  await walker.text(/Cl@ve/);
  await enter(String(again.body['activationCode']), 'activation', fifth, 'activated');
  await signIn('signed in', fifth, { status: 201 });
}
