import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ApiClient,
  createApiClient,
  type Problem,
  type Reply,
  withTimeout,
} from '../../client/client.ts';
import { otpIn, receivedMessages } from '../phone/phone-client.ts';

/** An answer or an SMS is not as expected. */
export class Difference extends Error {}

/** The status, and values by their place in the answer's body: `journey.step`, `errors.0.code`. */
export interface Expected {
  readonly status: number;
  readonly [place: string]: unknown;
}

/** Leads a citizen through the service and prints each step: the call, the checked part of its answer, the SMS. */
export class Walker {
  readonly api: ApiClient;
  readonly #phoneUrl: string;
  readonly #phone: string;
  #request = '';
  #messagesRead = 0;

  constructor({ url, phoneUrl }: { url: string; phoneUrl: string }, phone: string) {
    this.#phoneUrl = phoneUrl;
    this.#phone = phone;
    const send = withTimeout();
    this.api = createApiClient({
      url,
      transport: (request) => {
        const path = new URL(request.url).pathname.replace('/api/v1', '');
        this.#request = `${request.method} ${path.replace(/journeys\/[^/]+/, 'journeys/…')}`;
        return send(request);
      },
    });
  }

  /** An answer with these values. @returns its body. @throws Difference */
  async expect<Data>(
    what: string,
    reply: Promise<Reply<Data>>,
    expected: Expected,
  ): Promise<NonNullable<Data>> {
    const { data } = await this.#compare(what, reply, expected);
    return data as NonNullable<Data>;
  }

  /** A refusal with these values. @returns the problem. @throws Difference */
  async expectProblem(what: string, reply: Promise<Reply<unknown>>, expected: Expected): Promise<Problem> {
    const { error } = await this.#compare(what, reply, expected);
    return error as Problem;
  }

  async #compare<Data>(what: string, reply: Promise<Reply<Data>>, expected: Expected): Promise<Reply<Data>> {
    const settled = await reply;
    const { status } = settled.response;
    const body = settled.data ?? settled.error;
    this.say(`${what}: ${this.#request} → ${status}`);
    for (const [place, value] of Object.entries(expected)) {
      const found = place === 'status' ? status : valueAt(body, place);
      if (found !== value)
        throw new Difference(
          `${what}: ${place} is ${JSON.stringify(found)}, not ${JSON.stringify(value)}\n${JSON.stringify(body)}`,
        );
      if (place !== 'status') this.say(`    ${place}: ${value}`);
    }
    return settled;
  }

  /** Waits for the next SMS, whose text must match. @returns its six digits, '' if it has none. @throws Difference */
  async readSms(expected: RegExp): Promise<string> {
    for (const end = Date.now() + 10_000; Date.now() < end; await sleep(100)) {
      const next = (await receivedMessages(this.#phoneUrl, { to: this.#phone }))[this.#messagesRead];
      if (!next) continue;
      this.#messagesRead += 1;
      this.say(`    SMS: ${next.body}`);
      if (!expected.test(next.body)) throw new Difference(`this SMS does not match ${expected}`);
      return otpIn(next.body) ?? '';
    }
    throw new Difference(`no SMS that matches ${expected} arrived`);
  }

  say(line: string): void {
    process.stdout.write(`${line}\n`);
  }
}

const valueAt = (body: unknown, place: string): unknown =>
  place.split('.').reduce((at: unknown, name) => (at as Record<string, unknown> | undefined)?.[name], body);
