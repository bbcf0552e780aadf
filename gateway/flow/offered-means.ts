import {
  assuranceOf,
  everyMeans,
  isAtLeast,
  isPasswordMeans,
  type Level,
  levelOf,
  levels,
  type Means,
} from '../../domain/assurance.ts';
import { acceptsMeans } from '../../domain/gateway/shortfall.ts';
import type { IdentificationRequest } from './identification-request.ts';

/** A means on the first page. With an obstacle it cannot be chosen. */
export interface OfferedMeans {
  readonly means: Means;
  /** The highest level that it reaches, with an advanced registration. */
  readonly level: Level;
  /** Whether it begins with the password: the others with a visit to the certificate listener. */
  readonly isWithPassword: boolean;
  readonly obstacle?: 'below-floor';
}

/** The level of a means with an advanced registration. */
export const highestLevelOf = (means: Means): Level => levelOf(assuranceOf(means, 'advanced'));

/** The means that a relying party accepts, the weakest first. `insufficient`: those that the API has refused for this request. */
export const offeredMeans = (
  { floor, relyingParty: { means: accepted = [] } }: Pick<IdentificationRequest, 'floor' | 'relyingParty'>,
  insufficient: readonly Means[] = [],
): OfferedMeans[] =>
  everyMeans
    .filter((means) => acceptsMeans(accepted, means))
    .map((means): OfferedMeans => {
      const level = highestLevelOf(means);
      const offered = { means, level, isWithPassword: isPasswordMeans(means) };
      const isEnough = isAtLeast(levels, level, floor) && !insufficient.includes(means);
      return isEnough ? offered : { ...offered, obstacle: 'below-floor' };
    });

/** The means that can be chosen. */
export const usableMeans = (offered: readonly OfferedMeans[]): Means[] =>
  offered.flatMap(({ means, obstacle }) => (obstacle ? [] : [means]));
