import { setTimeout as sleep } from 'node:timers/promises';
import { bearer } from '../../client/client.ts';
import { shortPasswordLifeMs } from '../../local/fleet/isolated-service.ts';
import type { Citizen } from './citizen.ts';
import {
  cancel,
  confirm,
  enterOtp,
  nothingHalfDone,
  redeemCode,
  request,
  signInWith,
} from './identification.ts';
import { onlineRegistration } from './online-registration.ts';
import { type JourneyName, journeySteps } from './plan.ts';
import {
  code,
  newPassword,
  otp,
  password,
  passwordIsSet,
  refusedSignIn,
  regenerate,
  register,
  type Step,
  signIn,
  suspend,
  wrongCode,
  wrongOtp,
} from './steps.ts';
import { must } from './violation.ts';

/** A journey: the steps that precede it, its requests, and the steps that show its result. */
export interface Journey {
  readonly before: readonly Step[];
  readonly steps: readonly Step[];
  readonly afterwards: readonly Step[];
}

const activated: Step[] = [code('activation'), otp('activation'), password('activation', 'activated')];
const reset: Step[] = [
  code('password-reset'),
  otp('password-reset'),
  password('password-reset', 'password-set'),
];
const active: Step[] = [register(), ...activated];
const signedIn: Step[] = [...active, signIn()];

const beginChange: Step = {
  name: 'begin',
  async act(citizen) {
    must(citizen.session !== undefined, 'no session');
    const chosen = newPassword();
    const headers = bearer(citizen.session);
    const passwords = { currentPassword: citizen.password ?? '', newPassword: chosen };
    const { body } = await citizen.call(201, (api) =>
      api.POST('/password-changes', { body: passwords, headers }),
    );
    citizen.journeyStarted(body);
    citizen.expectAudit('journey-begun password-change');
    chosenFor.set(citizen, chosen);
  },
};
const chosenFor = new WeakMap<Citizen, string>();
const changed = (citizen: Citizen) => passwordIsSet(citizen, chosenFor.get(citizen) ?? '', 'password-change');

const beginUnsubscription: Step = {
  name: 'begin',
  async act(citizen) {
    must(citizen.session !== undefined, 'no session');
    const headers = bearer(citizen.session);
    const { body } = await citizen.call(201, (api) => api.POST('/unsubscriptions', { body: {}, headers }));
    citizen.journeyStarted(body);
    citizen.expectAudit('journey-begun unsubscription');
  },
};
const markUnsubscribed = (citizen: Citizen) => {
  if (citizen.password) citizen.formerPasswords.push(citizen.password);
  citizen.password = undefined;
  citizen.session = undefined;
  citizen.status = 'unsubscribed';
  citizen.expectAudit('citizen-unsubscribed', 'notice-sent unsubscribed');
};
const unsubscribed: Step[] = [beginUnsubscription, otp('unsubscription', 'unsubscribed', markUnsubscribed)];

const signedInWithSms = (citizen: Citizen) => citizen.expectAudit('signed-in substantial');

/** Where the policy lets passwords expire after seconds: the clock that started there runs on under any other. */
const expired: Step[] = [
  register(),
  code('activation', ({ environment: { servers } }) => {
    must(servers.shortLifeUrl !== undefined, 'no API lets passwords expire here');
    return servers.shortLifeUrl;
  }),
  otp('activation'),
  password('activation', 'activated'),
  {
    name: 'expiry',
    act: (citizen) => sleep(shortPasswordLifeMs + 100).then(() => citizen.expectAudit('password-expired')),
  },
];
const renewingSignIn: Step = {
  name: 'sign-in',
  async act(citizen) {
    const body = { nationalId: citizen.data.nationalId, password: citizen.password ?? '' };
    citizen.journeyStarted(await citizen.refused(403, (api) => api.POST('/sessions', { body })));
    citizen.expectAudit('journey-begun password-change');
  },
};

