import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { readTraceparent } from '../platform/temporal-tracing.ts';
import { isTracing, withSpan } from '../platform/tracing.ts';

type ActivityInterceptor = (context: Context) => { inbound: ActivityInboundCallsInterceptor };

/** Shows an activity, local or ordinary, each try of it, under the message that it was scheduled for. */
const activityInterceptor: ActivityInterceptor = ({ info }) => ({
  inbound: {
    execute: (input, next) => {
      const parent = readTraceparent(input.headers);
      if (parent === undefined) return next(input);
      const { activityType, attempt, isLocal } = info;
      const notes = {
        'temporal.activity': activityType,
        'temporal.activity.attempt': attempt,
        'temporal.activity.local': isLocal,
      };
      return withSpan({ name: `activity ${activityType}`, kind: 'activity', parent, attributes: notes }, () =>
        next(input),
      );
    },
  },
});

/** What a worker needs to be seen in traces: nothing without tracing. */
export const activityTracing = (): ActivityInterceptor[] => (isTracing() ? [activityInterceptor] : []);
