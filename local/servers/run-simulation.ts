import { LocalServerError } from './local-server-error.ts';

interface Simulation {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Runs a simulation (phone, card reader, demo administration) as a process of its own: prints its address, and ends it with
 * SIGTERM, SIGINT or the launcher that started it. A start that fails prints the reason and ends with code 1.
 */
export async function runSimulation(
  name: string,
  start: (env: NodeJS.ProcessEnv) => Promise<Simulation>,
): Promise<void> {
  try {
    const simulation = await start(process.env);
    process.stdout.write(`The ${name} is at ${simulation.url}\n`);
    const stop = () => void simulation.stop().finally(() => process.exit(0));
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    process.once('disconnect', stop); // the launcher is gone
  } catch (error) {
    process.stderr.write(`${error instanceof LocalServerError ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
