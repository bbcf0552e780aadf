const shape = /^[\w-]{1,64}$/;

/**
 * Whether a text is an id as we and the provider make them. Any other is not looked up: PostgreSQL refuses some characters with an
 * error, and with a blank a code could name what another realm has issued (`realm.ts`).
 */
export const isOpaqueId = (text: unknown): text is string => typeof text === 'string' && shape.test(text);