const wrong = (number: number): Step => refusedSignIn(`wrong-${number}`, 'wrong-password');
const sixthWrong: Step = {
  name: 'wrong-6',
  async act(citizen) {
    await wrong(6).act(citizen);
    citizen.blocked = ['password'];
    citizen.failures = 6;
    citizen.session = undefined;
    citizen.expectAudit('password-blocked', 'notice-sent password-blocked');
  },
};
const blocked: Step[] = [1, 2, 3, 4, 5].map(wrong).concat(sixthWrong);
/** «It was not me»: blocks as failed sign-ins do, but none is counted. */
const notMe: Step = {
  name: 'not-me',
  async act(citizen) {
    must(citizen.session !== undefined, 'no session');
    const headers = bearer(citizen.session);
    await citizen.call(204, (api) => api.POST('/sessions/not-me', { body: {}, headers }));
    citizen.blocked = ['password'];
    citizen.failures = 0;
    citizen.expectAudit('unrecognised-activity-reported', 'notice-sent password-blocked');
  },
};
/** The session in which it was reported is over, too. */
const sessionIsOver: Step = {
  name: 'session-is-over',
  async act(citizen) {
    const headers = bearer(citizen.session ?? '');
    await citizen.refused(401, (api) => api.GET('/sessions/current', { headers }));
    citizen.session = undefined;
  },
};
const stillBlocked = refusedSignIn('blocked', 'blocked', (citizen) => citizen.password);

/** The steps that precede another registration act, by variant. */
const pasts: readonly (readonly Step[])[] = [active, [...active, suspend], [...signedIn, ...unsubscribed]];

/** The journey of that name. `variant` chooses where it leaves something open. */
export function journeyOf(name: JourneyName, variant: number): Journey {
  const journey = table[name](variant);
  const names = journey.steps.map((step) => step.name);
  if (names.join() !== journeySteps[name].join()) throw new Error(`${name}: ${names}`);
  return journey;
}

const table: Readonly<Record<JourneyName, (variant: number) => Journey>> = {
  registration: () => ({ before: [], steps: [register()], afterwards: activated }),
  'online-registration': () => ({ before: [], steps: onlineRegistration, afterwards: activated }),
  activation: () => ({
    before: [register()],
    steps: [
      wrongCode(),
      code('activation'),
      wrongOtp,
      otp('activation'),
      password('activation', 'activated'),
    ],
    afterwards: [],
  }),
  'sign-in': () => ({ before: active, steps: [signIn()], afterwards: [] }),
  'sign-in-substantial': () => ({
    before: active,
    steps: [signIn('substantial'), otp('sign-in', 'signed-in', signedInWithSms)],
    afterwards: [],
  }),
  'password-change': () => ({
    before: signedIn,
    steps: [beginChange, otp('password-change', 'password-set', changed)],
    afterwards: [],
  }),
  'password-reset': () => ({ before: active, steps: reset, afterwards: [] }),
  renewal: () => ({
    before: expired,
    steps: [renewingSignIn, otp('password-change'), password('password-change', 'password-set')],
    afterwards: [],
  }),
  regeneration: () => ({
    before: active,
    steps: [regenerate],
    afterwards: [wrongCode((citizen) => citizen.voidCodes[0] ?? ''), ...reset],
  }),
  suspension: () => ({
    before: signedIn,
    steps: [suspend],
    afterwards: [refusedSignIn('suspended', 'blocked', (citizen) => citizen.password)],
  }),
  unsubscription: () => ({ before: signedIn, steps: unsubscribed, afterwards: [] }),
  'registration-again': (variant) => ({
    before: pasts[variant] ?? active,
    steps: [register(true)],
    afterwards: [wrongCode((citizen) => citizen.voidCodes[0] ?? ''), ...(variant === 2 ? activated : reset)],
  }),
  block: () => ({ before: signedIn, steps: blocked, afterwards: [stillBlocked] }),
  'not-me': () => ({ before: signedIn, steps: [notMe], afterwards: [sessionIsOver, stillBlocked] }),
  identification: () => ({
    before: active,
    steps: [request('substantial'), signInWith('password-sms'), enterOtp, confirm, redeemCode],
    afterwards: [nothingHalfDone],
  }),
  'identification-cancelled': () => ({
    before: [...active, request('low'), signInWith('password')],
    steps: [cancel],
    afterwards: [],
  }),
};
