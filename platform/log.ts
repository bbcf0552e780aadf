import pino, { type DestinationStream, type Logger } from 'pino';

export type { Logger };

/**
 * Structured logs, one JSON line each, to standard output or another destination. What is logged is chosen field by field; the paths below
 * are a second line of defence, should an object with a secret or a person's data be handed over whole.
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
          'ip',
        ].flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
        censor: '[redacted]',
      },
      serializers: { err: redactError },
    },
    ...(destination ? [destination] : []),
  );

/**
 * What may be said of an error: its kind, its code and where it arose. Never its message: those of drivers and
 * providers carry values, such as a phone number or a row's content.
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
