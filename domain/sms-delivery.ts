import type { Delivery } from './journeys.ts';

/** What the provider's word on a text says of its delivery. Words that are not here say nothing new. [Twilio-SMS] */
export const deliveryByProviderStatus: ReadonlyMap<string, Delivery> = new Map([
  ['sent', 'sent'],
  ['delivered', 'delivered'],
  ['undelivered', 'failed'],
  ['failed', 'failed'],
]);

/**
 * What a text must be at for the next word on it to count: words come in any order, and a late one takes nothing back.
 * What has arrived has arrived, even if we had given it up.
 */
export const allowedPredecessors: Readonly<Record<Delivery, readonly Delivery[]>> = {
  pending: [],
  sent: ['pending'],
  failed: ['pending', 'sent'],
  delivered: ['pending', 'sent', 'failed'],
};
