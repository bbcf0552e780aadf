import { describe, expect, test } from '@jest/globals';
import { journeyPolicy } from '../api/citizens/journey-policy.ts';
import { type Proof, proofs, supersedes } from '../domain/journeys.ts';
import { policyFrom } from '../domain/policy.ts';
import { CitizenState } from './citizen-state.ts';
import { Journey } from './journey.ts';
import { countRightOtp, countWrongOtp } from './otp-counts.ts';
import { expire, newPasswordClock } from './password-clock.ts';
import { newCitizenSnapshot, upgradeSnapshot } from './snapshot.ts';

const defaults = policyFrom({});
if ('problems' in defaults) throw new Error(defaults.problems.join());
const policy = journeyPolicy(defaults.policy, 'activation');
const fingerprint = { keyId: 'k1', digest: 'right' };
const hour = 3_600_000;

function registered(): CitizenState {
  const citizen = new CitizenState(newCitizenSnapshot('citizen'));
  citizen.register({ level: 'advanced' }, { codeId: 'code', fingerprint, tolerated: 5 }, 0);
  return citizen;
}

function open(citizen: CitizenState, id: string, proof: Proof): Journey {
  const authority =
    proof === 'password' ? { authority: { basis: 'password' as const, credentialId: 'password' } } : {};
  const kind = proof === 'password' ? 'password-change' : 'activation';
  const journey = new Journey({ id, kind, policy, requestId: '', startedAtMs: 0, fingerprint, ...authority });
  citizen.addJourney(journey);
  return journey;
}

describe('the status of a citizen', () => {
  test('is none before the first registration act', () => {
    expect(new CitizenState(newCitizenSnapshot('citizen')).statusView()).toBeNull();
  });

  test('follows code, password, expiry, suspension and unsubscription', () => {
    const citizen = registered();
    const seen = [citizen.status];
    const password = newPasswordClock('password', 100, 0, []);
    citizen.setPassword(password);
    seen.push(citizen.status);
    citizen.setPassword({ ...password, expired: true });
    seen.push(citizen.status);
    citizen.suspend();
    seen.push(citizen.status);
    citizen.endPermanente();
    seen.push(citizen.status);
    expect(seen).toEqual(['registered', 'active', 'expired', 'suspended', 'unsubscribed']);
  });

  test('shows code and password as blocked while the citizen is suspended', () => {
    const citizen = registered();
    citizen.setPassword(newPasswordClock('password', 100, 0, []));
    citizen.suspend();
    expect(citizen.statusView()?.blocked).toEqual(['code', 'password']);
  });
});

describe('a journey', () => {
  test('opened with the password ends another such, and none that was opened with the code', () => {
    const citizen = registered();
    const journeys = [
      open(citizen, '1', 'activation-code'),
      open(citizen, '2', 'password'),
      open(citizen, '3', 'password'),
    ];
    expect(journeys.map(({ outcome }) => outcome)).toEqual([null, 'superseded', null]);
    expect(citizen.currentJourney?.id).toBe('1');
  });

  test('ends those begun with the same proof or a weaker one', () => {
    for (const [index, proof] of proofs.entries())
      for (const [place, other] of proofs.entries()) expect(supersedes(proof, other)).toBe(index >= place);
  });

  test('opened with the code ends every other', () => {
    const citizen = registered();
    const journeys = [
      open(citizen, '1', 'activation-code'),
      open(citizen, '2', 'password'),
      open(citizen, '3', 'activation-code'),
    ];
    expect(journeys.map(({ outcome }) => outcome)).toEqual(['superseded', 'superseded', null]);
  });

  test('that is being saved is not aborted', () => {
    const citizen = registered();
    const journey = open(citizen, '1', 'activation-code');
    journey.isSaving = true;
    expect(citizen.hasAbortableJourney).toBe(false);
    citizen.abortJourneys();
    expect(journey.outcome).toBeNull();
    journey.isSaving = false;
    citizen.abortJourneys();
    expect(journey.outcome).toBe('timed-out');
  });

  test('that is unknown is rejected with a type', () => {
    expect(() => registered().journeyOf('none')).toThrow('NoSuchJourney');
  });

  test('takes one right SMS code, and one choice of a password until that is rejected', () => {
    const journey = open(registered(), '1', 'activation-code');
    const message = { journeyId: '1', messageId: 'm', requestId: 'r', answerByMs: 0 };
    journey.assertStep('otp');
    expect(() => journey.assertStep('password')).toThrow('WrongStep');
    journey.otpEntry.submit({ ...message, entered: [] });
    expect(() => journey.assertStep('otp')).toThrow('WrongStep');
    journey.step = 'password';
    journey.passwordChoice.submit({ ...message, stagedPasswordId: 's' });
    expect(() => journey.assertStep('password')).toThrow('WrongStep');
    journey.passwordChoice.reject();
    journey.assertStep('password');
    journey.finish('timed-out');
    expect(() => journey.assertStep('password')).toThrow('JourneyOver');
  });

  test('keeps its guesses over a resend, and ends at one wrong code more than tolerated', () => {
    const journey = open(registered(), '1', 'activation-code');
    for (let entry = 1; entry <= 3; entry += 1) journey.applyWrongOtp('m');
    journey.replaceOtp(2, fingerprint, 0);
    expect([journey.attemptsLeft, journey.outcome]).toEqual([0, null]);
    journey.applyWrongOtp('m');
    expect(journey.outcome).toBe('too-many-otps');
  });

  test('reserves its resend before anything is awaited, and releases it', () => {
    const journey = open(registered(), '1', 'activation-code');
    const { resendAfterMs } = journey.otp;
    const release = journey.reserveResend(hour);
    expect(journey.otp.resendAfterMs).toBeGreaterThan(resendAfterMs);
    release();
    expect(journey.otp.resendAfterMs).toBe(resendAfterMs);
  });
});

