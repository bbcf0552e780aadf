import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import proto from '@temporalio/proto';
import { Client } from 'pg';
import { searchAttributes } from '../../domain/search-attributes.ts';
import { citizenTaskQueue } from '../../domain/task-queues.ts';
import { certificateToken as newCertificateToken } from '../actors/certificate-holder.ts';
import {
  beginPresentation,
  certifiedAs,
  codeIn,
  issueTicket,
  present,
  redeem,
  reportOutcome,
} from '../actors/certificates.ts';
import { Citizen } from '../actors/citizen.ts';
import { asGateway, identify, readIdentification, registerParty } from '../actors/relying-parties.ts';
import { requestWithRetry } from '../actors/request.ts';
import { payloadSettings } from '../environment/payload-key.ts';
import { type Stack, startStack } from '../environment/stack.ts';

/** Unique values: any occurrence outside the tables meant for them is a leak. */
const canaries = {
  nationalId: '87654321X',
  givenName: 'Canariaaq',
  firstSurname: 'Zzyzxlopez',
  secondSurname: 'Qwopvela',
  email: 'canary.qzx@leak.example',
  phone: '+34698173254',
  'part of the phone': '8173254',
  'four digits of the phone': '•3254',
  address: '203.0.113.77',
  browser: 'CanaryBrowser/7.7',
  password: 'Pajarito-Amarillo-99!',
  'next password': 'Otro-Pajarito-Azul-77!',
};

let stack: Stack;
let secrets: Record<string, string>;
const logged: string[] = [];
const answers: string[] = [];
const folder = mkdtempSync(path.join(tmpdir(), 'clave-leaks-'));

