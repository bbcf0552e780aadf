import type { HttpReply } from '../environment/http.ts';
import type { Stack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';
import { requestWithRetry, withoutRetries } from './request.ts';

type Headers_ = Readonly<Record<string, string>>;
type Service = Pick<Stack, 'url' | 'phone' | 'db'>;

/** An open journey with its token: each method is one request. */
export class Journey {
  readonly service: Service;
  readonly id: string;
  readonly token: string;
  // biome-ignore lint/suspicious/noExplicitAny: as in HttpReply
  readonly started: any;

  constructor(service: Service, { body }: Pick<HttpReply, 'body'>) {
    this.service = service;
    this.started = body.journey;
    this.id = body.journey.id;
    this.token = body.token;
  }

  /** The same journey for tests of the 503 itself: each request is sent once. */
  withoutRetries(): Journey {
    const { started, token } = this;
    return new Journey(withoutRetries(this.service), { body: { journey: started, token } });
  }

  /** The digits of the `number`th SMS code of this journey, once the phone has received it. */
  otp(number = 1): Promise<string> {
    return otpOfJourney(this.service, this.id, number);
  }

  read(): Promise<HttpReply> {
    return requestWithRetry(this.service, 'GET', `/journeys/${this.id}`, { token: this.token });
  }

  enterOtp(otp: string, headers: Headers_ = {}): Promise<HttpReply> {
    return requestWithRetry(this.service, 'POST', `/journeys/${this.id}/otp`, {
      body: { otp },
      token: this.token,
      headers,
    });
  }

  resend(headers: Headers_ = {}): Promise<HttpReply> {
    return requestWithRetry(this.service, 'POST', `/journeys/${this.id}/otp/resend`, {
      token: this.token,
      headers,
    });
  }

  setPassword(password: string, headers: Headers_ = {}): Promise<HttpReply> {
    return requestWithRetry(this.service, 'POST', `/journeys/${this.id}/password`, {
      body: { password },
      token: this.token,
      headers,
    });
  }
}

/** The journey that this reply has opened. @throws Error if the request was refused */
export async function expectStartedJourney(service: Service, request: Promise<HttpReply>): Promise<Journey> {
  const reply = await request;
  if (!reply.body?.token) throw new Error(`not started: ${JSON.stringify(reply.body)}`);
  return new Journey(service, reply);
}

/** The digits of the `number`th SMS code of a journey, once the phone has received it. */
export async function otpOfJourney(
  { db, phone }: Pick<Stack, 'db' | 'phone'>,
  journeyId: string,
  number = 1,
): Promise<string> {
  // Asked several times for each code: without Prisma, which takes longer than PostgreSQL.
  const sent = {
    text: 'SELECT "providerId" FROM "Text" WHERE id = $1',
    values: [`${journeyId}/${number}`],
  };
  const { rows } = await until(
    () => db.pool.query<{ providerId: string | null }>(sent),
    ({ rows: [row] }) => Boolean(row?.providerId),
  );
  const message = phone.messages().find(({ sid }) => sid === rows[0]?.providerId);
  return /\b\d{6}\b/.exec(message?.body ?? '')?.[0] ?? '';
}
