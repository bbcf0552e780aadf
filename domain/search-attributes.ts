import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';

/** registered, active, expired, suspended or unsubscribed. */
export const citizenStatusAttribute = defineSearchAttributeKey('CitizenStatus', SearchAttributeType.KEYWORD);
/** The blocked credentials: `code`, `password`, both or none. */
export const citizenBlockedAttribute = defineSearchAttributeKey('Blocked', SearchAttributeType.KEYWORD_LIST);
/** The kind of the open journey, or `none`. */
export const citizenJourneyAttribute = defineSearchAttributeKey('Journey', SearchAttributeType.KEYWORD);
export const passwordExpiresAtAttribute = defineSearchAttributeKey(
  'PasswordExpiresAt',
  SearchAttributeType.DATETIME,
);

/** All search attributes, to be registered in the namespace. None identifies a person. */
export const searchAttributes = [
  citizenStatusAttribute,
  citizenBlockedAttribute,
  citizenJourneyAttribute,
  passwordExpiresAtAttribute,
] as const;

/** The initial attributes of a citizen's workflow, which a registration act starts. */
export const startAttributes = new TypedSearchAttributes([
  { key: citizenStatusAttribute, value: 'registered' },
  { key: citizenJourneyAttribute, value: 'none' },
]);
