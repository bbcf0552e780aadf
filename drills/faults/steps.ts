import type { Citizen } from './citizen.ts';
import { passwordOf } from './citizen.ts';
import { must } from './violation.ts';

/** One request of a journey, and what must be there before it can be sent. */
export interface Step {
  readonly name: string;
  prepare?(citizen: Citizen): Promise<void>;
  act(citizen: Citizen): Promise<void>;
}

/** A registration act: a new code, the old one void, everything that blocked over. */
export const register = (again = false): Step => ({
  name: 'register',
  async act(citizen) {
    const { body } = await citizen.asOfficer('/registrations', 201, citizen.data);
    must(citizen.id === '' || body.citizenId === citizen.id, 'one national id has two citizens');
    citizen.id = body.citizenId;
    newCode(citizen, body.activationCode);
    citizen.blocked = [];
    citizen.status = citizen.password ? 'active' : 'registered';
    citizen.expect(`citizen-registered ${again}`, `notice-sent ${again ? 'new-act' : 'welcome'}`);
  },
});

export const regenerate: Step = {
  name: 'regenerate',
  async act(citizen) {
    const { nationalId } = citizen.data;
    const { body } = await citizen.asOfficer('/activation-codes', 201, { nationalId });
    newCode(citizen, body.activationCode);
    citizen.expect('activation-code-regenerated', 'notice-sent code-regenerated');
  },
};

export const suspend: Step = {
  name: 'suspend',
  async act(citizen) {
    const { nationalId } = citizen.data;
    await citizen.asOfficer('/suspensions', 201, { nationalId, reason: 'a lost phone' });
    citizen.status = 'suspended';
    citizen.blocked = ['code', 'password'];
    citizen.expect('citizen-suspended', 'notice-sent suspended');
  },
};

function newCode(citizen: Citizen, code: string): void {
  if (citizen.activationCode) citizen.voidCodes.push(citizen.activationCode);
  citizen.activationCode = code;
}

const codeData = (citizen: Citizen, activationCode: string) => {
  const { nationalId, email } = citizen.data;
  return { body: { nationalId, email, activationCode } };
};

/** The activation code, rightly entered. `kind`: which journey it must open. */
export const code = (kind: 'activation' | 'password-reset', url?: (citizen: Citizen) => string): Step => ({
  name: 'code',
  async act(citizen) {
    const answer = await citizen.ask(
      'POST',
      '/activations',
      201,
      codeData(citizen, citizen.activationCode),
      url?.(citizen),
    );
    must(answer.body.journey.kind === kind, `${answer.body.journey.kind} instead of ${kind}`);
    citizen.journeyStarted(answer);
    citizen.expect(`journey-begun ${kind}`);
  },
});

/** Somebody else's code, or one that is void: refused, and counted once. */
export const wrongCode = (which: (citizen: Citizen) => string = () => 'ZZZZZ-ZZZZZ'): Step => ({
  name: 'wrong-code',
  async act(citizen) {
    await citizen.ask('POST', '/activations', 422, codeData(citizen, which(citizen)));
    citizen.expect('activation-refused wrong-code');
  },
});

const typed = new WeakMap<Citizen, string>();
const waitForOtp = async (citizen: Citizen): Promise<void> => {
  typed.set(citizen, await citizen.otp());
};

/** Six other digits: refused, and counted once. */
export const wrongOtp: Step = {
  name: 'wrong-otp',
  prepare: waitForOtp,
  async act(citizen) {
    const wrong = String((Number(typed.get(citizen)) + 1) % 1_000_000).padStart(6, '0');
    const { body } = await citizen.step('otp', 422, { otp: wrong });
    must(
      body.journey.otp?.attemptsLeft === 2,
      `one wrong SMS code leaves ${body.journey.otp?.attemptsLeft} of 3`,
    );
    citizen.expect('otp-refused');
  },
};

/** The SMS code. Where it completes the journey: with which outcome, and what that does. */
export const otp = (kind: string, outcome?: string, done?: (citizen: Citizen) => void): Step => ({
  name: 'otp',
  prepare: waitForOtp,
  async act(citizen) {
    const { body } = await citizen.step('otp', 200, { otp: typed.get(citizen) });
    must(body.journey.outcome === (outcome ?? null), `${body.journey.outcome} after the SMS code`);
    if (body.journey.session) citizen.session = body.journey.session.token;
    citizen.expect('otp-accepted', ...(outcome ? [`journey-finished ${kind} ${outcome}`] : []));
    done?.(citizen);
  },
});

let passwords = 0;
export const newPassword = (): string => {
  passwords += 1;
  return passwordOf(passwords);
};

/** From now on this one, and no other. */
export function passwordIsSet(citizen: Citizen, password: string, by: string): void {
  if (citizen.password) citizen.formerPasswords.push(citizen.password);
  citizen.password = password;
  citizen.status = 'active';
  citizen.blocked = citizen.blocked.filter((what) => what !== 'password');
  citizen.expect(`password-set ${by}`, 'notice-sent password-set');
}

export const password = (kind: string, outcome: 'activated' | 'password-set'): Step => ({
  name: 'password',
  async act(citizen) {
    const chosen = newPassword();
    const { body } = await citizen.step('password', 200, { password: chosen });
    must(body.journey.outcome === outcome, `${body.journey.outcome} after the password`);
    citizen.expect(`journey-finished ${kind} ${outcome}`);
    passwordIsSet(citizen, chosen, kind);
  },
});

/** Signing in with the right password. */
export const signIn = (assurance: 'basic' | 'substantial' = 'basic'): Step => ({
  name: 'sign-in',
  async act(citizen) {
    const { nationalId } = citizen.data;
    const body = { nationalId, password: citizen.password, assurance };
    const answer = await citizen.ask('POST', '/sessions', 201, { body });
    if (assurance === 'basic') {
      citizen.session = answer.body.session.token;
      citizen.expect('signed-in basic');
    } else {
      citizen.journeyStarted(answer);
      citizen.expect('journey-begun sign-in');
    }
  },
});

/** A wrong password, or one that no longer works: refused, for this reason, and counted once. */
export const refusedSignIn = (
  name: string,
  reason: 'wrong-password' | 'blocked' | 'unknown',
  which: (citizen: Citizen) => string | undefined = () => 'Wrong-Password-9!',
): Step => ({
  name,
  async act(citizen) {
    const body = { nationalId: citizen.data.nationalId, password: which(citizen) };
    await citizen.ask('POST', '/sessions', 401, { body });
    // The trail does not say whose it was when there is no password: nothing is compared.
    if (reason !== 'unknown') citizen.expect(`sign-in-refused ${reason}`);
  },
});
