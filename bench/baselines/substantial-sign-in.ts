import { once } from 'node:events';
import { createServer } from 'node:http';
import { readServiceSettings } from '../../platform/config.ts';
import { createTemporalClient } from '../../platform/temporal.ts';
import { BareCitizen } from './bare-citizens.ts';
import { bodyOf, passwordComparer } from './password.ts';

/*
 * The bare calls of a reinforced sign-in: one SELECT, one comparison, a message to a bare workflow that texts a code, and
 * a second message that ends the journey. A process of its own, with the product's settings.
 */
const settings = readServiceSettings();
const compare = passwordComparer(settings);
const client = createTemporalClient(settings);
const citizens = new Map<string, Promise<BareCitizen>>();

/** Starts the citizen's workflow, which in the product runs before a sign-in. */
const citizenOf = (nationalId: string): Promise<BareCitizen> => {
  const known = citizens.get(nationalId) ?? BareCitizen.register(client);
  citizens.set(nationalId, known);
  return known;
};

const server = createServer(async (request, response) => {
  const entered = await bodyOf(request);
  const citizen = await citizenOf(entered.nationalId);
  const isOtp = request.url === '/otp';
  const isRight = isOtp || (await compare(entered));
  if (isOtp) await citizen.finish({ confirms: true });
  else if (isRight) await citizen.begin('+34600000000');
  response.writeHead(isRight ? 201 : 401, { 'Content-Type': 'application/json' }).end('{}');
}).listen(settings.PORT, '127.0.0.1');
await once(server, 'listening');
process.send?.('ready');
