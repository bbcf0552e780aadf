import type { Delivery } from './journeys.ts';

/** The delivery that a provider's status means. Other statuses change nothing. [Twilio-SMS] */
export const deliveryByProviderStatus: ReadonlyMap<string, Delivery> = new Map([
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['undelivered', 'failed'],
  ['failed', 'failed'],
]);

/**
 * The deliveries that a new one may replace. Callbacks arrive in any order, and a late one must not undo a later state;
 * `delivered` replaces even `failed`.
 */
export const allowedPredecessors: Readonly<Record<Delivery, readonly Delivery[]>> = {
  pending: [],
  sent: ['pending'],
  failed: ['pending', 'sent'],
  delivered: ['pending', 'sent', 'failed'],
};
