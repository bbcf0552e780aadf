import { setTimeout as sleep } from 'node:timers/promises';
import type { ReceivedMessage } from '../../local/phone/inbox-routes.ts';
import { receivedMessages } from '../../local/phone/phone-client.ts';

/**
 * The citizens' telephones: they keep what has arrived, while the local phone loses its memory when it is killed. A
 * message that arrives in its last moments is lost, as an SMS may be.
 */
export class SmsInbox {
  readonly #phoneUrl: string;
  readonly #messages = new Map<string, ReceivedMessage>();
  #stopped = false;
  readonly #polling: Promise<void>;

  constructor(phoneUrl: string) {
    this.#phoneUrl = phoneUrl;
    this.#polling = this.#poll();
  }

  async #poll(): Promise<void> {
    for (; !this.#stopped; await sleep(25)) await this.fetch();
  }

  /** Fetches what has arrived; nothing while the phone is away. */
  async fetch(): Promise<void> {
    try {
      const messages = await receivedMessages(this.#phoneUrl, { timeoutMs: 2_000 });
      for (const message of messages) this.#messages.set(message.sid, message);
      // The phone's memory is bounded, and its answers are to stay short.
      if (messages.length > 200) await fetch(`${this.#phoneUrl}/messages.json`, { method: 'DELETE' });
    } catch {
      // killed or stopped
    }
  }

  bySid(sid: string): ReceivedMessage | undefined {
    return this.#messages.get(sid);
  }

  /** Oldest first. */
  to(phone: string): ReceivedMessage[] {
    return [...this.#messages.values()].filter(({ to }) => to === phone);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#polling;
  }
}
