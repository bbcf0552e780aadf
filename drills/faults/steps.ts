import { registerCitizen } from '../../client/register-citizen.ts';
import type { Citizen } from './citizen.ts';
import { passwordOf } from './citizen.ts';
import { must } from './violation.ts';

/** One request of a journey, and the preparation without which it cannot be sent. */
export interface Step {
  readonly name: string;
  prepare?(citizen: Citizen): Promise<void>;
  act(citizen: Citizen): Promise<void>;
}

/** A registration act: a new code, the old one void, everything that blocked over. */
export const register = (again = false): Step => ({
  name: 'register',
  async act(citizen) {
    const { body } = await citizen.call(201, (api) =>
      registerCitizen(api, { body: citizen.data, headers: citizen.officer }),
    );
    must(citizen.id === '' || body.citizenId === citizen.id, 'one national id has two citizens');
    citizen.id = body.citizenId;
    newCode(citizen, body.activationCode);
    citizen.blocked = [];
    citizen.status = citizen.password ? 'active' : 'registered';
    citizen.expectAudit(`citizen-registered ${again}`, `notice-sent ${again ? 'new-act' : 'welcome'}`);
  },
});

export const regenerate: Step = {
  name: 'regenerate',
  async act(citizen) {
    const { nationalId } = citizen.data;
    const { body } = await citizen.call(201, (api) =>
      api.POST('/activation-codes', { body: { nationalId }, headers: citizen.officer }),
    );
    newCode(citizen, body.activationCode);
    citizen.expectAudit('activation-code-regenerated', 'notice-sent code-regenerated');
  },
};

export const suspend: Step = {
  name: 'suspend',
  async act(citizen) {
    const { nationalId } = citizen.data;
    const body = { nationalId, reason: 'a lost phone' };
    await citizen.call(201, (api) => api.POST('/suspensions', { body, headers: citizen.officer }));
    citizen.status = 'suspended';
    citizen.blocked = ['code', 'password'];
    citizen.expectAudit('citizen-suspended', 'notice-sent suspended');
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

/** The right activation code. `kind`: which journey it must open. */
export const code = (kind: 'activation' | 'password-reset', url?: (citizen: Citizen) => string): Step => ({
  name: 'code',
  async act(citizen) {
    const { body } = await citizen.call(
      201,
      (api) => api.POST('/activations', codeData(citizen, citizen.activationCode)),
      url?.(citizen),
    );
    must(body.journey.kind === kind, `${body.journey.kind} instead of ${kind}`);
    citizen.journeyStarted(body);
    citizen.expectAudit(`journey-begun ${kind}`);
  },
});

/** A wrong activation code, or one that is void: refused, and counted once. */
export const wrongCode = (which: (citizen: Citizen) => string = () => 'ZZZZZ-ZZZZZ'): Step => ({
  name: 'wrong-code',
  async act(citizen) {
    await citizen.refused(422, (api) => api.POST('/activations', codeData(citizen, which(citizen))));
    citizen.expectAudit('activation-refused wrong-code');
  },
});

const receivedOtps = new WeakMap<Citizen, string>();
const waitForOtp = async (citizen: Citizen): Promise<void> => {
  receivedOtps.set(citizen, await citizen.otp());
};

/** A wrong SMS code: refused, and counted once. */
export const wrongOtp: Step = {
  name: 'wrong-otp',
  prepare: waitForOtp,
  async act(citizen) {
    const wrong = String((Number(receivedOtps.get(citizen)) + 1) % 1_000_000).padStart(6, '0');
    const { journey } = await citizen.refused(422, (api) => citizen.journeyCalls(api).submitOtp(wrong));
    const left = journey?.otp?.attemptsLeft;
    must(left === 2, `one wrong SMS code leaves ${left} of 3`);
    citizen.expectAudit('otp-refused');
  },
};

/** The SMS code. Where it completes the journey: with which outcome, and what that does. */
export const otp = (kind: string, outcome?: string, done?: (citizen: Citizen) => void): Step => ({
  name: 'otp',
  prepare: waitForOtp,
  async act(citizen) {
    const received = receivedOtps.get(citizen) ?? '';
    const { body } = await citizen.call(200, (api) => citizen.journeyCalls(api).submitOtp(received));
    must(body.journey.outcome === (outcome ?? null), `${body.journey.outcome} after the SMS code`);
    if (body.journey.activationCode) newCode(citizen, body.journey.activationCode);
    if (body.journey.session) citizen.session = body.journey.session.token;
    citizen.expectAudit('otp-accepted', ...(outcome ? [`journey-finished ${kind} ${outcome}`] : []));
    done?.(citizen);
  },
});

let passwords = 0;
export const newPassword = (): string => {
  passwords += 1;
  return passwordOf(passwords);
};

/** Records that this is the citizen's password from now on. */
export function passwordIsSet(citizen: Citizen, password: string, by: string): void {
  if (citizen.password) citizen.formerPasswords.push(citizen.password);
  citizen.password = password;
  citizen.status = 'active';
  citizen.blocked = citizen.blocked.filter((what) => what !== 'password');
  citizen.expectAudit(`password-set ${by}`, 'notice-sent password-set');
}

export const password = (kind: string, outcome: 'activated' | 'password-set'): Step => ({
  name: 'password',
  async act(citizen) {
    const chosen = newPassword();
    const { body } = await citizen.call(200, (api) => citizen.journeyCalls(api).setPassword(chosen));
    must(body.journey.outcome === outcome, `${body.journey.outcome} after the password`);
    citizen.expectAudit(`journey-finished ${kind} ${outcome}`);
    passwordIsSet(citizen, chosen, kind);
  },
});

/** Signing in with the right password. */
export const signIn = (assurance: 'basic' | 'substantial' = 'basic'): Step => ({
  name: 'sign-in',
  async act(citizen) {
    const { nationalId } = citizen.data;
    const asked = { nationalId, password: citizen.password ?? '', assurance };
    const { body } = await citizen.call(201, (api) => api.POST('/sessions', { body: asked }));
    must('session' in body === (assurance === 'basic'), `another answer than for ${assurance}`);
    if ('session' in body) {
      citizen.session = body.session.token;
      citizen.expectAudit('signed-in basic');
    } else {
      citizen.journeyStarted(body);
      citizen.expectAudit('journey-begun sign-in');
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
    const body = { nationalId: citizen.data.nationalId, password: which(citizen) ?? '' };
    await citizen.refused(401, (api) => api.POST('/sessions', { body }));
    // Without a password nothing is compared, and the audit trail does not name the citizen.
    if (reason !== 'unknown') citizen.expectAudit(`sign-in-refused ${reason}`);
  },
});
