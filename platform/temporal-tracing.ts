import type { WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { currentTraceparent, isTracing, withSpan } from './tracing.ts';

/** The header of messages and activities under which a trace goes on; `workflows/trace-header.ts` hands it through. */
export const traceHeader = 'traceparent';

/** Only messages carry it: a citizen's workflow starts as it does without, so that a sleeper is no larger. */
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

/** The `traceparent` that a header carries, if it is one that can be read. */
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

/** What a client needs to be seen in traces: nothing without tracing. */
export const clientTracing = (): WorkflowClientInterceptor[] => (isTracing() ? [clientInterceptor] : []);
