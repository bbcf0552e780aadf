import { type CountryCode, getCountries } from 'libphonenumber-js/mobile';
import { z } from 'zod';
import { isDuration } from './durations.ts';
import { limits } from './limits.ts';

const duration = z.string().refine(isDuration, 'must be an ISO 8601 duration, as PT10M or P2Y');
const tries = z.int().min(0).max(1_000_000);
const count = z.int().min(1).max(1_000_000);
const country = z
  .string()
  .refine(
    (code): code is CountryCode => (getCountries() as string[]).includes(code),
    'must be a country code, as ES',
  );

/** The schema of the policy table: the names that a policy file may use, and their ranges. */
const policyFileSchema = z.strictObject({
  activationCode: z.strictObject({ tries }),
  signIn: z.strictObject({ tries }),
  otp: z.strictObject({ tries, life: duration, sends: count, resendAfter: duration }),
  changeOtp: z.strictObject({ tries, codes: count }),
  otpPerCitizen: z.strictObject({ tries: count, per: duration }),
  otpWithoutRightOne: z.strictObject({ tries: count }),
  visitLife: duration,
  passwordLife: duration,
  passwordReminders: z.array(duration).max(20),
  identity: z.strictObject({ renewal: duration, reminder: duration }),
  session: z.strictObject({ idle: duration, absolute: duration }),
  deskSession: z.strictObject({ idle: duration, absolute: duration }),
  textsPerPhone: z.strictObject({ tries: count, per: duration }),
  textsPerSecond: count,
  requestsPerIp: z.strictObject({ tries: count, per: duration }),
  startsPerIp: z.strictObject({ tries: count, per: duration }),
  failedIdsPerIp: z.strictObject({ tries: count, per: duration }),
  knownBrowser: z.strictObject({ life: duration }),
  refusalTime: duration,
  finishedJourney: z.strictObject({ readable: duration }),
  idempotency: z.strictObject({ kept: duration }),
  auditTrail: z.strictObject({ kept: duration }),
  upkeep: z.strictObject({
    every: duration,
    batch: z.int().min(1).max(10_000),
    staged: duration,
    sessions: duration,
    requests: duration,
    texts: duration,
    decoys: duration,
  }),
  phoneCountries: z.array(country).min(1),
  password: z
    .strictObject({
      shortest: z.int().min(8),
      freeFrom: z.int().min(8),
      longest: z.int().min(128).max(1024),
    })
    // Otherwise no password could be set, which the first citizen would be the first to notice.
    .refine(({ shortest, longest }) => shortest <= longest, 'shortest must not be above longest'),
});

type PolicyFile = z.infer<typeof policyFileSchema>;

/** Every limit of the product: `limits.ts` with a deployment's policy file laid over it, under the names of the code. */
export type Policy = ReturnType<typeof named>;

/**
 * Maps the names of the policy file to those of the code. `tries` means two things there: `tolerated` wrong entries,
 * where the next one blocks, and a `max` that is the last one allowed.
 */
function named({
  activationCode,
  signIn,
  otp,
  changeOtp,
  otpPerCitizen,
  otpWithoutRightOne,
  visitLife,
  textsPerPhone,
  textsPerSecond,
  requestsPerIp,
  startsPerIp,
  failedIdsPerIp,
  ...sameNames
}: PolicyFile) {
  return {
    ...sameNames,
    activationCode: { tolerated: activationCode.tries },
    signIn: { tolerated: signIn.tries },
    otp: { tolerated: otp.tries, maxSends: otp.sends, life: otp.life, resendAfter: otp.resendAfter },
    changeOtp: { tolerated: changeOtp.tries, maxCodes: changeOtp.codes },
    wrongOtps: {
      perPeriod: maxPer(otpPerCitizen),
      consecutive: { max: otpWithoutRightOne.tries },
    },
    halvedWrongOtps: {
      perPeriod: { ...maxPer(otpPerCitizen), max: half(otpPerCitizen.tries) },
      consecutive: { max: half(otpWithoutRightOne.tries) },
    },
    journeyLife: visitLife,
    smsPerPhone: maxPer(textsPerPhone),
    smsPerSecond: textsPerSecond,
    requestsPerIp: maxPer(requestsPerIp),
    startsPerIp: maxPer(startsPerIp),
    failedIdsPerIp: maxPer(failedIdsPerIp),
  };
}

/**
 * Wrong SMS codes after a right password are counted in two places: by the workflow for journeys, by PostgreSQL for
 * identifications. Each allows half, so that the sum is what the file says (docs/adr/0031). After the activation code only
 * the workflow counts them.
 */
const half = (tries: number): number => Math.max(1, Math.floor(tries / 2));

const maxPer = ({ tries, per }: { tries: number; per: string }) => ({ max: tries, per });

/**
 * Lays the content of a policy file over the table and validates the result, so that a file names only what it changes.
 * Returns the policy, or one line for each name or value that is wrong.
 */
export function policyFrom(overrides: unknown): { policy: Policy } | { problems: string[] } {
  if (!isRecord(overrides)) return { problems: ['must be a JSON object'] };
  const result = policyFileSchema.safeParse(overlay(limits, overrides));
  if (result.success) return { policy: named(result.data) };
  return {
    problems: result.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((name) => `${[...issue.path, name].join('.')}: no such name`)
        : [`${issue.path.join('.')}: ${issue.message}`],
    ),
  };
}

type JsonRecord = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const overlay = (base: JsonRecord, over: JsonRecord): JsonRecord => ({
  ...base,
  ...Object.fromEntries(
    Object.entries(over).map(([name, value]) => {
      const below = Object.hasOwn(base, name) ? base[name] : undefined;
      return [name, isRecord(below) && isRecord(value) ? overlay(below, value) : value];
    }),
  ),
});
