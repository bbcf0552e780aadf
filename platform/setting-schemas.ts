import { readFileSync } from 'node:fs';
import { z } from 'zod';

/* Schemas of environment variables. `config.ts` composes the settings of each process from them. */

export const port = (fallback: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port number, 0 to 65535')
    .transform(Number)
    .refine((value) => value <= 65_535, 'must be a port number, 0 to 65535')
    .default(fallback);

export const postgresUrl = z
  .string()
  .refine(
    (value) => URL.canParse(value) && /^postgres(ql)?:$/.test(new URL(value).protocol),
    'must be a postgresql:// URL',
  );
export const httpUrl = z
  .string()
  .refine(
    (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
    'must be an http(s):// URL',
  );
/** The origin of a site, as its own pages state it: no path, no trailing slash. */
export const origin = z
  .string()
  .refine(
    (value) =>
      URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) && new URL(value).origin === value,
    'must be an origin, as https://example.org',
  );
/** The origin of a site on https. */
export const httpsOrigin = origin.refine((value) => value.startsWith('https:'), 'must be on https');
/** A host name or an address on which to listen. */
export const host = z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/, 'must be a host name or an IP address');
export const address = z.string().regex(/^[^\s:/]+:\d{1,5}$/, 'must be host:port');

/** One key of a key ring. Values that it makes carry its id (docs/adr/0011). */
export interface SecretKey {
  readonly id: string;
  readonly bytes: Buffer;
}

export const keyRing = z.string().transform((value, context): [SecretKey, ...SecretKey[]] => {
  const keys = value.split(',').map((entry) => {
    const [, id, text] = /^\s*([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]{43}=)\s*$/.exec(entry) ?? [];
    return id && text ? { id, bytes: Buffer.from(text, 'base64') } : undefined;
  });
  const ids = new Set(keys.map((key) => key?.id));
  if (keys.includes(undefined) || ids.size !== keys.length) {
    context.addIssue({
      code: 'custom',
      message: 'must be id:base64 of 32 bytes, more after a comma, each id once',
    });
    return z.NEVER;
  }
  return keys as [SecretKey, ...SecretKey[]];
});

/** One key without an id: what it makes is compared for ever, so that it is never replaced. */
export const singleKey = z
  .string()
  .regex(/^[A-Za-z0-9+/]{43}=$/, 'must be base64 of 32 bytes')
  .transform((text) => Buffer.from(text, 'base64'));

/** A bearer key chosen by an operator, long enough to resist guessing. */
export const bearerKey = z
  .string()
  .regex(/^[\x21-\x7e]{24,256}$/, 'must be 24 to 256 visible ASCII characters');

export const proxies = z
  .string()
  .regex(/^\d{1,2}$/, 'must be the number of proxies in front')
  .transform(Number)
  .default(0);

/** Seconds for which a stopping process keeps serving (platform/graceful-shutdown.ts). */
export const drainSeconds = z
  .string()
  .regex(/^\d{1,3}$/, 'must be whole seconds, 0 to 999')
  .transform(Number)
  .default(0);

/** The task queues that a worker can serve (domain/task-queues.ts). */
const workerQueue = z.enum(
  ['citizens', 'sms', 'gateway'],
  'must be citizens, sms, gateway or several of them, separated by commas',
);
export type WorkerQueue = z.infer<typeof workerQueue>;

export const workerQueues = z
  .string()
  .transform((value) => value.split(',').map((name) => name.trim()))
  .pipe(z.array(workerQueue))
  .default(['citizens', 'sms', 'gateway']);

export const file = z.string().refine(isReadable, 'must be a file that can be read');

/** `name=value` pairs, separated by commas, values percent-encoded: the format of OpenTelemetry's header settings. */
export const headerList = z.string().transform((value, context): Record<string, string> => {
  const pairs = value.split(',').map((entry) => {
    const [, name, text] = /^\s*([A-Za-z0-9-]+)\s*=\s*(\S*)\s*$/.exec(entry) ?? [];
    return name && text !== undefined ? ([name, decoded(text)] as const) : undefined;
  });
  if (pairs.every((pair): pair is readonly [string, string] => pair?.[1] !== undefined))
    return Object.fromEntries(pairs);
  context.addIssue({
    code: 'custom',
    message: 'must be name=value, more after a comma, values percent-encoded',
  });
  return z.NEVER;
});

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

export const tracing = {
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: headerList.default({}),
  OTEL_TRACES_SAMPLER_ARG: z
    .string()
    .regex(/^(0(\.\d+)?|1(\.0+)?)$/, 'must be a part of all, 0 to 1')
    .transform(Number)
    .default(1),
};

export const logLevel = z
  .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
  .default('info');

export const origins = z
  .string()
  .transform((value) => value.split(',').map((origin) => origin.trim()))
  .pipe(
    z.array(
      z
        .string()
        .refine(
          (value) => URL.canParse(value) && new URL(value).origin === value,
          'must be origins, as https://example.org',
        ),
    ),
  );

function isReadable(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}
