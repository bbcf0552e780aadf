import { randomBytes } from 'node:crypto';

/** How far a message has come; the last three are final. */
export type MessageStatus = 'queued' | 'sent' | 'delivered' | 'undelivered' | 'failed';

/** A request to send a message. */
export interface MessageRequest {
  readonly to: string;
  /** A number or name, or the messaging service's sid. */
  readonly from: string;
  readonly body: string;
  readonly statusCallback: string | undefined;
}

/** A message that the phone has accepted. Instants in ms since the epoch. */
export interface Message extends MessageRequest {
  readonly sid: string;
  readonly createdAtMs: number;
  status: MessageStatus;
  updatedAtMs: number;
  errorCode: number | undefined;
}

/** The phone's memory: the last `capacity` messages, oldest first. Gone when the process ends. */
export class MessageStore {
  readonly #messages: Message[] = [];
  readonly #capacity: number;

  constructor(capacity = 1_000) {
    this.#capacity = capacity;
  }

  add(order: MessageRequest): Message {
    const now = Date.now();
    const sid = `SM${randomBytes(16).toString('hex')}`;
    const message: Message = {
      ...order,
      sid,
      createdAtMs: now,
      updatedAtMs: now,
      status: 'queued',
      errorCode: undefined,
    };
    this.#messages.push(message);
    if (this.#messages.length > this.#capacity) this.#messages.shift();
    return message;
  }

  /** Oldest first; only those to one number if `to` is given. */
  list(to?: string): readonly Message[] {
    return to === undefined ? [...this.#messages] : this.#messages.filter((message) => message.to === to);
  }

  find(sid: string): Message | undefined {
    return this.#messages.find((message) => message.sid === sid);
  }

  remove(sid: string): void {
    const index = this.#messages.findIndex((message) => message.sid === sid);
    if (index >= 0) this.#messages.splice(index, 1);
  }

  clear(): void {
    this.#messages.length = 0;
  }
}
