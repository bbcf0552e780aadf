/** What shows that a gateway, or the launcher that starts it, serves citizens. */
interface Surroundings {
  readonly GATEWAY_SIMULATOR?: string | undefined;
  readonly GATEWAY_URL?: string | undefined;
  readonly GATEWAY_DATABASE_URL?: string | undefined;
  /** The databases that somebody has named. */
  readonly named?: Readonly<Record<string, string | undefined>>;
}

/**
 * Why the simulator may not be on here, a line for each reason. Its identifications are invented: it is never beside citizens.
 * A database that is named, one on another machine, and https are those of a real gateway.
 */
export function simulatorProblems({
  GATEWAY_SIMULATOR,
  GATEWAY_URL,
  GATEWAY_DATABASE_URL,
  named = {},
}: Surroundings): string[] {
  if (GATEWAY_SIMULATOR !== 'on') return [];
  const given = Object.keys(named).filter((name) => named[name]);
  const problems = given.map((name) => `with a ${name}`);
  if (GATEWAY_DATABASE_URL && !isOnThisMachine(GATEWAY_DATABASE_URL))
    problems.push('with a database on another machine');
  if (GATEWAY_URL?.startsWith('https:')) problems.push('on https');
  return problems.map((problem) => `GATEWAY_SIMULATOR: is not for a gateway ${problem}`);
}

/** `?host=` would prevail over the host. */
function isOnThisMachine(databaseUrl: string): boolean {
  const { hostname, searchParams } = new URL(databaseUrl);
  return /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/.test(hostname) && !searchParams.has('host');
}
