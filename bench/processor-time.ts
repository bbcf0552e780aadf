import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = 100;

/** A line of /proc: its second field may hold spaces and brackets, so that what follows it is counted from its end. */
const fieldsOf = (pid: number): string[] | undefined => {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return line.slice(line.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined; // gone meanwhile
  }
};

/** Every process below this one, and itself. Linux only. */
export function tree(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? fieldsOf(Number(name))?.[1] : undefined;
    if (parent) parents.set(Number(name), Number(parent));
  }
  const below = (parent: number): number[] => [
    parent,
    ...[...parents].flatMap(([child, its]) => (its === parent ? below(child) : [])),
  ];
  return below(pid);
}

/** What a process and those below it have used of the processors so far (ms), those below that have ended included. */
export const processorMs = (pid: number): number =>
  tree(pid)
    .flatMap((each) => fieldsOf(each)?.slice(11, 15) ?? [])
    .reduce((sum, ticks) => sum + (Number(ticks) * 1_000) / ticksPerSecond, 0);

/** The memory that a process and those below it hold (MiB, RSS). */
export const memoryMiB = (pid: number): number =>
  tree(pid).reduce((sum, each) => sum + (Number(fieldsOf(each)?.[21] ?? 0) * 4_096) / 1_048_576, 0);