/** Every journey, right and wrong, by one citizen behind a front-end. */
beforeAll(async () => {
  stack = await startStack({
    temporalFile: path.join(folder, 'temporal.db'),
    logTo: { write: (line) => void logged.push(line) },
  });
  const { nationalId, givenName, firstSurname, secondSurname, email, phone } = canaries;
  const citizen = new Citizen(stack, { nationalId, givenName, firstSurname, secondSurname, email, phone });
  await citizen.register();
  const headers = {
    'User-Agent': canaries.browser,
    Forwarded: `for=${canaries.address}`,
    'X-Front-End-Key': stack.frontEndKey,
  };
  const send = async (method: string, at: string, body?: unknown, token?: string) => {
    const reply = await requestWithRetry(stack, method, at, { body, ...(token && { token }), headers });
    if (reply.status >= 400) answers.push(JSON.stringify(reply.body));
    return reply;
  };
  const code = citizen.activationCode;
  const otps: string[] = [];
  const confirm = async ({ body }: { body: { journey: { id: string }; token: string } }) => {
    await send('POST', `/journeys/${body.journey.id}/otp`, { otp: '000000' }, body.token);
    const otp = await citizen.otp(otps.length + 1);
    otps.push(otp);
    return send('POST', `/journeys/${body.journey.id}/otp`, { otp }, body.token);
  };
  const setPassword = async (password: string) => {
    const begun = await send('POST', '/activations', { nationalId, email, activationCode: code });
    await confirm(begun);
    const { journey, token } = begun.body;
    await send('POST', `/journeys/${journey.id}/password`, { password: nationalId }, token);
    await send('POST', `/journeys/${journey.id}/password`, { password }, token);
    return token as string;
  };
  await send('POST', '/activations', { nationalId, email, activationCode: '0000000000' });
  await send('POST', '/activations', { nationalId, email: 'canary.qzx@other.example', activationCode: code });
  await send('POST', '/activations', { nationalId: 'x', email: canaries.email, unknown: canaries.phone });
  const journeyToken = await setPassword(canaries.password);
  await send('POST', '/sessions', { nationalId, password: 'wrong' });
  const session = await send('POST', '/sessions', { nationalId, password: canaries.password });
  const { token: sessionToken, browserToken } = session.body.session;
  await send('POST', '/sessions', { nationalId, password: 'wrong', browser: browserToken });
  await send('GET', '/sessions/current', undefined, sessionToken);
  await confirm(
    await send('POST', '/sessions', { nationalId, password: canaries.password, assurance: 'substantial' }),
  );
  const party = await registerParty(stack);
  const throughGateway = { ...headers, ...asGateway(stack) };
  const bound = await requestWithRetry(stack, 'POST', '/sessions', {
    body: { nationalId, password: canaries.password, relyingParty: party.id },
    headers: throughGateway,
  });
  const { token: boundToken } = bound.body.session;
  const short = await identify(stack, party, boundToken, { floor: 'high', headers: throughGateway });
  answers.push(JSON.stringify(short.body));
  const { identificationId } = (await identify(stack, party, boundToken, { headers: throughGateway })).body;
  const told = await readIdentification(stack, party, identificationId, throughGateway);
  const ticket = await issueTicket(stack);
  const certificate = certifiedAs({ nationalId, givenName, firstSurname, secondSurname }, 'dnie');
  await beginPresentation(stack, ticket.id);
  await reportOutcome(stack, ticket.id, { refused: 'expired' }, { Forwarded: headers.Forwarded });
  const accepted = await present(stack, ticket.id, { accepted: certificate });
  const certificateCode = codeIn(accepted.body.location);
  const { certificateToken } = (await redeem(stack, ticket, certificateCode)).body;
  answers.push(JSON.stringify((await redeem(stack, ticket, certificateCode)).body));
  const change = { currentPassword: canaries.password, newPassword: canaries['next password'] };
  await confirm(await send('POST', '/password-changes', change, sessionToken));
  for (let failure = 0; failure < 6; failure += 1)
    await send('POST', '/sessions', { nationalId, password: 'wrong' });
  await setPassword(canaries.password);
  await send('POST', '/citizen-lookups', { nationalId }, stack.officeKey);
  const regenerated = await send('POST', '/activation-codes', { nationalId }, stack.officeKey);
  const last = await send('POST', '/sessions', { nationalId, password: canaries.password });
  await confirm(await send('POST', '/unsubscriptions', {}, last.body.session.token));
  const another = () => newCertificateToken(stack, citizen.data);
  const [registering, regenerating, renewing] = [await another(), await another(), await another()];
  const own = { email, phone, accepted: true };
  await send('POST', '/registrations/online', { ...own, nationalId }, registering);
  const online = await confirm(await send('POST', '/registrations/online', own, registering));
  const regeneratedOnline = await send('POST', '/activation-codes', {}, regenerating);
  await send('POST', '/identification-renewals', {}, renewing);
  secrets = {
    ...canaries,
    'activation code of an online registration': online.body.journey.activationCode,
    'activation code regenerated with a certificate': regeneratedOnline.body.activationCode,
    'certificate token of an act': registering,
    'activation code': code,
    'activation code as typed': code.replace('-', ''),
    'next activation code': regenerated.body.activationCode,
    ...Object.fromEntries(otps.map((otp, index) => [`SMS code ${index + 1}`, otp])),
    'journey token': journeyToken,
    'session token': sessionToken,
    'browser token': browserToken,
    'bound session token': boundToken,
    subject: told.body.subject,
    'token of a ticket': ticket.token,
    'code of a certificate': certificateCode,
    'certificate token': certificateToken,
    certificate: certificate.certificates[0] ?? '',
    "listener's key": stack.certificateKey,
    "gateway's key": stack.gatewayKey,
    "officer's key": stack.officeKey,
  };
  expect(otps).toHaveLength(6);
  // A planted value shows that the search works.
  await stack.client.workflow.start('workerProbe', {
    workflowId: 'planted',
    taskQueue: citizenTaskQueue,
    memo: { planted: 'planted-canary-value' },
  });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
}, 120_000);
afterAll(() => stack.stop());

/** The names of the secrets in a text. Six digits count only as a whole number. */
function leaksIn(text: string): string[] {
  return Object.entries(secrets)
    .filter(([, value]) =>
      /^\d{6}$/.test(value) ? new RegExp(`(?<![\\d.])${value}(?![\\d.])`).test(text) : text.includes(value),
    )
    .map(([name]) => name);
}

