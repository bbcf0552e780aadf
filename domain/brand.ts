/**
 * A text that has been through its parser, so that the compiler tells it from one that has not. At run time it is
 * the text itself: it may be stored, sent and read back (then cast: what we stored was parsed).
 */
export type Brand<Name extends string> = string & { readonly __brand: Name };
