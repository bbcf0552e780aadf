import { z } from 'zod';
import type { LogoutDelivery, LogoutNoticeSender } from '../activities/logout-notices.ts';

/** Longer (ms) than the gateway waits for a relying party (`gateway/logout/party-endpoint.ts`). */
const timeoutMs = 10_000;

const Delivery = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('delivered') }),
  z.strictObject({ kind: z.literal('not-needed') }),
  z.strictObject({ kind: z.literal('failed'), failure: z.string().regex(/^[a-z0-9-]{1,40}$/) }),
]);

/**
 * Asks the gateway, which has the keys, knows the subjects and sends the notice: a worker signs nothing for a relying party.
 * Undefined without the gateway's key.
 */
export const createLogoutNoticeSender = ({
  GATEWAY_INTERNAL_URL,
  GATEWAY_KEY,
}: {
  GATEWAY_INTERNAL_URL: string;
  GATEWAY_KEY?: string | undefined;
}): LogoutNoticeSender | undefined =>
  GATEWAY_KEY === undefined
    ? undefined
    : {
        async send(noticeId): Promise<LogoutDelivery> {
          try {
            const response = await fetch(
              new URL(`/internal/logout-notices/${noticeId}`, GATEWAY_INTERNAL_URL),
              {
                method: 'POST',
                headers: { 'X-Gateway-Key': GATEWAY_KEY },
                redirect: 'error',
                signal: AbortSignal.timeout(timeoutMs),
              },
            );
            if (!response.ok) return { kind: 'failed', failure: `gateway-${response.status}` };
            return Delivery.parse(await response.json());
          } catch {
            return { kind: 'failed', failure: 'gateway-unavailable' };
          }
        },
      };
