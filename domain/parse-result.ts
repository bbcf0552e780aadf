/** The result of a parser: the canonical value, or the code of the defect (the field codes of the API). */
export type ParseResult<Value, Code extends string> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly code: Code };

/** A successful result. */
export const parseSuccess = <Value>(value: Value) => ({ ok: true, value }) as const;

/** A failed result. */
export const parseFailure = <Code extends string>(code: Code) => ({ ok: false, code }) as const;
