/** One behaviour that docs/security.md promises, taken away: a text of a file is replaced by another. */
export interface Mutation {
  /** The number of its line in docs/security.md, such as `12a`. */
  readonly promise: string;
  /** What the mutated code does wrong. Unique, for `--only`. */
  readonly name: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly before: string;
  readonly after: string;
  /** Of the files that docs/security.md names for the promise, those of which one must fail. The cheapest suffice. */
  readonly tests: readonly string[];
}

/** Replaces the text of a mutation. @throws Error unless the text occurs exactly once */
export function mutate(source: string, { file, name, before, after }: Mutation): string {
  const times = source.split(before).length - 1;
  if (times !== 1) throw new Error(`${name}: its text occurs ${times} times in ${file}, not once`);
  // As a function: `$1` in SQL is no reference to a group.
  return source.replace(before, () => after);
}
