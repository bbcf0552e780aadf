import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { Citizen } from '../actors/citizen.ts';
import { goodPassword } from '../actors/credentials.ts';
import { Journey } from '../actors/journey.ts';
import { requestOnce } from '../environment/http.ts';
import { type SeparateProcesses, startSeparateProcesses } from '../environment/separate-processes.ts';
import { until } from '../environment/waiting.ts';
import { type Collector, type ExportedSpan, startCollector } from './collector.ts';

let collector: Collector;
let service: SeparateProcesses;
let citizen: Citizen;
let journey: Journey;
let otp: string;
let spans: ExportedSpan[];
const traceId = randomBytes(16).toString('hex');
const browser = 'CanaryBrowser/7.7';
const address = '203.0.113.77';

/** An activation by a front-end within a trace, and a call with a `traceparent` but without a front-end's key. */
beforeAll(async () => {
  collector = await startCollector();
  service = await startSeparateProcesses({
    OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-of-collector=of%20ours',
  });
  const { at } = service;
  citizen = await new Citizen(at, {
    givenName: 'Canariaaq',
    firstSurname: 'Zzyzxlopez',
    secondSurname: 'Qwopvela',
    email: 'canary.qzx@leak.example',
  }).register();
  const { nationalId, email } = citizen.data;
  const headers = {
    'X-Front-End-Key': at.frontEndKey,
    Forwarded: `for=${address}`,
    'User-Agent': browser,
    traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01`,
  };
  const body = { nationalId, email, activationCode: citizen.activationCode };
  journey = new Journey(at, await requestOnce(at, 'POST', '/activations', { body, headers }));
  otp = await journey.otp();
  await journey.enterOtp(otp, headers);
  const { status } = await journey.setPassword(goodPassword, headers);
  expect(status).toBe(200);
  await citizen.otp();
  const { traceparent } = headers;
  await requestOnce(at, 'POST', '/sessions', {
    body: { nationalId, password: goodPassword },
    headers: { traceparent },
  });
  // Welcome, code and notice of the new password.
  await until(
    () => citizen.smsMessages().length,
    (count) => count === 3,
  );
  await service.stopProcesses();
  spans = collector.spans();
}, 180_000);
afterAll(async () => {
  await service?.stop();
  collector?.stop();
});

/** The names from a span up to its root. */
function path(span: ExportedSpan): string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [span.name, ...(parent ? path(parent) : [])];
}
const ofTrace = () => spans.filter((span) => span.traceId === traceId);
const paths = () => new Set(ofTrace().map((span) => path(span).join(' < ')));

describe('an activation', () => {
  test('is one trace, from each request through update and activity to the statement and the SMS', () => {
    expect([...paths()]).toEqual(
      expect.arrayContaining([
        // A local activity, and an ordinary one on the SMS queue.
        'open-journey < activity openJourney < update submitActivationCode < POST /activations',
        'SMS < activity sendOtp < update submitActivationCode < POST /activations',
        'text-accepted < activity sendOtp < update submitActivationCode < POST /activations',
        'confirm-phone < activity confirmPhone < update submitOtp < POST /journeys/:id/otp',
        // The journey began with the first request; its last activities were caused by the third.
        'set-password < activity savePassword < update setPassword < POST /journeys/:id/password',
        'COMMIT < activity savePassword < update setPassword < POST /journeys/:id/password',
        // A notice is a workflow of its own.
        'SMS < activity sendNotice < start notice < activity startNotice < update setPassword < POST /journeys/:id/password',
      ]),
    );
    expect(paths().size).toBeGreaterThan(20);
  });

  test('is exported by the process that did the work, with codes and patterns only', () => {
    const services = new Set(ofTrace().map(({ service }) => service));
    expect([...services].sort()).toEqual(['clave-api', 'clave-worker']);
    const of = (name: string) => ofTrace().find((span) => span.name === name)?.attributes;
    expect(of('POST /journeys/:id/password')).toEqual({
      'http.request.method': 'POST',
      'http.route': '/journeys/:id/password',
      'http.response.status_code': 200,
    });
    expect(of('activity openJourney')).toMatchObject({ 'temporal.activity.local': true });
    expect(of('activity sendOtp')).toMatchObject({ 'temporal.activity.local': false });
    expect(of('SMS')).toEqual({ 'sms.answer': 'accepted' });
  });

  test('is a trace of its own for a caller without the front-end key', () => {
    const signIn = spans.filter(({ name }) => name === 'POST /sessions');
    expect(signIn).toHaveLength(1);
    expect(signIn[0]).toMatchObject({ parentSpanId: undefined });
    expect(signIn[0]?.traceId).not.toBe(traceId);
  });
});

test('no history is longer for it, and no dormant workflow larger', async () => {
  const { workflow } = service.stack.client;
  const workflowId = citizenWorkflowId(citizen.citizenId);
  const runs = [];
  for await (const run of workflow.list({ query: `WorkflowId="${workflowId}"` })) runs.push(run);
  runs.sort((a, b) => a.startTime.getTime() - b.startTime.getTime());
  const [awake = [], asleep = []] = await Promise.all(
    runs.map(async ({ runId }) => (await workflow.getHandle(workflowId, runId).fetchHistory()).events ?? []),
  );
  expect(runs).toHaveLength(2);
  expect(
    awake.some((event) => event.activityTaskScheduledEventAttributes?.header?.fields?.['traceparent']),
  ).toBe(true);
  expect(awake.length).toBeLessThanOrEqual(50);
  expect(asleep.length).toBeLessThanOrEqual(8);
  for (const run of [awake, asleep])
    expect(Object.keys(run[0]?.workflowExecutionStartedEventAttributes?.header?.fields ?? {})).toEqual([]);
});

test('exported spans contain no personal data', () => {
  // Thousands of instants in nanoseconds have any seven digits among them, sooner or later.
  const bytes = collector.bytes().replaceAll(/UnixNano":"\d+"/g, '');
  expect(bytes).toContain('"x-of-collector":"of ours"');
  expect(bytes).toContain('POST /journeys/:id/otp');
  const { citizenId, activationCode, data } = citizen;
  const personal: Record<string, string> = {
    ...(data as Record<string, string>),
    'part of the phone': data.phone.slice(-7),
    citizenId,
    activationCode,
    otp,
    address,
    browser,
    goodPassword,
    'activation code as typed': activationCode.replace('-', ''),
    'journey id': journey.id,
    'journey token': journey.token,
    "officer's key": service.at.officeKey,
    "front-end's key": service.at.frontEndKey,
  };
  delete personal['language'];
  expect(Object.keys(personal).filter((name) => bytes.includes(personal[name] ?? '-'))).toEqual([]);
});
