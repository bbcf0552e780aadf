import { SettingsError } from './config.ts';
import type { Logger } from './log.ts';
import { redactError } from './log.ts';

/** Releases what a process holds, before it exits. */
export type Stop = () => Promise<void>;

/**
 * Runs a process until SIGTERM, SIGINT or the end of its launcher (its IPC channel closes), then stops it. Invalid
 * settings are printed line by line; any other error that prevents the start is printed redacted.
 */
export async function runProcess(start: () => Promise<{ log: Logger; stop: Stop }>): Promise<void> {
  const { log, stop } = await start().catch(exitWithError);
  let isStopping = false;
  const stopOnce = (why: string) => {
    if (isStopping) return;
    isStopping = true;
    log.info({ why }, 'stopping');
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stopOnce('SIGTERM'));
  process.on('SIGINT', () => stopOnce('SIGINT'));
  process.on('disconnect', () => stopOnce('launcher gone'));
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'unhandled rejection');
    process.exit(1);
  });
}

/** @throws never: ends the process */
function exitWithError(error: unknown): never {
  const lines = error instanceof SettingsError ? error.lines : [JSON.stringify(redactError(error))];
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exit(1);
}
