import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from './service.ts';

type Json = { [name: string]: Json } & string;

/** A reply of the API. */
export interface Reply {
  readonly status: number;
  readonly body: Json;
}

/** Something was not as it ought to be. */
export class Difference extends Error {}

/** Walks a citizen through the service and tells every step: what was called, what came back, what the phone received. */
export class Walker {
  private readonly service: Service;
  private readonly phone: string;
  private heard = 0;

  constructor(service: Service, phone: string) {
    this.service = service;
    this.phone = phone;
  }

  /** One call that must answer with a status, and with these values at these places (`journey.step`). */
  async call(
    what: string,
    request: string,
    { body, token }: { body?: unknown; token?: string },
    expected: { status: number } & Record<string, unknown>,
  ): Promise<Reply> {
    const [method = '', path] = request.split(' ');
    const response = await fetch(`${this.service.api}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const reply = { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Json };
    this.say(`${what}: ${method} ${path?.replace(/journeys\/[^/]+/, 'journeys/…')} → ${reply.status}`);
    for (const [place, value] of Object.entries(expected)) {
      const found =
        place === 'status'
          ? reply.status
          : place.split('.').reduce<Json | undefined>((at, name) => at?.[name], reply.body);
      if (found !== value)
        throw new Difference(
          `${what}: ${place} is ${JSON.stringify(found)}, not ${JSON.stringify(value)}\n${text}`,
        );
      if (place !== 'status') this.say(`    ${place}: ${value}`);
    }
    return reply;
  }

  /** The next text on the phone, which must be about something; its six digits, if it has any. */
  async text(about: RegExp): Promise<string> {
    for (const end = Date.now() + 10_000; Date.now() < end; await sleep(100)) {
      const reply = await fetch(`${this.service.phone}/messages.json?to=${encodeURIComponent(this.phone)}`);
      const { messages } = (await reply.json()) as { messages: { body: string }[] };
      const next = messages[this.heard];
      if (!next) continue;
      this.heard += 1;
      this.say(`    SMS: ${next.body}`);
      if (!about.test(next.body)) throw new Difference(`this text is not about ${about}`);
      return /\b\d{6}\b/.exec(next.body)?.[0] ?? '';
    }
    throw new Difference(`no text about ${about} came`);
  }

  say(line: string): void {
    process.stdout.write(`${line}\n`);
  }
}
