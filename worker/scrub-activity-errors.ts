import { ApplicationFailure, type Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { type Logger, redactError } from '../platform/log.ts';

/**
 * No library's error leaves an activity: a driver's or provider's words carry values, and a failure stays in the
 * history. What goes out is a type and a code; where it arose goes to the log. docs/security.md, 31
 */
export const scrubActivityErrors =
  (log: Logger) =>
  (context: Context): { inbound: ActivityInboundCallsInterceptor } => ({
    inbound: {
      async execute(input, next) {
        try {
          return await next(input);
        } catch (error) {
          if (error instanceof ApplicationFailure) throw error;
          const { kind, code } = redactError(error);
          const { activityType, attempt } = context.info;
          log.warn({ activity: activityType, attempt, err: error }, 'an activity failed');
          throw ApplicationFailure.create({ type: kind, message: code ? `${kind} ${code}` : kind });
        }
      },
    },
  });
