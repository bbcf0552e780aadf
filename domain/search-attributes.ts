import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';

/** registered, active, expired, suspended or unsubscribed. */
export const citizenStatus = defineSearchAttributeKey('CitizenStatus', SearchAttributeType.KEYWORD);
/** The blocked credentials: `code`, `password`, both or none. */
export const citizenBlocked = defineSearchAttributeKey('Blocked', SearchAttributeType.KEYWORD_LIST);
/** The kind of the open journey, or `none`. */
export const citizenJourney = defineSearchAttributeKey('Journey', SearchAttributeType.KEYWORD);
export const passwordExpiresAt = defineSearchAttributeKey('PasswordExpiresAt', SearchAttributeType.DATETIME);

/** All search attributes, to be registered in the namespace. None identifies a person. */
export const searchAttributes = [citizenStatus, citizenBlocked, citizenJourney, passwordExpiresAt] as const;

/** The initial attributes of a citizen's workflow, which a registration act starts. */
export const startAttributes = new TypedSearchAttributes([
  { key: citizenStatus, value: 'registered' },
  { key: citizenJourney, value: 'none' },
]);