/** A history as JSON, with all bytes decoded as UTF-8. */
const historyText = (message: object): string =>
  JSON.stringify(
    proto.temporal.api.history.v1.History.toObject(message as never, { bytes: Array, longs: String }),
    (_key, value) =>
      Array.isArray(value) && value.length > 0 && value.every((byte) => typeof byte === 'number')
        ? Buffer.from(value).toString()
        : value,
  );

describe('after every journey, no secret and nothing of the person stands in clear', () => {
  test('in the histories, attributes, memos and details of any workflow', async () => {
    const found: Record<string, string[]> = {};
    let workflows = 0;
    for await (const run of stack.client.workflow.list()) {
      workflows += 1;
      const handle = stack.client.workflow.getHandle(run.workflowId, run.runId);
      const history = proto.temporal.api.history.v1.History.fromObject(await handle.fetchHistory());
      const details =
        run.type === 'citizen' ? await handle.query('__temporal_workflow_metadata').catch(() => null) : null;
      const { memo, searchAttributes: attributes, workflowId } = run;
      const leaks = leaksIn(historyText(history) + JSON.stringify({ memo, attributes, workflowId, details }));
      if (leaks.length > 0) found[`${run.type} ${run.runId}`] = leaks;
      if (run.workflowId === 'planted') expect(JSON.stringify(memo)).toContain('planted-canary-value');
    }
    expect(workflows).toBeGreaterThan(8);
    expect(found).toEqual({});
    expect(searchAttributes.map(({ name }) => name)).toEqual([
      'CitizenStatus',
      'Blocked',
      'Journey',
      'PasswordExpiresAt',
    ]);
  });

  test("in Temporal's database, as text or as base64", () => {
    const files = readdirSync(folder).map((name) => readFileSync(path.join(folder, name)));
    const isIn = (value: string) =>
      files.some((bytes) => [value, ...base64Forms(value)].some((form) => bytes.includes(form)));
    // With encrypted payloads, even the planted value is not found.
    expect(isIn('planted-canary-value')).toBe(payloadSettings().CLAVE_PAYLOAD_KEY === undefined);
    // Six digits occur by chance in megabytes of ids and instants; the test above searches the histories for them.
    const long = Object.entries(secrets).filter(([, value]) => value.length > 6);
    expect(long.filter(([, value]) => isIn(value)).map(([name]) => name)).toEqual([]);
  });

  test('in the log, at its finest level', () => {
    expect(logged.length).toBeGreaterThan(20);
    expect(leaksIn(logged.join(''))).toEqual([]);
  });

  test('in a refusal', () => {
    expect(answers.length).toBeGreaterThan(10);
    // By contract, the citizen's own journey shows the last four digits of the phone.
    expect(leaksIn(answers.join(''))).toEqual(['four digits of the phone']);
  });

  test('in the database, beyond the tables that are there for it', async () => {
    const client = new Client({ connectionString: stack.database.adminUrl });
    await client.connect();
    const { rows: tables } = await client.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
    );
    const found: Record<string, string[]> = {};
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(
        `SELECT row_to_json(t)::text AS row FROM "${name}" t`,
      );
      const leaks = leaksIn(rows.map(({ row }) => row).join('\n'));
      if (leaks.length > 0) found[name] = leaks;
    }
    await client.end();
    const citizen = [
      'nationalId',
      'givenName',
      'firstSurname',
      'secondSurname',
      'email',
      'phone',
      'part of the phone',
    ];
    expect(found).toEqual({ Citizen: citizen, RegistrationAct: citizen, Request: ['address', 'browser'] });
  });
});

/** The three encodings of a text inside base64, without their ends, which depend on the adjacent bytes. */
function base64Forms(value: string): string[] {
  return [0, 1, 2].map((shift) => {
    const text = Buffer.from('x'.repeat(shift) + value)
      .toString('base64')
      .replace(/=+$/, '');
    return text.slice(shift === 0 ? 0 : shift + 1, -2);
  });
}
