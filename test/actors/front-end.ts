import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { call, type Reply } from '../environment/http.ts';
import type { Stack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

export { call, type Reply };

type Where = Pick<Stack, 'url' | 'phone' | 'officeKey' | 'db'>;
type Headers_ = Readonly<Record<string, string>>;

const letters = 'TRWAGMYFPDXBNJZSQVHLCKE';
let people = 0;

/** Somebody nobody has registered yet. */
export function somebody(overrides: Record<string, unknown> = {}) {
  people += 1;
  const number = 20_000_000 + people * 7;
  return {
    nationalId: `${number}${letters[number % 23]}`,
    givenName: 'Begoña',
    firstSurname: 'Etxeberria',
    secondSurname: 'Núñez',
    email: `begona.${people}@example.org`,
    phone: `+346${String(10_000_000 + people)}`,
    language: 'es',
    ...overrides,
  } as { nationalId: string; email: string; phone: string } & Record<string, unknown>;
}

export const goodPassword = 'Llueve-Poco7';
export const otherPassword = 'Nieva_Mucho8';

/** Of the right shape, and nobody's: one chance in 2^50 that it is. */
export const wrongCode = 'ZZZZZ-ZZZZZ';

/** Six digits that are not the right ones. */
export const wrongOtp = (right: string): string => String((Number(right) + 1) % 1_000_000).padStart(6, '0');

/** A journey that has begun, in the browser that holds its token: each method is one call. */
export class Visit {
  readonly at: Where;
  readonly id: string;
  readonly token: string;
  // biome-ignore lint/suspicious/noExplicitAny: as in Reply
  readonly begun: any;

  constructor(at: Where, { body }: Reply) {
    this.at = at;
    this.begun = body.journey;
    this.id = body.journey.id;
    this.token = body.token;
  }

  /** The digits of the `number`th SMS code of this visit and of no other, once the phone has them. */
  async otp(number = 1): Promise<string> {
    const { db, phone } = this.at;
    const id = `${this.id}/${number}`;
    const text = await until(
      () => db.prisma.text.findUnique({ where: { id } }),
      (row) => Boolean(row?.providerId),
    );
    const message = phone.messages().find(({ sid }) => sid === text?.providerId);
    return /\b\d{6}\b/.exec(message?.body ?? '')?.[0] ?? '';
  }

  read(): Promise<Reply> {
    return call(this.at, 'GET', `/journeys/${this.id}`, { token: this.token });
  }

  enterOtp(otp: string, headers: Headers_ = {}): Promise<Reply> {
    return call(this.at, 'POST', `/journeys/${this.id}/otp`, { body: { otp }, token: this.token, headers });
  }

  resend(headers: Headers_ = {}): Promise<Reply> {
    return call(this.at, 'POST', `/journeys/${this.id}/otp/resend`, { token: this.token, headers });
  }

  choosePassword(password: string, headers: Headers_ = {}): Promise<Reply> {
    return call(this.at, 'POST', `/journeys/${this.id}/password`, {
      body: { password },
      token: this.token,
      headers,
    });
  }
}

/** As a front-end does it: the same request under the same key, when a busy machine has answered 503. */
export async function persistently(
  send: (headers: Headers_) => Promise<Reply>,
  headers: Headers_ = {},
): Promise<Reply> {
  const keyed = { 'Idempotency-Key': randomUUID(), ...headers };
  for (let tries = 1; ; tries += 1) {
    const reply = await send(keyed);
    if (reply.status !== 503 || tries === 8) return reply;
    await sleep(Math.min(250 * tries, 1_500));
  }
}

/** A citizen and the front-end and office that they use: each method is one step of a journey. */
export class Person {
  readonly at: Where;
  readonly data: ReturnType<typeof somebody>;
  citizenId = '';
  activationCode = '';

  constructor(at: Where, overrides: Record<string, unknown> = {}) {
    this.at = at;
    this.data = somebody(overrides);
  }

  /** A registration act; `overrides` from then on are this person's data. @throws Error if it is refused */
  async register(overrides: Record<string, unknown> = {}): Promise<this> {
    Object.assign(this.data, overrides);
    const reply = await persistently((headers) => this.tryRegister(headers));
    if (reply.status !== 201) throw new Error(`not registered: ${JSON.stringify(reply.body)}`);
    return this;
  }

  /** A registration act, whatever comes of it. */
  async tryRegister(headers: Headers_ = {}): Promise<Reply> {
    const asked = { body: this.data, token: this.at.officeKey, headers };
    const reply = await call(this.at, 'POST', '/registrations', asked);
    if (reply.status === 201) {
      this.citizenId = reply.body.citizenId;
      this.activationCode = reply.body.activationCode;
    }
    return reply;
  }

  start(overrides: Record<string, unknown> = {}, headers: Headers_ = {}): Promise<Reply> {
    const { nationalId, email } = this.data;
    const body = { nationalId, email, activationCode: this.activationCode, ...overrides };
    return call(this.at, 'POST', '/activations', { body, headers });
  }

  /** A start with the right data. @throws Error if it is refused */
  async visit(headers: Headers_ = {}): Promise<Visit> {
    const reply = await persistently((keyed) => this.start({}, keyed), headers);
    if (reply.status !== 201) throw new Error(`not begun: ${JSON.stringify(reply.body)}`);
    return new Visit(this.at, reply);
  }

  /** The texts that the phone has, oldest first. */
  texts(): string[] {
    return this.at.phone.messages(this.data.phone).map(({ body }) => body);
  }

  /** The SMS codes among them. */
  codes(): string[] {
    return this.texts().flatMap((text) => /\b\d{6}\b/.exec(text)?.[0] ?? []);
  }

  /** The digits of the `number`th SMS code that the phone got, once it has arrived. */
  otp(number = 1): Promise<string> {
    return until(() => this.codes()[number - 1], Boolean) as Promise<string>;
  }

  /** A visit whose SMS code has been entered: it waits for a password. */
  async confirmedVisit(): Promise<Visit> {
    const visit = await this.visit();
    const confirmed = await visit.enterOtp(await visit.otp());
    if (confirmed.status !== 200) throw new Error(`not confirmed: ${JSON.stringify(confirmed.body)}`);
    return visit;
  }

  /** Through a whole activation or reset. */
  async setPassword(password = goodPassword): Promise<Reply> {
    return (await this.confirmedVisit()).choosePassword(password);
  }

  /** How the office sees this person. */
  lookUp(): Promise<Reply> {
    const { nationalId } = this.data;
    return call(this.at, 'POST', '/citizen-lookups', { body: { nationalId }, token: this.at.officeKey });
  }
}
