import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { wordings } from '../views/wording.ts';
import { answerClientErrors } from './client-errors.ts';

let server: Server;
let port: number;
beforeAll(async () => {
  server = createServer((_request, response) => void response.end('served'));
  answerClientErrors(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => void server.close());

const send = async (...lines: string[]): Promise<string> => {
  const socket = connect(port, '127.0.0.1');
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return text(socket);
};
const cookies = `Cookie: ${Array.from({ length: 900 }, (_, index) => `other-${index}=${'x'.repeat(10)}`).join('; ')}`;

test.each([
  ['the language of the address', 'GET /eu/sign-in HTTP/1.1', 'Accept-Language: en', 'eu'],
  ['the language that the browser asks for', 'GET / HTTP/1.1', 'Accept-Language: gl, en;q=0.5', 'gl'],
  ['Spanish', 'GET /assets/x HTTP/1.1', 'Accept: */*', 'es'],
] as const)(
  'too many cookies are answered with a page that helps, in %s',
  async (_, first, header, language) => {
    const answer = await send(first, 'Host: localhost', header, cookies);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain(`<html lang="${language}">`);
    expect(answer).toContain(wordings[language]('headers-too-large.title'));
    expect(answer).toContain(wordings[language]('headers-too-large.text'));
    for (const header of ["default-src 'none'", 'nosniff', 'no-store']) expect(answer).toContain(header);
  },
);

test('what is no HTTP is answered with a page too', async () => {
  const answer = await send('GET / HTTP/1.1', 'Host : localhost');
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain('</html>');
});

test('every other request is served', async () => {
  expect(await send('GET / HTTP/1.1', 'Host: localhost', 'Connection: close')).toContain('served');
});
