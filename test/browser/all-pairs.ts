/** The values that each parameter of a test can have. */
export type Parameters = Readonly<Record<string, readonly (string | number | boolean)[]>>;

/** One value for each parameter. */
export type Row<Of extends Parameters> = { readonly [Name in keyof Of]: Of[Name][number] };

/** Every combination of the parameters' values. */
export function allCombinations<const Of extends Parameters>(parameters: Of): Row<Of>[] {
  let rows: Record<string, unknown>[] = [{}];
  for (const [name, values] of Object.entries(parameters))
    rows = rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value })));
  return rows as Row<Of>[];
}

/**
 * Few rows in which every pair of values of two parameters occurs (pairwise testing): most defects depend on no more than
 * two parameters. Deterministic: takes the first pair that no row has yet, and gives each other parameter the value that
 * adds the most missing pairs, the least used one of several.
 */
export function allPairs<const Of extends Parameters>(parameters: Of): Row<Of>[] {
  const names = Object.keys(parameters);
  const key = (a: number, i: number, b: number, j: number) =>
    a < b ? `${a}.${i}-${b}.${j}` : `${b}.${j}-${a}.${i}`;
  const missing = new Set<string>();
  const sizes = names.map((name) => parameters[name]?.length ?? 0);
  for (const [a, sizeA] of sizes.entries())
    for (const [b, sizeB] of sizes.entries())
      if (a < b)
        for (let i = 0; i < sizeA; i += 1) for (let j = 0; j < sizeB; j += 1) missing.add(key(a, i, b, j));

  const uses = sizes.map((size) => Array<number>(size).fill(0));
  const rows: Row<Of>[] = [];
  for (const pair of missing) {
    const [[a = 0, i = 0] = [], [b = 0, j = 0] = []] = pair
      .split('-')
      .map((one) => one.split('.').map(Number));
    const chosen = new Map([
      [a, i],
      [b, j],
    ]);
    for (const [other, size] of sizes.entries()) {
      if (chosen.has(other)) continue;
      const added = (value: number) =>
        [...chosen].filter(([parameter, index]) => missing.has(key(parameter, index, other, value))).length;
      const used = (value: number) => uses[other]?.[value] ?? 0;
      const values = Array.from({ length: size }, (_, value) => value);
      const [best = 0] = values.sort((x, y) => added(y) - added(x) || used(x) - used(y) || x - y);
      chosen.set(other, best);
    }
    for (const [one, value] of chosen) {
      const counts = uses[one];
      if (counts) counts[value] = (counts[value] ?? 0) + 1;
      for (const [other, index] of chosen) if (one !== other) missing.delete(key(one, value, other, index));
    }
    const values = names.map((name, parameter) => [name, parameters[name]?.[chosen.get(parameter) ?? 0]]);
    rows.push(Object.fromEntries(values) as Row<Of>);
  }
  return rows;
}