describe('the counts of SMS codes', () => {
  const wrong = (citizen: CitizenState, times: number, atMs: number) => {
    for (let entry = 1; entry <= times; entry += 1)
      citizen.setOtpCounts(
        'activation-code',
        countWrongOtp(citizen.otpCountsOf('activation-code'), policy.wrongOtps, atMs),
      );
  };

  test('allow 20 wrong codes a day; a right one among them gives back none', () => {
    const citizen = registered();
    wrong(citizen, 19, 0);
    citizen.setOtpCounts('activation-code', countRightOtp(citizen.otpCountsOf('activation-code')));
    expect(citizen.smsBlockedUntilMs('activation-code', policy, hour)).toBeUndefined();
    wrong(citizen, 1, hour);
    expect(citizen.smsBlockedUntilMs('activation-code', policy, hour)).toBe(24 * hour);
    expect(citizen.smsBlockedUntilMs('password', policy, hour)).toBeUndefined();
    expect(citizen.smsBlockedUntilMs('activation-code', policy, 25 * hour)).toBeUndefined();
  });

  test('allow 100 without a right one, over any number of days', () => {
    const citizen = registered();
    for (let day = 0; day < 10; day += 1) wrong(citizen, 10, day * 25 * hour);
    expect(citizen.smsBlockedUntilMs('activation-code', policy, 1_000 * hour)).toBe(1_024 * hour);
    citizen.register({ level: 'advanced' }, { codeId: 'next', fingerprint, tolerated: 5 }, 1);
    expect(citizen.smsBlockedUntilMs('activation-code', policy, 1_000 * hour)).toBeUndefined();
  });
});

describe('a snapshot', () => {
  test('holds the whole state, and remembers the five latest codes', () => {
    const citizen = registered();
    for (let code = 1; code <= 6; code += 1)
      citizen.issue({ codeId: `code-${code}`, fingerprint, tolerated: 5 }, code);
    citizen.setPassword(newPasswordClock('password', 100, 0, []));
    citizen.blockSms('password', 5);
    citizen.suspend();
    const snapshot = JSON.parse(JSON.stringify(citizen.snapshot()));
    expect(new CitizenState(upgradeSnapshot(snapshot)).snapshot()).toEqual(citizen.snapshot());
    expect([citizen.issuedAtMs('code-2'), citizen.issuedAtMs('code-1')]).toEqual([2, undefined]);
  });

  test('says when the next clock is due: of a reminder, of the expiry, or never', () => {
    const citizen = registered();
    const wakesAtMs = () => citizen.snapshot().wakesAtMs;
    expect(wakesAtMs()).toBeUndefined();
    const password = newPasswordClock('password', 48 * hour, 0, ['P1D']);
    citizen.setPassword(password);
    expect(wakesAtMs()).toBe(24 * hour);
    citizen.setPassword({ ...password, remindersAtMs: [] });
    expect(wakesAtMs()).toBe(48 * hour);
    citizen.setPassword(expire(password));
    expect(wakesAtMs()).toBeUndefined();
  });

  test('of an unsubscribed citizen keeps the registration and the codes issued, and nothing that opens', () => {
    const citizen = registered();
    citizen.setPassword(newPasswordClock('password', 100, 0, []));
    citizen.endPermanente();
    expect(citizen.snapshot()).toEqual({
      ...newCitizenSnapshot('citizen'),
      registration: { level: 'advanced' },
      codesIssued: [{ codeId: 'code', atMs: 0 }],
    });
  });

  test('of a newer version is refused, not cut down', () => {
    const newer = { ...registered().snapshot(), version: 3 } as never;
    expect(() => upgradeSnapshot(newer)).toThrow('version 3');
  });

  test('from before the first release is not read', () => {
    const early = { ...newCitizenSnapshot('citizen'), version: 1 } as never;
    expect(() => upgradeSnapshot(early)).toThrow('before the first release');
  });
});
