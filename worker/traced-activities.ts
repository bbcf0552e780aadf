import type { Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { traceIn } from '../platform/traced-calls.ts';
import { isTracing, traced } from '../platform/tracing.ts';

type ActivityInterceptor = (context: Context) => { inbound: ActivityInboundCallsInterceptor };

/** Shows an activity, local or ordinary, each try of it, under the message that it was scheduled for. */
const inTrace: ActivityInterceptor = ({ info }) => ({
  inbound: {
    execute: (input, next) => {
      const parent = traceIn(input.headers);
      if (parent === undefined) return next(input);
      const { activityType, attempt, isLocal } = info;
      const notes = {
        'temporal.activity': activityType,
        'temporal.activity.attempt': attempt,
        'temporal.activity.local': isLocal,
      };
      return traced({ name: `activity ${activityType}`, kind: 'activity', parent, notes }, () => next(input));
    },
  },
});

/** What a worker needs to be seen in traces: nothing without tracing. */
export const tracedActivities = (): ActivityInterceptor[] => (isTracing() ? [inTrace] : []);
