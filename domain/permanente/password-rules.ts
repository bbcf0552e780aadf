import {
  characterGroups,
  charactersOf,
  hasOneOf,
  hasOnlyAllowed,
  specialCharacters,
} from './password-characters.ts';
import { containsId, containsName, type PasswordOwner } from './password-owner.ts';

/** Numbers of characters: fewest, from how many on composition is free, and most. The policy's `password`. */
export interface PasswordLengths {
  readonly shortest: number;
  readonly freeFrom: number;
  readonly longest: number;
}

/** The code of one rule, as the API's contract lists them. Codes are never renamed. */
export type PasswordRuleCode =
  | 'too-short'
  | 'needs-lower-case'
  | 'needs-upper-case'
  | 'needs-digit'
  | 'needs-special'
  | 'character-not-allowed'
  | 'contains-name'
  | 'contains-id'
  | 'same-as-previous'
  | 'too-common'
  | 'too-long';

/** A password in the one form in which it is counted, checked and hashed: see `normalisePassword`. */
export type NormalPassword = string & { readonly __brand: 'NormalPassword' };

interface RuleText {
  readonly code: PasswordRuleCode;
  /** The values of the placeholders in the rule's text. */
  readonly parameters: (lengths: PasswordLengths) => Readonly<Record<string, number | string>>;
}

/**
 * One rule. `needs` says what a check requires: the `password` alone (a front-end, at each key), also the data of the
 * `person`, or the `server`, which has the current hash and the list of common passwords.
 */
export type PasswordRule = RuleText &
  (
    | { readonly needs: 'password'; readonly holds: (candidate: NormalPassword, context: Context) => boolean }
    | {
        readonly needs: 'person';
        readonly holds: (candidate: NormalPassword, context: Context & { person: PasswordOwner }) => boolean;
      }
    | { readonly needs: 'server' }
  );

interface Context {
  readonly lengths: PasswordLengths;
}

/**
 * NFC, and one space for every space: the same password typed on two keyboards is the same string (a Mac makes a
 * no-break space of Option and the space bar). Never truncated or trimmed. To be applied before a password is counted,
 * checked or hashed, at sign-in as when it is set. Source: [NIST-B] 3.1.1.2, [RFC8265] 4.2.2.
 */
export const normalisePassword = (password: string): NormalPassword =>
  password.replace(/\p{Zs}/gu, ' ').normalize('NFC') as NormalPassword;

const count = (text: string) => charactersOf(text).length;
const isFree = (candidate: string, { lengths }: Context) => count(candidate) >= lengths.freeFrom;
const needsOneOf =
  (group: ReadonlySet<string>) =>
  (candidate: NormalPassword, context: Context): boolean =>
    isFree(candidate, context) || hasOneOf(group, candidate);
const freeFrom = ({ freeFrom }: PasswordLengths) => ({ freeFrom });

/**
 * The rules for a password, in the order in which they are listed. Source: [clave], "Password security requirements";
 * `too-common` is [ASVS] 6.2.4; `too-long` is ours, far above any phrase, so that hashing has a bound.
 */
export const passwordRules: readonly PasswordRule[] = [
  {
    code: 'too-short',
    needs: 'password',
    parameters: ({ shortest }) => ({ shortest }),
    holds: (candidate, { lengths }) => count(candidate) >= lengths.shortest,
  },
  {
    code: 'needs-lower-case',
    needs: 'password',
    parameters: freeFrom,
    holds: needsOneOf(characterGroups.lowerCase),
  },
  {
    code: 'needs-upper-case',
    needs: 'password',
    parameters: freeFrom,
    holds: needsOneOf(characterGroups.upperCase),
  },
  { code: 'needs-digit', needs: 'password', parameters: freeFrom, holds: needsOneOf(characterGroups.digit) },
  {
    code: 'needs-special',
    needs: 'password',
    parameters: ({ freeFrom }) => ({ freeFrom, specials: specialCharacters }),
    holds: needsOneOf(characterGroups.special),
  },
  {
    code: 'character-not-allowed',
    needs: 'password',
    parameters: ({ freeFrom }) => ({ freeFrom, specials: specialCharacters }),
    // A lone surrogate is refused at any length: it cannot be encoded in UTF-8, so two of them would hash alike.
    holds: (candidate, context) =>
      !/\p{Surrogate}/u.test(candidate) && (isFree(candidate, context) || hasOnlyAllowed(candidate)),
  },
  {
    code: 'contains-name',
    needs: 'person',
    parameters: () => ({}),
    holds: (candidate, { person }) => !containsName(candidate, person),
  },
  {
    code: 'contains-id',
    needs: 'person',
    parameters: () => ({}),
    holds: (candidate, { person }) => !containsId(candidate, person),
  },
  { code: 'same-as-previous', needs: 'server', parameters: () => ({}) },
  { code: 'too-common', needs: 'server', parameters: () => ({}) },
  {
    code: 'too-long',
    needs: 'password',
    parameters: ({ longest }) => ({ longest }),
    holds: (candidate, { lengths }) => count(candidate) <= lengths.longest,
  },
];

/**
 * The codes of every rule that a new password breaks, in the order of `passwordRules`; none if it may be set. It is
 * normalised here. Left to the caller: `same-as-previous`, which needs the hash, and `too-common`
 * (`common-passwords.ts`), which needs the list.
 */
export function checkPassword(
  password: string,
  person: PasswordOwner,
  lengths: PasswordLengths,
): PasswordRuleCode[] {
  const candidate = normalisePassword(password);
  const holds = (rule: PasswordRule) => rule.needs === 'server' || rule.holds(candidate, { lengths, person });
  return passwordRules.filter((rule) => !holds(rule)).map((rule) => rule.code);
}
