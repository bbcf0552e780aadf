import { setTimeout as sleep } from 'node:timers/promises';
import { checkLetter } from '../../domain/identity/national-id.ts';
import type { Addresses } from '../../local/fleet/servers.ts';
import { type Answer, type Call, Client } from './client.ts';
import { otpIn, type SmsInbox } from './sms-inbox.ts';
import type { Store } from './store.ts';
import { must, Violation } from './violation.ts';

/** Where a citizen lives: the service, the telephone, and the tables for what only they tell. */
export interface DrillEnvironment {
  readonly servers: Addresses;
  readonly inbox: SmsInbox;
  readonly store: Store;
}

/** What must be in the audit trail: at least and at most so many of one type. */
export interface Expected {
  least: number;
  most: number;
}

let people = 0;

/** Somebody with all that is known of them, and what must have been written by what they did. */
export class Citizen {
  readonly environment: DrillEnvironment;
  readonly client: Client;
  readonly data;
  id = '';
  activationCode = '';
  /** The codes issued before. */
  readonly voidCodes: string[] = [];
  password: string | undefined;
  readonly formerPasswords: string[] = [];
  session: string | undefined;
  journey: { id: string; token: string; seen: number } | undefined;
  status: 'registered' | 'active' | 'suspended' | 'unsubscribed' = 'registered';
  blocked: ('code' | 'password')[] = [];
  readonly audit = new Map<string, Expected>();
  /** Visits that were begun, and codes that were asked for again. */
  journeysStarted = 0;
  resends = 0;

  constructor(environment: DrillEnvironment) {
    people += 1;
    const number = String(40_000_000 + people);
    this.environment = environment;
    this.client = new Client(environment.servers.url);
    this.data = {
      nationalId: `${number}${checkLetter(number)}`,
      givenName: 'Canaria',
      firstSurname: 'Zzyzyx',
      email: `canary.${people}@faults.example`,
      phone: `+34699${String(people).padStart(6, '0')}`,
      language: 'en',
    };
  }

  /** One request, which must have this answer. @throws Violation */
  async ask(method: string, path: string, status: number, call: Call = {}, url?: string): Promise<Answer> {
    const answer = await this.client.ask(method, path, call, url);
    if (answer.status !== status) {
      const { code, journey } = answer.body ?? {};
      const at = journey ? `, journey at ${journey.step} ${journey.outcome ?? ''}` : '';
      throw new Violation(
        `${method} ${path.replace(/journeys\/[^/]+/, 'journeys/…')} is answered ${answer.status} ${code ?? ''}${at} instead of ${status}, after ${answer.repeats} repeats`,
      );
    }
    return answer;
  }

  /** An officer asks. */
  asOfficer(path: string, status: number, body: unknown): Promise<Answer> {
    return this.ask('POST', path, status, { body, token: this.environment.servers.officeKey });
  }

  /** Notes what the audit trail must have gained. */
  expect(...types: string[]): void {
    for (const type of types) this.expectUpTo(type, 1, 1);
  }

  expectUpTo(type: string, least: number, most: number): void {
    const before = this.audit.get(type) ?? { least: 0, most: 0 };
    this.audit.set(type, { least: before.least + least, most: before.most + most });
  }

  journeyStarted({ body }: Answer): void {
    this.journey = { id: body.journey.id, token: body.token, seen: 1 };
    this.journeysStarted += 1;
  }

  /** A step of the visit under way. */
  async step(name: string, status: number, body?: unknown): Promise<Answer> {
    must(this.journey !== undefined, 'no visit');
    const { id, token } = this.journey;
    return this.ask('POST', `/journeys/${id}/${name}`, status, {
      token,
      ...(body !== undefined && { body }),
    });
  }

  async readJourney(): Promise<Answer> {
    must(this.journey !== undefined, 'no visit');
    return this.ask('GET', `/journeys/${this.journey.id}`, 200, { token: this.journey.token });
  }

  /** The SMS code in force, as soon as it is on the phone; asked for again if it was lost on the way. @throws Violation */
  async otp(): Promise<string> {
    must(this.journey !== undefined, 'no visit');
    const { journey: visit } = this;
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(25)) {
      const [text] = await this.environment.store.rows<{
        delivery: string;
        providerId: string | null;
        age: number;
      }>(
        `SELECT delivery, "providerId", extract(epoch FROM now() - "sentAt")::float AS age FROM "Text" WHERE id = $1`,
        [`${visit.id}/${visit.seen}`],
      );
      const received = text?.providerId ? this.environment.inbox.bySid(text.providerId) : undefined;
      const code = received && otpIn(received);
      if (code) return code;
      const isLost = text?.delivery === 'failed' || (text?.delivery === 'sent' && text.age > 1.5);
      if (isLost) await this.resend();
    }
    throw new Violation('no SMS code comes within a minute');
  }

  private async resend(): Promise<void> {
    must(this.journey !== undefined, 'no visit');
    const { id, token } = this.journey;
    // Too early: the citizen waits until the instant that the journey tells.
    for (const end = Date.now() + 30_000; Date.now() < end; await sleep(250)) {
      const { status, body } = await this.client.ask('POST', `/journeys/${id}/otp/resend`, { token });
      if (status === 429) continue;
      must(status === 202, `a code that was lost is not sent again: ${status} ${body?.code ?? ''}`);
      this.journey.seen += 1;
      this.resends += 1;
      return;
    }
    throw new Violation('a code that was lost is not sent again within half a minute');
  }
}

/** Passwords that meet every rule, each another. */
export const passwordOf = (number: number): string => `Llueve-Poco-${number}x!`;
