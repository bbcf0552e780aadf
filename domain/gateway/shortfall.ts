import {
  assuranceOf,
  everyMeans,
  isAtLeast,
  type Level,
  levelOf,
  levels,
  type Means,
  type RegistrationLevel,
  registrationLevelOf,
  registrationLevels,
} from '../assurance.ts';

/** What a relying party accepts, as its row of the registry says. */
export interface Acceptance {
  /** The lowest level. A value that this release does not know is reached by nothing. */
  readonly floor: string;
  /** The lowest level of registration; null: any. */
  readonly registrationFloor: string | null;
  /** The means; empty: all. */
  readonly means: readonly string[];
}

/** How a citizen has identified, and what level that is. */
export interface Proven {
  readonly means: Means;
  /** Absent: of who is not registered. */
  readonly registration?: RegistrationLevel;
  readonly level: Level;
}

/** The level of a means for a citizen whose registration has this level; null: for who is not registered. */
export const provenBy = (means: Means, registrationLevel: string | null): Proven => ({
  means,
  ...(registrationLevel !== null && { registration: registrationLevelOf(registrationLevel) }),
  level: levelOf(assuranceOf(means, registrationLevel ?? 'basic')),
});

/** Whether a relying party that accepts these means (none named: all) accepts this one. The DNIe is a certificate, too. */
export const acceptsMeans = (accepted: readonly string[], means: Means): boolean =>
  accepted.length === 0 ||
  accepted.includes(means) ||
  (means === 'dnie' && accepted.includes('certificate' satisfies Means));

/** In what an identification falls short: its level, its means, the level of the registration. */
export const shortfalls = ['level', 'means', 'registration'] as const;
export type Shortfall = (typeof shortfalls)[number];

/** All in which it falls short of what the relying party accepts, and of the level that it asked for; none: it is enough. */
export const shortfallsOf = (
  { means, registration, level }: Proven,
  { floor, registrationFloor, means: accepted }: Acceptance,
  requested: Level,
): Shortfall[] => {
  const isShort: Record<Shortfall, boolean> = {
    level: !isAtLeast(levels, level, floor) || !isAtLeast(levels, level, requested),
    means: !acceptsMeans(accepted, means),
    registration:
      registrationFloor !== null &&
      (registration === undefined || !isAtLeast(registrationLevels, registration, registrationFloor)),
  };
  return shortfalls.filter((each) => isShort[each]);
};

/** Whether some citizen, by some means, can identify to a relying party that accepts this. */
export const isReachable = (acceptance: Acceptance): boolean =>
  everyMeans.some((means) =>
    registrationLevels.some(
      (level) => shortfallsOf(provenBy(means, level), acceptance, levels[0]).length === 0,
    ),
  );
