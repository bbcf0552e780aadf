import pino, { type DestinationStream, type Logger } from 'pino';

export type { Logger };

/**
 * A structured log: one JSON line per entry, to standard output or `destination`. Callers log single fields; redaction is
 * a second line of defence for an object that holds secrets or personal data.
 */
export const createLog = (process: string, level: string, destination?: DestinationStream): Logger =>
  pino(
    {
      level,
      base: { process },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [
          'nationalId',
          'email',
          'phone',
          'activationCode',
          'otp',
          'password',
          'token',
          'authorization',
          'browserToken',
          'browser',
          'ip',
        ].flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
        censor: '[redacted]',
      },
      serializers: { err: redactError },
    },
    ...(destination ? [destination] : []),
  );

/** Lines wait for so long (ms), or until there are so many bytes. */
const flushAfterMs = 100;
const flushAtBytes = 4_096;

/** Of pino's levels those from `warn` on. */
const isUrgent = (line: string): boolean => /^\{"level":[456]0/.test(line);

/**
 * Standard output, written in portions: for a process that logs each of many small requests. What tells of a failure is written
 * at once, with all before it, and so is what is left when the process exits; one that is killed loses a tenth of a second.
 */
export function portionedOutput(fd = 1): DestinationStream {
  const output = pino.destination({ fd, sync: true, minLength: flushAtBytes });
  let due: NodeJS.Timeout | undefined;
  const forget = () => {
    clearTimeout(due);
    due = undefined;
  };
  process.on('exit', () => output.flushSync());
  return {
    write(line) {
      output.write(line);
      if (isUrgent(line)) {
        forget();
        output.flushSync();
      } else {
        // Not `periodicFlush`: it writes nothing ten times a second, also to a file that is closed.
        due ??= setTimeout(() => {
          forget();
          output.flush();
        }, flushAfterMs).unref();
      }
    },
  };
}

/**
 * The loggable part of an error: name, code and the first stack frames. Never the message: those of drivers and providers
 * carry values, such as a phone number or a row's content.
 */
export function redactError(error: unknown): { kind: string; code?: string; at?: string[] } {
  if (!(error instanceof Error)) return { kind: typeof error };
  const code = (error as { code?: unknown }).code;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return {
    kind: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}),
    ...(frames.length > 0 ? { at: frames.slice(0, 4).map((line) => line.trim()) } : {}),
  };
}
