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
