import { ApplicationFailure, type Context } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { type Logger, redactError } from '../platform/log.ts';
import { errorType } from '../platform/span.ts';

/**
 * Replaces an error of a library by its type and code before it leaves an activity: failures stay in histories, and the
 * messages of drivers and providers carry values. The log gets the stack frames. docs/security.md, 31
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
          const { activityType, attempt } = context.info;
          log.warn({ activity: activityType, attempt, err: error }, 'an activity failed');
          throw ApplicationFailure.create({ type: redactError(error).kind, message: errorType(error) });
        }
      },
    },
  });
