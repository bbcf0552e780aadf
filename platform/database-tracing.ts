import { Client } from 'pg';
import { type SpanOptions, startSpan } from './tracing.ts';

/** A statement of ours that has a name is told by it; a name of a library's making says nothing. */
const statementName = /^[a-z]+(-[a-z]+)*$/;

/**
 * What can be told of a statement: the name that we gave it, or what it does and to which table. Its text stays here, and
 * its values anyway.
 */
export function describeStatement({
  text,
  name,
}: {
  text: string;
  name?: string | undefined;
}): Pick<SpanOptions, 'name' | 'attributes'> {
  const [operation = 'SQL'] = /[a-z]+/i.exec(text)?.map((word) => word.toUpperCase()) ?? [];
  // What begins with a WITH does several things to several tables.
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

/** A connection that shows its statements in the trace that is under way, if there is one. */
export class TracedPgClient extends Client {
  // The driver has a dozen ways to ask, for which this is one.
  override query(...asked: unknown[]): never {
    const ask = super.query.bind(this) as unknown as (...rest: unknown[]) => unknown;
    const [first] = asked;
    const statement =
      typeof first === 'string' ? { text: first } : (first as { text?: unknown; name?: string });
    const { text } = statement;
    if (typeof text !== 'string') return ask(...asked) as never;
    const span = startSpan({ kind: 'client', ...describeStatement({ ...statement, text }) });
    if (!span) return ask(...asked) as never;
    const callback = asked.at(-1);
    if (typeof callback === 'function') {
      const answered = (error: unknown, result: unknown) => {
        span.end(error ?? undefined);
        callback(error, result);
      };
      return ask(...asked.slice(0, -1), answered) as never;
    }
    const result = ask(...asked);
    if (result instanceof Promise)
      result.then(
        () => span.end(),
        (error: unknown) => span.end(error),
      );
    else span.end();
    return result as never;
  }
}
