/** Assurance of a session, the weakest first: low, substantial and high in [eIDAS]. */
export const assurances = ['basic', 'substantial', 'high'] as const;
export type Assurance = (typeof assurances)[number];

/** How well the registration proved the identity: an office act is advanced. */
export type RegistrationLevel = 'basic' | 'advanced';

/** What a session, or a journey begun in one, rests on: the kind of a credential. */
export type Basis = 'password';

/** What a citizen identifies with. */
export type Means = 'password' | 'password-sms';

/**
 * The assurance of each means for each registration level: the only place that decides it. A registration that proved the
 * identity less well bounds every means (docs/adr/0032).
 */
const assuranceTable = {
  password: { basic: 'basic', advanced: 'basic' },
  'password-sms': { basic: 'basic', advanced: 'substantial' },
} as const satisfies Record<Means, Record<RegistrationLevel, Assurance>>;

/** The assurance of a means for a citizen. An unknown level is bounded as the lowest. */
export const assuranceOf = (means: Means, level: string): Assurance =>
  assuranceTable[means][level === 'advanced' ? 'advanced' : 'basic'];

/** Whether one assurance is enough where another is asked for. */
export const reaches = (assurance: Assurance, asked: Assurance): boolean =>
  assurances.indexOf(assurance) >= assurances.indexOf(asked);
