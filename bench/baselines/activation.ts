import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import argon2 from 'argon2';
import { readServiceSettings } from '../../platform/config.ts';
import { argon2Parameters } from '../../platform/hashing.ts';
import { KeyRing } from '../../platform/secrets.ts';
import { createTemporalClient } from '../../platform/temporal.ts';
import { requestStatements } from './activation-statements.ts';
import { createBareCitizens } from './bare-citizens.ts';
import { bareStatements } from './bare-statements.ts';

/*
 * The HTTP requests of an activation at their bare cost: JSON in, statements, the hash of the password, one message to
 * the citizen's bare workflow, JSON out; and the endpoint for the status callbacks of the SMS. It checks nothing and keeps
 * nothing, so that the national id serves as the journey's. A process of its own, with the product's settings.
 */
const settings = readServiceSettings();
const run = bareStatements(settings.DATABASE_URL);
const citizens = createBareCitizens(createTemporalClient(settings));
const secret = new KeyRing(settings.CLAVE_SECRET_KEY).subkey('password');
const nationalIdIn = (body: string): string => (JSON.parse(body) as { nationalId: string }).nationalId;

interface Answer {
  readonly status: number;
  readonly body?: object;
}

let delivered = 0;

/** By the last part of the path. `journeyId`: the part before it. */
const routes: Readonly<Record<string, (body: string, journeyId: string) => Promise<Answer>>> = {
  async registrations(body) {
    await run(requestStatements.registration);
    await citizens.register(nationalIdIn(body));
    return { status: 201, body: { activationCode: 'AAAA-AAAA-AAAA-AAAA' } };
  },
  async activations(body) {
    const nationalId = nationalIdIn(body);
    await run(requestStatements.code);
    await citizens.begin(nationalId);
    return { status: 201, body: { journey: { id: nationalId, kind: 'activation' }, token: 'bare' } };
  },
  async otp(body, journeyId) {
    JSON.parse(body);
    await run(requestStatements.otp);
    await citizens.confirm(journeyId);
    return { status: 200, body: {} };
  },
  async password(body, journeyId) {
    const { password } = JSON.parse(body) as { password: string };
    await argon2.hash(password, { ...argon2Parameters, secret });
    await run(requestStatements.password);
    await citizens.finish(journeyId);
    return { status: 200, body: {} };
  },
  async status(body) {
    const isDelivered = new URLSearchParams(body).get('MessageStatus') === 'delivered';
    await run(isDelivered ? requestStatements.delivered : requestStatements.sent);
    if (isDelivered) delivered += 1;
    return { status: 204 };
  },
  /** For the benchmark: how many SMS were reported as delivered. */
  delivered: async () => ({ status: 200, body: { delivered } }),
};

const server = createServer(async (request, response) => {
  const parts = new URL(request.url ?? '', 'http://bare').pathname.split('/');
  try {
    const route = routes[parts.at(-1) ?? ''];
    if (!route) throw new RangeError(`no route ${request.url}`);
    const { status, body } = await route(await text(request), parts.at(-2) ?? '');
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(body && JSON.stringify(body));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    response.writeHead(500).end();
  }
}).listen(settings.PORT, '127.0.0.1');
await once(server, 'listening');
process.send?.('ready');
