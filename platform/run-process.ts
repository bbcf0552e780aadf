import { SettingsError } from './config.ts';
import type { Logger } from './log.ts';
import { redactError } from './log.ts';

/** What a process does when it is asked to stop. */
export type Stop = () => Promise<void>;

/**
 * Runs a process until it is asked to stop: by SIGTERM or SIGINT, or because the launcher that it belongs to is gone
 * (its channel closes). Wrong settings give their lines and nothing else; whatever else fails is logged briefly.
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
