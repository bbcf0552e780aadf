import { setTimeout as sleep } from 'node:timers/promises';

/** A text that arrived. */
export interface ReceivedSms {
  readonly sid: string;
  readonly to: string;
  readonly body: string;
}

/**
 * Everybody's telephone: it remembers what arrived, while the local phone forgets everything when it dies. What came in
 * the last moment before is lost, as a text may be.
 */
export class SmsInbox {
  readonly #url: string;
  readonly #texts = new Map<string, ReceivedSms>();
  #stopped = false;
  readonly #polling: Promise<void>;

  constructor(phoneUrl: string) {
    this.#url = `${phoneUrl}/messages.json`;
    this.#polling = this.#poll();
  }

  async #poll(): Promise<void> {
    for (; !this.#stopped; await sleep(25)) await this.look();
  }

  /** Fetches what has arrived. A phone that is away has nothing new. */
  async look(): Promise<void> {
    try {
      const reply = await fetch(this.#url, { signal: AbortSignal.timeout(2_000) });
      const { messages } = (await reply.json()) as { messages: ReceivedSms[] };
      for (const message of messages) this.#texts.set(message.sid, message);
      // Its memory is bounded, and its answers are to stay short.
      if (messages.length > 200) await fetch(this.#url, { method: 'DELETE' });
    } catch {
      // killed or stopped
    }
  }

  bySid(sid: string): ReceivedSms | undefined {
    return this.#texts.get(sid);
  }

  /** Oldest first. */
  to(phone: string): ReceivedSms[] {
    return [...this.#texts.values()].filter(({ to }) => to === phone);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#polling;
  }
}

/** The six digits of a text, if it has any. */
export const otpIn = ({ body }: Pick<ReceivedSms, 'body'>): string | undefined => /\b\d{6}\b/.exec(body)?.[0];
