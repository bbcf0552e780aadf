import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';

/** registered, active, expired, suspended or unsubscribed. */
export const citizenStatus = defineSearchAttributeKey('CitizenStatus', SearchAttributeType.KEYWORD);
/** What is blocked: `code`, `password`, both or nothing. */
export const citizenBlocked = defineSearchAttributeKey('Blocked', SearchAttributeType.KEYWORD_LIST);
/** The kind of the journey under way, or `none`. */
export const citizenJourney = defineSearchAttributeKey('Journey', SearchAttributeType.KEYWORD);
export const passwordExpiresAt = defineSearchAttributeKey('PasswordExpiresAt', SearchAttributeType.DATETIME);

/** All search attributes that a namespace must know. They name no person. */
export const searchAttributes = [citizenStatus, citizenBlocked, citizenJourney, passwordExpiresAt] as const;

/** With what a citizen's workflow is started: the act that it is started for makes them so. */
export const startAttributes = new TypedSearchAttributes([
  { key: citizenStatus, value: 'registered' },
  { key: citizenJourney, value: 'none' },
]);
