import type { z } from 'zod';

/** Missing or invalid settings: one printable line for each, without values of secrets. */
export class SettingsError extends Error {
  readonly lines: readonly string[];
  constructor(lines: readonly string[]) {
    super(lines.join('\n'));
    this.name = 'SettingsError';
    this.lines = lines;
  }
}

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Parses variables with a schema. @throws SettingsError. An empty variable counts as unset: shell scripts and Compose pass on unset ones as empty. */
export function parseSettings<Shape extends z.ZodType>(shape: Shape, env: Environment): z.infer<Shape> {
  const set = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = shape.safeParse(set);
  if (result.success) return result.data;
  throw new SettingsError(
    result.error.issues.map((issue) => {
      const name = String(issue.path[0]);
      return name in set ? `${name}: ${issue.message}` : `${name}: is required`;
    }),
  );
}
