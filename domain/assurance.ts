/** Assurance of a session, the weakest first: low, substantial and high in [eIDAS]. */
export const assurances = ['basic', 'substantial', 'high'] as const;
export type Assurance = (typeof assurances)[number];

/** Levels of assurance as [eIDAS] names them, the weakest first: relying parties ask in these words, and are answered in them. */
export const levels = ['low', 'substantial', 'high'] as const;
export type Level = (typeof levels)[number];

/** How well the registration proved the identity, the weakest first: an office act is advanced. */
export const registrationLevels = ['basic', 'advanced'] as const;
export type RegistrationLevel = (typeof registrationLevels)[number];

/** What a session, or a journey begun in one, rests on: the kind of a credential. */
export type Basis = 'password' | 'certificate';

/** The means that begin with the password. */
export const passwordMeans = ['password', 'password-sms'] as const;
export type PasswordMeans = (typeof passwordMeans)[number];

/** What a citizen identifies with. */
export const everyMeans = [...passwordMeans, 'certificate', 'dnie'] as const;
export type Means = (typeof everyMeans)[number];

/** Whether a means begins with the password. */
export const isPasswordMeans = (means: Means): means is PasswordMeans =>
  passwordMeans.some((one) => one === means);

/**
 * The assurance of each means for each registration level: the only place that decides it. A registration that proved the
 * identity less well bounds every means (docs/adr/0032).
 */
const assuranceTable = {
  password: { basic: 'basic', advanced: 'basic' },
  'password-sms': { basic: 'basic', advanced: 'substantial' },
  // A certificate proves the identity by itself, however well the registration did (docs/adr/0062).
  certificate: { basic: 'substantial', advanced: 'substantial' },
  dnie: { basic: 'high', advanced: 'high' },
} as const satisfies Record<Means, Record<RegistrationLevel, Assurance>>;

/** The assurance of a means for a citizen. An unknown level is bounded as the lowest. */
export const assuranceOf = (means: Means, level: string): Assurance =>
  assuranceTable[means][registrationLevelOf(level)];

/** The level of a registration; an unknown one counts as the lowest. */
export const registrationLevelOf = (level: string): RegistrationLevel =>
  level === 'advanced' ? 'advanced' : 'basic';

/** Whether one assurance is enough where another is asked for. */
export const reaches = (assurance: Assurance, asked: Assurance): boolean =>
  assurances.indexOf(assurance) >= assurances.indexOf(asked);

const levelTable = {
  basic: 'low',
  substantial: 'substantial',
  high: 'high',
} as const satisfies Record<Assurance, Level>;

/** The level of an assurance, in the words of [eIDAS]. */
export const levelOf = (assurance: Assurance): Level => levelTable[assurance];

/** Whether a value of an ordered list is not below another. One that the list lacks is out of reach. */
export const isAtLeast = <Value extends string>(
  order: readonly Value[],
  value: Value,
  floor: string,
): boolean => {
  const lowest = (order as readonly string[]).indexOf(floor);
  return lowest !== -1 && order.indexOf(value) >= lowest;
};
