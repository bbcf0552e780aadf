import { setTimeout as sleep } from 'node:timers/promises';
import { startedJourney } from '../../client/activate.ts';
import {
  type ApiClient,
  bearer,
  codeOf,
  type Journey,
  type Problem,
  type Reply,
} from '../../client/client.ts';
import { journeyClient } from '../../client/journey-client.ts';
import { checkLetter } from '../../domain/identity/national-id.ts';
import type { Addresses } from '../../local/fleet/isolated-service.ts';
import { otpIn } from '../../local/phone/phone-client.ts';
import type { Registration } from '../gateway/relying-site.ts';
import { RepeatingClient } from './repeating-client.ts';
import type { SmsInbox } from './sms-inbox.ts';
import type { Store } from './store.ts';
import { must, Violation } from './violation.ts';

/** What a citizen needs: the service, the telephone, and the tables for facts that only they hold. */
export interface DrillEnvironment {
  readonly servers: Addresses;
  readonly inbox: SmsInbox;
  readonly store: Store;
  /** The relying party for which citizens identify at the gateway. */
  readonly party: Registration;
}

/** How many events of one type the audit trail must have: at least and at most. */
export interface Expected {
  least: number;
  most: number;
}

/** An answer, and how often the request was repeated before it. */
export interface Answer<Body> {
  readonly body: Body;
  readonly repeats: number;
}

let people = 0;

/** A citizen with the state that the service must show, and the audit events that must have been written. */
export class Citizen {
  readonly environment: DrillEnvironment;
  readonly client = new RepeatingClient();
  readonly data;
  id = '';
  activationCode = '';
  /** The codes issued before. */
  readonly voidCodes: string[] = [];
  password: string | undefined;
  readonly formerPasswords: string[] = [];
  session: string | undefined;
  journey: { id: string; token: string; kind: string | undefined; smsSent: number } | undefined;
  status: 'registered' | 'active' | 'suspended' | 'unsubscribed' = 'registered';
  blocked: ('code' | 'password')[] = [];
  /** The failed sign-ins that are counted while the password is blocked. */
  failures = 0;
  readonly audit = new Map<string, Expected>();
  journeysStarted = 0;
  /** SMS codes that were requested again. */
  resends = 0;

  constructor(environment: DrillEnvironment) {
    people += 1;
    const number = String(40_000_000 + people);
    this.environment = environment;
    this.data = {
      nationalId: `${number}${checkLetter(number)}`,
      givenName: 'Canaria',
      firstSurname: 'Zzyzyx',
      email: `canary.${people}@faults.example`,
      phone: `+34699${String(people).padStart(6, '0')}`,
      language: 'en' as const,
    };
  }

  /** One request that must have this 2xx status. `url`: another API than the service's. @throws Violation */
  async call<Data>(
    status: number,
    send: (api: ApiClient) => Promise<Reply<Data>>,
    url = this.environment.servers.url,
  ): Promise<Answer<NonNullable<Data>>> {
    const { data } = await this.#answered(status, send, url);
    return { body: data as NonNullable<Data>, repeats: this.#repeats };
  }

  /** One request that must be refused with this status. @throws Violation */
  async refused(status: number, send: (api: ApiClient) => Promise<Reply<unknown>>): Promise<Problem> {
    const { error } = await this.#answered(status, send, this.environment.servers.url);
    return error as Problem;
  }

  async #answered<Data>(
    status: number,
    send: (api: ApiClient) => Promise<Reply<Data>>,
    url: string,
  ): Promise<Reply<Data>> {
    const reply = await send(this.client.at(url));
    const found = reply.response.status;
    if (found === status) return reply;
    const { code, journey } = (reply.error ?? reply.data ?? {}) as Partial<Problem>;
    const at = journey ? `, journey at ${journey.step} ${journey.outcome ?? ''}` : '';
    throw new Violation(
      `${this.client.lastRequest} is answered ${found} ${code ?? ''}${at} instead of ${status}, after ${this.#repeats} repeats`,
    );
  }

  get #repeats(): number {
    return this.client.answers.at(-1)?.repeats ?? 0;
  }

  /** The header of the officer who acts for this citizen. */
  get officer() {
    return bearer(this.environment.servers.officeKey);
  }

  /** Records events that the audit trail must have gained. */
  expectAudit(...types: string[]): void {
    for (const type of types) this.expectAuditUpTo(type, 1, 1);
  }

  expectAuditUpTo(type: string, least: number, most: number): void {
    const before = this.audit.get(type) ?? { least: 0, most: 0 };
    this.audit.set(type, { least: before.least + least, most: before.most + most });
  }

  journeyStarted(answer: { journey?: Journey; token?: string; passwordExpiresAt?: string }): void {
    const { id, token } = startedJourney(answer);
    this.journey = { id, token, kind: answer.journey?.kind, smsSent: 1 };
    this.journeysStarted += 1;
  }

  /** The calls of the open journey. @throws Violation if there is none */
  journeyCalls(api: ApiClient): ReturnType<typeof journeyClient> {
    must(this.journey !== undefined, 'no journey');
    return journeyClient(api, this.journey);
  }

  /**
   * The SMS code in force, as soon as it is on the phone; requested again if it was lost on the way. `resend`: asks for another
   * code, where it is not the API that is asked. @throws Violation
   */
  async otp(resend?: () => Promise<void>): Promise<string> {
    must(this.journey !== undefined, 'no journey');
    const { journey } = this;
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(25)) {
      const [sms] = await this.environment.store.rows<SmsRow>(
        `SELECT delivery, "providerId", extract(epoch FROM now() - coalesce("sentAt", "createdAt"))::float AS age
          FROM "Text" WHERE id = $1`,
        [`${journey.id}/${journey.smsSent}`],
      );
      const received = sms?.providerId ? this.environment.inbox.bySid(sms.providerId) : undefined;
      const otp = received && otpIn(received.body);
      if (otp) return otp;
      const isLost =
        sms?.delivery === 'failed' ||
        (sms?.delivery === 'sent' && sms.age > 1.5) ||
        // The API that was to send the code of a sign-in has died: it would have given up by now.
        (journey.kind === 'sign-in' && sms?.delivery === 'pending' && sms.age > 15);
      if (isLost) await this.#resend(journey, resend);
    }
    throw new Violation('no SMS code comes within a minute');
  }

  async #resend(journey: NonNullable<Citizen['journey']>, resend?: () => Promise<void>): Promise<void> {
    if (resend) {
      await resend();
      journey.smsSent += 1;
      this.resends += 1;
      return;
    }
    // Too early: the citizen waits until the journey's `resendAfter`.
    for (const end = Date.now() + 30_000; Date.now() < end; await sleep(250)) {
      const { response, error } = await this.journeyCalls(
        this.client.at(this.environment.servers.url),
      ).resendOtp();
      if (response.status === 429) continue;
      must(
        response.status === 202,
        `a code that was lost is not sent again: ${response.status} ${codeOf(error) ?? ''}`,
      );
      journey.smsSent += 1;
      this.resends += 1;
      return;
    }
    throw new Violation('a code that was lost is not sent again within half a minute');
  }
}

interface SmsRow {
  readonly delivery: string;
  readonly providerId: string | null;
  /** Seconds since it was sent, or reserved. */
  readonly age: number;
}

/** Passwords that meet every rule, all different. */
export const passwordOf = (number: number): string => `Llueve-Poco-${number}x!`;
