import { Client } from 'pg';
import type { SpanOptions } from './span.ts';
import { startSpan } from './tracing.ts';

/** Names of this project's prepared statements, which become span names. Those of libraries carry no meaning. */
const statementName = /^[a-z]+(-[a-z]+)*$/;

/**
 * The span of a statement: its name, or else its operation and table. Neither its text nor its values become attributes,
 * since both can hold personal data.
 */
export function describeStatement({
  text,
  name,
}: {
  text: string;
  name?: string | undefined;
}): Pick<SpanOptions, 'name' | 'attributes'> {
  const [operation = 'SQL'] = /[a-z]+/i.exec(text)?.map((word) => word.toUpperCase()) ?? [];
  // A statement that begins with WITH writes several tables.
  const [, table] = operation === 'WITH' ? [] : (tableName(text) ?? []);
  return {
    name: name && statementName.test(name) ? name : [operation, table].filter(Boolean).join(' '),
    attributes: {
      'db.system.name': 'postgresql',
      'db.operation.name': operation,
      ...(table && { 'db.collection.name': table }),
    },
  };
}

const tableName = (text: string) =>
  /\b(?:INTO|(?<!FOR )UPDATE)\s+(?:"?public"?\.)?"?([A-Za-z_]\w*)/i.exec(text) ??
  /\bFROM\s+(?:"?public"?\.)?"?([A-Za-z_]\w*)/i.exec(text);

/** A connection that adds a span for each statement to the active trace. */
export class TracedPgClient extends Client {
  // One signature for the driver's dozen overloads.
  override query(...args: unknown[]): never {
    const query = super.query.bind(this) as unknown as (...rest: unknown[]) => unknown;
    const [first] = args;
    const statement =
      typeof first === 'string' ? { text: first } : (first as { text?: unknown; name?: string });
    const { text } = statement;
    if (typeof text !== 'string') return query(...args) as never;
    const span = startSpan({ kind: 'client', ...describeStatement({ ...statement, text }) });
    if (!span) return query(...args) as never;
    const callback = args.at(-1);
    if (typeof callback === 'function') {
      const traced = (error: unknown, result: unknown) => {
        span.end(error ?? undefined);
        callback(error, result);
      };
      return query(...args.slice(0, -1), traced) as never;
    }
    const result = query(...args);
    if (result instanceof Promise)
      result.then(
        () => span.end(),
        (error: unknown) => span.end(error),
      );
    else span.end();
    return result as never;
  }
}
