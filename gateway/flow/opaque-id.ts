const shape = /^[\w-]{1,64}$/;

/**
 * Whether a text has the characters and the length of ids that we, the API and the provider make. No other is looked up:
 * PostgreSQL refuses some characters with an error, and an id that begins with the prefix of a realm would find what that realm
 * has issued (`realm.ts`).
 */
export const isOpaqueId = (text: unknown): text is string => typeof text === 'string' && shape.test(text);
