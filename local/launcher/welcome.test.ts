import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { activationLines, welcome } from './welcome.ts';

const citizen = {
  number: 0,
  nationalId: '12345678Z',
  email: 'ana@example.org',
  phone: '+34600000001',
  activationCode: 'ABCDE12345',
};

/** Answers as API and phone; `asked` is what it was asked. */
async function stub() {
  const asked: unknown[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push([request.url, request.headers.authorization, body && JSON.parse(body)]);
    const messages = [{ body: 'El código 111111 ya no vale' }, { body: 'Cl@ve: su código es 012345.' }];
    const journey = { otp: { id: 'no' }, id: 'J-1' };
    response.end(
      JSON.stringify(request.url?.startsWith('/messages') ? { messages } : { journey, token: 'T-1' }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, asked, stop: () => server.close() };
}

test('the three lines, pasted into bash, go from the activation code to a password', async () => {
  const { url, asked, stop } = await stub();
  const lines = activationLines(url, url, citizen);
  for (const line of lines) expect(line).not.toContain('\n');
  const { stderr } = await promisify(execFile)('bash', ['-c', lines.join('\n')]);
  stop();
  expect(stderr).toBe('');
  const { nationalId, email, activationCode } = citizen;
  expect(asked).toEqual([
    ['/api/v1/activations', undefined, { nationalId, email, activationCode }],
    ['/messages.json?to=%2B34600000001', undefined, ''],
    ['/api/v1/journeys/J-1/otp', 'Bearer T-1', { otp: '012345' }],
    ['/api/v1/journeys/J-1/password', 'Bearer T-1', { password: 'Nunca-llueve-en-2030!' }],
  ]);
});

test('what is not ours is not shown: a key that was set, a phone or a Temporal elsewhere', () => {
  const where = {
    portal: 'http://localhost:3002',
    gateway: undefined,
    demo: undefined,
    api: 'http://127.0.0.1:3000',
    ...{ cardReader: undefined, certificates: undefined },
    temporalUi: undefined,
    phone: undefined,
    officeKey: undefined,
    logs: 'l',
  };
  const text = welcome(where, undefined);
  expect(text).toContain('http://127.0.0.1:3000/docs');
  expect(text).not.toMatch(/Temporal UI|phone|key|curl|gateway|Demo/);
});

test('the demo administration is named with what to sign in with there', () => {
  const [local, phone] = ['http://127.0.0.1:3000', 'http://127.0.0.1:3001'];
  const where = {
    ...{ portal: local, gateway: 'http://localhost:3004/oidc', demo: 'http://localhost:3005', api: local },
    ...{ cardReader: undefined, certificates: undefined },
    ...{ temporalUi: undefined, phone, officeKey: undefined, logs: 'l' },
  };
  const text = welcome(where, citizen);
  expect(text).toContain('http://localhost:3004/oidc');
  expect(text).toContain(
    'identify at http://localhost:3005, as 12345678Z with the password Nunca-llueve-en-2030!',
  );
});
