import {
  assuranceOf,
  isAtLeast,
  type Level,
  levelOf,
  levels,
  type Means,
  type PasswordMeans,
  passwordMeans,
} from '../../domain/assurance.ts';
import type { IdentificationRequest } from './identification-request.ts';

/** A means on the first page. With an obstacle it cannot be chosen. */
export interface OfferedMeans {
  readonly means: PasswordMeans | 'dnie';
  /** The highest level that it reaches, with an advanced registration. */
  readonly level: Level;
  readonly obstacle?: 'below-floor' | 'not-available';
}

/** The level of a means with an advanced registration. */
export const highestLevelOf = (means: Means): Level => levelOf(assuranceOf(means, 'advanced'));

/**
 * The means that a relying party accepts, the weakest first. `insufficient`: those that the API has refused for this request.
 * Of a level that no means reaches the one that would is listed, as not available.
 */
export function offeredMeans(
  { floor, relyingParty: { means: accepted = [] } }: Pick<IdentificationRequest, 'floor' | 'relyingParty'>,
  insufficient: readonly Means[] = [],
): OfferedMeans[] {
  const offered = passwordMeans
    .filter((means) => accepted.length === 0 || accepted.includes(means))
    .map((means): OfferedMeans => {
      const level = highestLevelOf(means);
      const isEnough = isAtLeast(levels, level, floor) && !insufficient.includes(means);
      return isEnough ? { means, level } : { means, level, obstacle: 'below-floor' };
    });
  return passwordMeans.some((means) => isAtLeast(levels, highestLevelOf(means), floor))
    ? offered
    : [...offered, { means: 'dnie', level: 'high', obstacle: 'not-available' }];
}

/** The means that can be chosen. */
export const usableMeans = (offered: readonly OfferedMeans[]): PasswordMeans[] =>
  offered.flatMap(({ means, obstacle }) => (obstacle || means === 'dnie' ? [] : [means]));
