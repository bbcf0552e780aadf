/** The files that docs/security.md names for each promise, by the number of its line. */
export type Promises = ReadonlyMap<string, readonly string[]>;

/** Reads the promises from the text of docs/security.md. */
export function promisesOf(document: string): Promises {
  const rows = document.split('\n').filter((line) => /^\| \d/.test(line));
  return new Map(
    rows.map((row) => [
      row.split('|')[1]?.trim() ?? '',
      [...row.matchAll(/\]\(\.\.\/([^)]+)\): “/g)].map(([, file = '']) => file),
    ]),
  );
}
