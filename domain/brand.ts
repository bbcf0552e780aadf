/**
 * A string that its parser has validated, as a type of its own. At run time it is a plain string; one read back from
 * storage is cast, since only validated ones are stored.
 */
export type Brand<Name extends string> = string & { readonly __brand: Name };
