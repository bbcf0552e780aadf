import { describe, expect, test } from '@jest/globals';
import { limits } from './limits.ts';
import { policyFrom } from './policy.ts';

const policy = (overrides: unknown) => {
  const result = policyFrom(overrides);
  if ('problems' in result) throw new Error(result.problems.join('\n'));
  return result.policy;
};
const problems = (overrides: unknown) => {
  const result = policyFrom(overrides);
  return 'problems' in result ? result.problems : [];
};

describe('an overlay', () => {
  test('that is empty leaves the table as it is, under the names of the code', () => {
    const { activationCode, signIn, otp, changeOtp, otpPerCitizen, otpWithoutRightOne, ...others } = limits;
    const { visitLife, textsPerPhone, textsPerSecond, requestsPerIp, startsPerIp, failedIdsPerIp, ...same } =
      others;
    const per = ({ tries, per }: { tries: number; per: string }) => ({ max: tries, per });
    expect(policy({})).toEqual({
      ...same,
      activationCode: { tolerated: activationCode.tries },
      signIn: { tolerated: signIn.tries },
      otp: { tolerated: otp.tries, maxSends: otp.sends, life: otp.life, resendAfter: otp.resendAfter },
      changeOtp: { tolerated: changeOtp.tries, maxCodes: changeOtp.codes },
      wrongOtps: { perPeriod: per(otpPerCitizen), consecutive: { max: otpWithoutRightOne.tries } },
      halvedWrongOtps: {
        perPeriod: { max: otpPerCitizen.tries / 2, per: otpPerCitizen.per },
        consecutive: { max: otpWithoutRightOne.tries / 2 },
      },
      journeyLife: visitLife,
      smsPerPhone: per(textsPerPhone),
      smsPerSecond: textsPerSecond,
      requestsPerIp: per(requestsPerIp),
      startsPerIp: per(startsPerIp),
      failedIdsPerIp: per(failedIdsPerIp),
    });
  });

  test('changes what it names and nothing else: the example of the API contract', () => {
    const changed = policy({ passwordLife: 'PT2M', startsPerIp: { tries: 100000, per: 'PT1M' } });
    expect(changed).toEqual({
      ...policy({}),
      passwordLife: 'PT2M',
      startsPerIp: { max: 100000, per: 'PT1M' },
    });
  });

  test('of the wrong SMS codes after a password is shared by journeys and identifications, each at least one', () => {
    const otpPerCitizen = { tries: 5, per: 'P1D' };
    expect(policy({ otpPerCitizen }).halvedWrongOtps.perPeriod).toEqual({ max: 2, per: 'P1D' });
    expect(policy({ otpWithoutRightOne: { tries: 1 } }).halvedWrongOtps.consecutive.max).toBe(1);
  });

  test('of one part of an entry keeps its other parts', () => {
    expect(policy({ otp: { life: 'PT5S' } }).otp).toEqual({ ...policy({}).otp, life: 'PT5S' });
  });

  test('replaces lists whole', () => {
    expect(policy({ passwordReminders: ['PT30S'], phoneCountries: ['PT', 'AD'] })).toMatchObject({
      passwordReminders: ['PT30S'],
      phoneCountries: ['PT', 'AD'],
    });
    expect(policy({ passwordReminders: [] }).passwordReminders).toEqual([]);
  });

  test('does not touch the table itself', () => {
    const before = structuredClone(limits);
    policy({ otp: { tries: 9 }, passwordReminders: [] });
    expect(limits).toEqual(before);
  });
});

describe('what is wrong is told', () => {
  test.each([
    ['a list', []],
    ['a text', 'P2Y'],
    ['nothing', null],
  ])('%s instead of an object', (_, overrides) => {
    expect(problems(overrides)).toEqual(['must be a JSON object']);
  });

  test.each([
    ['an unknown name', { passwordLive: 'P2Y' }, ['passwordLive: no such name']],
    ['an unknown name inside an entry', { otp: { trys: 3 } }, ['otp.trys: no such name']],
    ['two unknown names, a line each', { a: 1, b: 2 }, ['a: no such name', 'b: no such name']],
    ["a name of JavaScript's own", JSON.parse('{"__proto__": {"otp": 1}}'), ['__proto__: no such name']],
    ['a name that objects inherit', { constructor: 1 }, ['constructor: no such name']],
  ])('%s', (_, overrides, lines) => {
    expect(problems(overrides)).toEqual(lines);
  });

  test.each([
    ['a duration in words', { passwordLife: '2 years' }, 'passwordLife'],
    ['a duration of nothing', { visitLife: 'PT0S' }, 'visitLife'],
    ['a wrong duration in a list', { passwordReminders: ['P30D', '7'] }, 'passwordReminders.1'],
    ['tries below none', { activationCode: { tries: -1 } }, 'activationCode.tries'],
    ['half a try', { signIn: { tries: 2.5 } }, 'signIn.tries'],
    ['tries without end', { signIn: { tries: 1_000_001 } }, 'signIn.tries'],
    ['a limiter that admits no request', { requestsPerIp: { tries: 0 } }, 'requestsPerIp.tries'],
    ['a number in place of an entry', { otp: 3 }, 'otp'],
    ['nothing in place of a value', { passwordLife: null }, 'passwordLife'],
    ['a country that is none', { phoneCountries: ['ES', 'XX'] }, 'phoneCountries.1'],
    ['no country at all', { phoneCountries: [] }, 'phoneCountries'],
    [
      'a shortest password below the 8 of the official page',
      { password: { shortest: 7 } },
      'password.shortest',
    ],
    ['a longest password under 128 characters', { password: { longest: 64 } }, 'password.longest'],
    ['a shortest password above the longest', { password: { shortest: 300 } }, 'password'],
  ])('%s', (_, overrides, path) => {
    expect(problems(overrides)).toEqual([
      expect.stringMatching(new RegExp(`^${path.replaceAll('.', '\\.')}: .`)),
    ]);
  });

  test('every wrong value has its line', () => {
    expect(problems({ passwordLife: 'x', otp: { tries: -1, life: 'y' }, z: 1 })).toHaveLength(4);
  });
});
