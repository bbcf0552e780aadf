import { describe, expect, test } from '@jest/globals';
import { journeyPolicy } from '../api/citizens/journey-policy.ts';
import type { Proof } from '../domain/journeys.ts';
import { policyFrom } from '../domain/policy.ts';
import { CitizenState } from './citizen-state.ts';
import { Journey } from './journey.ts';
import { countRightOtp, countWrongOtp } from './otp-counts.ts';
import { newPasswordClock } from './password-clock.ts';
import { newCitizenSnapshot, upgradeSnapshot } from './snapshot.ts';

const defaults = policyFrom({});
if ('problems' in defaults) throw new Error(defaults.problems.join());
const policy = journeyPolicy(defaults.policy, 'activation');
const fingerprint = { keyId: 'k1', digest: 'right' };
const hour = 3_600_000;

function registered(): CitizenState {
  const citizen = new CitizenState(newCitizenSnapshot('citizen'));
  citizen.issue({ codeId: 'code', fingerprint, tolerated: 5 }, 0);
  return citizen;
}

function open(citizen: CitizenState, id: string, proof: Proof): Journey {
  const authority = proof === 'password' ? { authority: { passwordId: 'password' } } : {};
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
    citizen.password = newPasswordClock('password', 100, 0, []);
    seen.push(citizen.status);
    citizen.password = { ...citizen.password, expired: true };
    seen.push(citizen.status);
    citizen.suspended = true;
    seen.push(citizen.status);
    citizen.dropCredentials();
    seen.push(citizen.status);
    expect(seen).toEqual(['registered', 'active', 'expired', 'suspended', 'unsubscribed']);
  });

  test('shows code and password as blocked while the citizen is suspended', () => {
    const citizen = registered();
    citizen.password = newPasswordClock('password', 100, 0, []);
    citizen.suspended = true;
    expect(citizen.statusView()?.blocked).toEqual(['code', 'password']);
  });
});

describe('a journey', () => {
  test('opened with the password ends another such, and none that was opened with the code', () => {
    const citizen = registered();
    const journeys = [
      open(citizen, '1', 'code'),
      open(citizen, '2', 'password'),
      open(citizen, '3', 'password'),
    ];
    expect(journeys.map(({ outcome }) => outcome)).toEqual([null, 'superseded', null]);
    expect(citizen.currentJourney?.id).toBe('1');
  });

  test('opened with the code ends every other', () => {
    const citizen = registered();
    const journeys = [open(citizen, '1', 'code'), open(citizen, '2', 'password'), open(citizen, '3', 'code')];
    expect(journeys.map(({ outcome }) => outcome)).toEqual(['superseded', 'superseded', null]);
  });

  test('that is being saved is not aborted', () => {
    const citizen = registered();
    const journey = open(citizen, '1', 'code');
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
    const journey = open(registered(), '1', 'code');
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
    const journey = open(registered(), '1', 'code');
    for (let entry = 1; entry <= 3; entry += 1) journey.applyWrongOtp('m');
    journey.replaceOtp(2, fingerprint, 0);
    expect([journey.attemptsLeft, journey.outcome]).toEqual([0, null]);
    journey.applyWrongOtp('m');
    expect(journey.outcome).toBe('too-many-otps');
  });

  test('reserves its resend before anything is awaited, and releases it', () => {
    const journey = open(registered(), '1', 'code');
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
      citizen.otpCounts = { ...citizen.otpCounts, code: countWrongOtp(citizen.otpCounts.code, policy, atMs) };
  };

  test('allow 20 wrong codes a day; a right one among them gives back none', () => {
    const citizen = registered();
    wrong(citizen, 19, 0);
    citizen.otpCounts = { ...citizen.otpCounts, code: countRightOtp(citizen.otpCounts.code) };
    expect(citizen.smsBlockedUntilMs('code', policy, hour)).toBeUndefined();
    wrong(citizen, 1, hour);
    expect(citizen.smsBlockedUntilMs('code', policy, hour)).toBe(24 * hour);
    expect(citizen.smsBlockedUntilMs('password', policy, hour)).toBeUndefined();
    expect(citizen.smsBlockedUntilMs('code', policy, 25 * hour)).toBeUndefined();
  });

  test('allow 100 without a right one, over any number of days', () => {
    const citizen = registered();
    for (let day = 0; day < 10; day += 1) wrong(citizen, 10, day * 25 * hour);
    expect(citizen.smsBlockedUntilMs('code', policy, 1_000 * hour)).toBe(1_024 * hour);
    citizen.resetCounters(newCitizenSnapshot('citizen'));
    expect(citizen.smsBlockedUntilMs('code', policy, 1_000 * hour)).toBeUndefined();
  });
});

describe('a snapshot', () => {
  test('holds the whole state, and remembers the five latest codes', () => {
    const citizen = registered();
    for (let code = 1; code <= 6; code += 1)
      citizen.issue({ codeId: `code-${code}`, fingerprint, tolerated: 5 }, code);
    citizen.blockSms('password', 5);
    citizen.suspended = true;
    const snapshot = JSON.parse(JSON.stringify(citizen.snapshot()));
    expect(new CitizenState(upgradeSnapshot(snapshot)).snapshot()).toEqual(citizen.snapshot());
    expect([citizen.issuedAtMs('code-2'), citizen.issuedAtMs('code-1')]).toEqual([2, undefined]);
  });

  test('of a newer version is refused, not cut down', () => {
    const newer = { ...registered().snapshot(), version: 2 } as never;
    expect(() => upgradeSnapshot(newer)).toThrow('version 2');
  });

  test('is not read in the shape from before the first release, in which a blocked code would be open', () => {
    const { otpCounts, ...rest } = newCitizenSnapshot('citizen');
    const early = { ...rest, otps: otpCounts } as never;
    expect(() => upgradeSnapshot(early)).toThrow('before the first release');
  });
});
