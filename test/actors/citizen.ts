import type { HttpReply } from '../environment/http.ts';
import type { Stack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';
import { goodPassword } from './credentials.ts';
import { Journey } from './journey.ts';
import { newPersonalData } from './personal-data.ts';
import { requestWithRetry, withoutRetries } from './request.ts';

type Headers_ = Readonly<Record<string, string>>;
type Service = Pick<Stack, 'url' | 'phone' | 'officeKey' | 'db'>;

/** A person who uses a front-end over HTTP: each method is one step of a journey. */
export class Citizen {
  readonly service: Service;
  readonly data: ReturnType<typeof newPersonalData>;
  citizenId = '';
  activationCode = '';

  constructor(service: Service, overrides: Record<string, unknown> = {}) {
    this.service = service;
    this.data = newPersonalData(overrides);
  }

  /** The same citizen for tests of the 503 itself: each request is sent once. */
  withoutRetries(): Citizen {
    const { citizenId, activationCode } = this;
    return Object.assign(new Citizen(withoutRetries(this.service), this.data), { citizenId, activationCode });
  }

  /** Registers this citizen at the office; `overrides` change `data` for good. @throws Error if it is refused */
  async register(overrides: Record<string, unknown> = {}): Promise<this> {
    Object.assign(this.data, overrides);
    const reply = await this.tryRegister();
    if (reply.status !== 201) throw new Error(`not registered: ${JSON.stringify(reply.body)}`);
    return this;
  }

  /** Sends one registration act and resolves to its reply. */
  async tryRegister(headers: Headers_ = {}): Promise<HttpReply> {
    const asked = { body: this.data, token: this.service.officeKey, headers };
    const reply = await requestWithRetry(this.service, 'POST', '/registrations', asked);
    if (reply.status === 201) {
      this.citizenId = reply.body.citizenId;
      this.activationCode = reply.body.activationCode;
    }
    return reply;
  }

  tryStartActivation(overrides: Record<string, unknown> = {}, headers: Headers_ = {}): Promise<HttpReply> {
    const { nationalId, email } = this.data;
    const body = { nationalId, email, activationCode: this.activationCode, ...overrides };
    return requestWithRetry(this.service, 'POST', '/activations', { body, headers });
  }

  /** A start with the right data. @throws Error if it is refused */
  async startActivation(headers: Headers_ = {}): Promise<Journey> {
    const reply = await this.tryStartActivation({}, headers);
    if (reply.status !== 201) throw new Error(`not started: ${JSON.stringify(reply.body)}`);
    return new Journey(this.service, reply);
  }

  /** The SMS messages that the phone has received, oldest first. */
  smsMessages(): string[] {
    return this.service.phone.messages(this.data.phone).map(({ body }) => body);
  }

  /** The SMS codes among them. */
  otps(): string[] {
    return this.smsMessages().flatMap((text) => /\b\d{6}\b/.exec(text)?.[0] ?? []);
  }

  /** The digits of the `number`th SMS code, once the phone has received it. */
  otp(number = 1): Promise<string> {
    return until(() => this.otps()[number - 1], Boolean) as Promise<string>;
  }

  /** A journey whose SMS code has been entered: it waits for a password. */
  async confirmedJourney(): Promise<Journey> {
    const journey = await this.startActivation();
    const confirmed = await journey.enterOtp(await journey.otp());
    if (confirmed.status !== 200) throw new Error(`not confirmed: ${JSON.stringify(confirmed.body)}`);
    return journey;
  }

  /** Runs a whole activation or password reset. */
  async activateOrReset(password = goodPassword): Promise<HttpReply> {
    return (await this.confirmedJourney()).setPassword(password);
  }
}

/** A citizen who is registered and has set a password. */
export async function activeCitizen(service: Service, password = goodPassword): Promise<Citizen> {
  const citizen = await new Citizen(service).register();
  await citizen.activateOrReset(password);
  return citizen;
}
