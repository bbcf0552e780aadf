import type { WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { currentTraceparent, isTracing, withSpan } from './tracing.ts';

/** The header that carries the trace on messages and activities; `workflows/trace-header.ts` passes it on. */
export const traceHeader = 'traceparent';

/** Only messages carry the header. A workflow's start does not, so that a dormant workflow's history stays as small. */
const clientInterceptor: WorkflowClientInterceptor = {
  start: (input, next) =>
    withSpan({ name: `start ${input.workflowType}`, kind: 'client' }, () =>
      next({ ...input, headers: withTraceparent(input.headers) }),
    ),
  startUpdate: (input, next) =>
    withSpan({ name: `update ${input.updateName}`, kind: 'client' }, () =>
      next({ ...input, headers: withTraceparent(input.headers) }),
    ),
  startUpdateWithStart: (input, next) =>
    withSpan({ name: `update ${input.updateName}`, kind: 'client' }, () =>
      next({ ...input, updateHeaders: withTraceparent(input.updateHeaders) }),
    ),
  query: (input, next) => withSpan({ name: `query ${input.queryType}`, kind: 'client' }, () => next(input)),
};

function withTraceparent(headers: Headers): Headers {
  const value = currentTraceparent();
  return value === undefined
    ? headers
    : { ...headers, [traceHeader]: defaultPayloadConverter.toPayload(value) };
}

/** The `traceparent` in a header; undefined if there is none or it cannot be decoded. */
export function readTraceparent(headers: Headers): string | undefined {
  const payload = headers[traceHeader];
  if (!payload) return undefined;
  try {
    const value = defaultPayloadConverter.fromPayload<unknown>(payload);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Interceptors of a client that traces; none without tracing. */
export const clientTracing = (): WorkflowClientInterceptor[] => (isTracing() ? [clientInterceptor] : []);
