import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { readTraceparent } from '../platform/temporal-tracing.ts';
import { isTracing, withSpan } from '../platform/tracing.ts';

type ActivityInterceptor = (context: Context) => { inbound: ActivityInboundCallsInterceptor };

/** Adds a span for each attempt of an activity to the trace of the message that scheduled it. */
const activityInterceptor: ActivityInterceptor = ({ info }) => ({
  inbound: {
    execute: (input, next) => {
      const parent = readTraceparent(input.headers);
      if (parent === undefined) return next(input);
      const { activityType, attempt, isLocal } = info;
      const attributes = {
        'temporal.activity': activityType,
        'temporal.activity.attempt': attempt,
        'temporal.activity.local': isLocal,
      };
      return withSpan({ name: `activity ${activityType}`, kind: 'activity', parent, attributes }, () =>
        next(input),
      );
    },
  },
});

/** Interceptors of a worker that traces; none without tracing. */
export const activityTracing = (): ActivityInterceptor[] => (isTracing() ? [activityInterceptor] : []);
