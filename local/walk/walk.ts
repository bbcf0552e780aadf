import { setTimeout as sleep } from 'node:timers/promises';
import { startedJourney } from '../../client/activate.ts';
import { bearer, type Journey } from '../../client/client.ts';
import { type JourneyCredential, journeyClient } from '../../client/journey-client.ts';
import { registerCitizen } from '../../client/register-citizen.ts';
import { startWithNpm } from '../fleet/npm-start.ts';
import { cardHolder, certificateLife } from './certificates.ts';
import { Difference, type Expected, Walker } from './walker.ts';

const lifeSeconds = 20;
const citizen = {
  nationalId: 'Z1234567R',
  givenName: 'Íñigo',
  firstSurname: 'Etxeberria',
  email: 'inigo@example.org',
  phone: '+34600000077',
  language: 'en',
} as const;
const { nationalId, email } = citizen;
const passwords = [
  'Nunca-llueve-1!',
  'Siempre-nieva-2!',
  'Hoy-hace-sol-3!',
  'Ayer-granizo-4!',
  'Otra-vez-aqui-5!',
] as const;

/** `npm run walk`: the whole life of one password, then a registration with a certificate, over HTTP, on a service of its own. @returns the exit code */
export async function walk(): Promise<number> {
  const service = await startWithNpm({
    passwordLife: `PT${lifeSeconds}S`,
    passwordReminders: [],
    startsPerIp: { tries: 1_000, per: 'PT1M' },
  });
  try {
    await wholeLife(new Walker(service, citizen.phone), service.officeKey);
    await certificateLife(new Walker(service, cardHolder.phone), service.certificates);
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

async function wholeLife(walker: Walker, officeKey: string): Promise<void> {
  const [first, second, third, fourth, fifth] = passwords;
  const { api } = walker;
  const officer = bearer(officeKey);
  const trySignIn = (password: string, assurance: 'basic' | 'substantial' = 'basic') =>
    api.POST('/sessions', { body: { nationalId, password, assurance } });
  const signIn = async (what: string, password: string, expected: Expected = { status: 201 }) => {
    const answer = await walker.expect(what, trySignIn(password), expected);
    if (!('session' in answer)) throw new Difference('no session');
    return answer.session.token;
  };
  const refuseSignIn = (what: string, password: string, expected: Expected) =>
    walker.expectProblem(what, trySignIn(password), expected);
  const submitOtp = async (journey: JourneyCredential, sms: RegExp, expected: Expected) => {
    const otp = await walker.readSms(sms);
    await walker.expect('SMS code entered', journeyClient(api, journey).submitOtp(otp), expected);
  };
  const startActivation = (activationCode: string) =>
    api.POST('/activations', { body: { nationalId, email, activationCode } });
  const lookUp = (expected: Expected) =>
    walker.expect(
      'looked up',
      api.POST('/citizen-lookups', { body: { nationalId }, headers: officer }),
      expected,
    );
  const enter = async (activationCode: string, kind: Journey['kind'], password: string, outcome: string) => {
    const started = await walker.expect('code entered', startActivation(activationCode), {
      status: 201,
      'journey.kind': kind,
      'journey.step': 'otp',
    });
    const journey = startedJourney(started);
    await submitOtp(journey, /password|activate/i, { status: 200, 'journey.step': 'password' });
    await walker.expect('password set', journeyClient(api, journey).setPassword(password), {
      status: 200,
      'journey.outcome': outcome,
    });
    await walker.readSms(/password has been set/);
  };

  walker.say('— Registration');
  const register = () => registerCitizen(api, { body: citizen, headers: officer });
  const registered = await walker.expect('registered', register(), { status: 201 });
  await walker.readSms(/regist/i);
  const code = registered.activationCode;

  walker.say('— Activation');
  await enter(code, 'activation', first, 'activated');

  walker.say('— Sign-in');
  const token = await signIn('signed in', first, {
    status: 201,
    'session.assurance': 'basic',
    'session.previousAccess': null,
  });
  await walker.expect('who am I', api.GET('/sessions/current', { headers: bearer(token) }), {
    status: 200,
    'citizen.givenName': citizen.givenName,
  });
  const reinforced = await walker.expect('with SMS', trySignIn(first, 'substantial'), {
    status: 201,
    'journey.kind': 'sign-in',
  });
  if (!('journey' in reinforced)) throw new Difference('no journey');
  await submitOtp(startedJourney(reinforced), /sign/i, {
    status: 200,
    'journey.outcome': 'signed-in',
    'journey.session.assurance': 'substantial',
  });

  walker.say('— Change');
  const change = await walker.expect(
    'change asked for',
    api.POST('/password-changes', {
      body: { currentPassword: first, newPassword: second },
      headers: bearer(token),
    }),
    { status: 201, 'journey.kind': 'password-change' },
  );
  await signIn('the old one still works', first);
  await submitOtp(startedJourney(change), /change/i, { status: 200, 'journey.outcome': 'password-set' });
  await walker.readSms(/password has been set/);
  await refuseSignIn('the old one no longer', first, { status: 401, code: 'sign-in-refused' });

  walker.say('— Six failures in a row');
  await signIn('the new one works', second);
  for (let failure = 1; failure <= 6; failure += 1)
    await refuseSignIn(`failure ${failure}`, 'Wrong-Password-9!', { status: 401 });
  await refuseSignIn('the right one no longer', second, { status: 401, code: 'sign-in-refused' });
  await walker.readSms(/block/i);
  await lookUp({ status: 200, 'blocked.0': 'password' });

  walker.say('— Reset with the retained code');
  await enter(code, 'password-reset', third, 'password-set');
  await signIn('signed in', third);

  walker.say(`— Expiry after ${lifeSeconds} seconds`);
  await sleep(lifeSeconds * 1_000);
  const expired = startedJourney(
    await refuseSignIn('expired', third, {
      status: 403,
      code: 'password-expired',
      'journey.kind': 'password-change',
      'journey.step': 'otp',
    }),
  );
  await lookUp({ status: 200 });

  walker.say('— Renewal');
  await submitOtp(expired, /password/i, { status: 200, 'journey.step': 'password' });
  const renewal = journeyClient(api, expired);
  await walker.expectProblem('the previous one', renewal.setPassword(third), {
    status: 422,
    'errors.0.code': 'same-as-previous',
  });
  await walker.expect('another one', renewal.setPassword(fourth), {
    status: 200,
    'journey.outcome': 'password-set',
  });
  await walker.readSms(/password has been set/);
  const renewedToken = await signIn('signed in', fourth);

  walker.say('— Regeneration of the activation code');
  const regenerated = await walker.expect(
    'regenerated',
    api.POST('/activation-codes', { body: { nationalId }, headers: officer }),
    { status: 201 },
  );
  await walker.readSms(/receipt|code/i);
  await walker.expectProblem('the old code', startActivation(code), { status: 422 });
  await signIn('the password keeps working', fourth);

  walker.say('— Unsubscription');
  const leaving = await walker.expect(
    'asked for',
    api.POST('/unsubscriptions', { body: {}, headers: bearer(renewedToken) }),
    { status: 201, 'journey.kind': 'unsubscription' },
  );
  await submitOtp(startedJourney(leaving), /deregister/i, {
    status: 200,
    'journey.outcome': 'unsubscribed',
  });
  await walker.readSms(/Cl@ve/);
  await refuseSignIn('as for an unknown citizen', fourth, { status: 401, code: 'sign-in-refused' });
  await walker.expectProblem('the code is dead', startActivation(regenerated.activationCode), {
    status: 422,
  });

  walker.say('— Registration again');
  const again = await walker.expect('registered', register(), {
    status: 201,
    citizenId: registered.citizenId,
  });
  await walker.readSms(/Cl@ve/);
  await enter(again.activationCode, 'activation', fifth, 'activated');
  await signIn('signed in', fifth);
}
