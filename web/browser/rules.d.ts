export declare function unmetRules(
  password: string,
  lengths: { shortest: number; freeFrom: number; longest: number },
  groups: { lowerCase: string; upperCase: string; digit: string; special: string },
): Set<string>;
export declare function recommendationAgainst(password: string): string | undefined;
export declare function hasRightLetter(typed: string): boolean | undefined;
