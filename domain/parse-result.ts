/** What a parser answers: the canonical value, or the code of what is wrong (the field codes of the API). */
export type ParseResult<Value, Code extends string> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: Code };

/** The answer of a parser that understood its input. */
export const parseSuccess = <Value>(value: Value) => ({ ok: true, value }) as const;

/** The answer of a parser that did not. */
export const parseFailure = <Code extends string>(code: Code) => ({ ok: false, code }) as const;
