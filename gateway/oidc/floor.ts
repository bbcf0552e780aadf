import { isAtLeast, type Level, levels } from '../../domain/assurance.ts';

const prefix = 'http://eidas.europa.eu/LoA/';

/** The value of `acr` for each level, as [eIDAS] names them. */
export const acrOf = (level: Level): string => `${prefix}${level}`;
export const acrValues: readonly string[] = levels.map(acrOf);

const levelOfAcr = (acr: string): Level | undefined => levels.find((level) => acrOf(level) === acr);

/** What a request says about the level. */
export interface LevelRequest {
  /** `acr_values`. */
  readonly acrValues: string | undefined;
  /** What `claims` asks of `acr`, each as it stands in the request. */
  readonly acrClaims: readonly unknown[];
}

/** The floor that a request asks for, or why it is malformed. */
export type RequestedFloor =
  | { readonly kind: 'floor'; readonly floor: Level | undefined }
  | { readonly kind: 'invalid'; readonly why: string };

/**
 * Reads the floor that a request asks for: of the levels that one list names the lowest, since each of them is welcome; of
 * several lists the highest. Unknown values beside known ones count as nothing; a list of unknown ones only is refused, since
 * whatever was answered would not be what was asked for.
 */
export function requestedFloor({ acrValues: listed, acrClaims }: LevelRequest): RequestedFloor {
  const lists: string[][] = [];
  if (listed !== undefined) lists.push(listed.split(' ').filter((value) => value !== ''));
  for (const claim of acrClaims) {
    const values = valuesOf(claim);
    if (values === undefined)
      return { kind: 'invalid', why: 'claims: acr must have a text as value, or a list as values' };
    if (values.length > 0) lists.push(values);
  }
  let floor: Level | undefined;
  for (const list of lists) {
    const known = list.map(levelOfAcr).filter((level) => level !== undefined);
    if (known.length === 0)
      return { kind: 'invalid', why: `acr: none of the values is supported: ${acrValues.join(' ')}` };
    floor = higher(lowest(known), floor);
  }
  return { kind: 'floor', floor };
}

/** The higher of two floors. */
export const higher = (one: Level, other: Level | undefined): Level =>
  other !== undefined && isAtLeast(levels, other, one) ? other : one;

const lowest = (list: readonly Level[]): Level => levels.find((level) => list.includes(level)) ?? 'high';

/** What an entry of `claims` asks for: `null`, `{essential}`, `{value}`, `{values}` ([OIDC-Core] 5.5.1). Undefined: malformed. */
function valuesOf(claim: unknown): string[] | undefined {
  if (claim === undefined || claim === null) return [];
  if (typeof claim !== 'object') return undefined;
  const { value, values } = claim as { value?: unknown; values?: unknown };
  const all = [...(value === undefined ? [] : [value]), ...(values === undefined ? [] : asList(values))];
  return all.every((each) => typeof each === 'string') ? (all as string[]) : undefined;
}

const asList = (values: unknown): unknown[] => (Array.isArray(values) ? values : [null]);
