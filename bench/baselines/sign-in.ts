import { once } from 'node:events';
import { createServer } from 'node:http';
import { readServiceSettings } from '../../platform/config.ts';
import { bodyOf, passwordComparer } from './password.ts';

/*
 * The least that signing in with the password can be: a bare HTTP server, one SELECT and one comparison. No limits, no
 * count of failures, no session, no audit trail. A process of its own, with the product's settings.
 */
const settings = readServiceSettings();
const compare = passwordComparer(settings);
const server = createServer(async (request, response) => {
  const isRight = await compare(await bodyOf(request));
  response.writeHead(isRight ? 201 : 401, { 'Content-Type': 'application/json' }).end('{}');
}).listen(settings.PORT, '127.0.0.1');
await once(server, 'listening');
process.send?.('ready');
