import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { problems } from '../../api/http/problems.ts';
import { routes } from '../../api/routes.ts';
import { deliveries } from '../../domain/journeys.ts';
import { citizenTaskQueue } from '../../domain/task-queues.ts';
import { insertCard, setResponder } from '../actors/cards.ts';
import { issueTicket } from '../actors/certificates.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import type { Journey } from '../actors/journey.ts';
import { begin, identifyIn, registerOidcParty } from '../actors/oidc-party.ts';
import { PlainBrowser } from '../actors/plain-browser.ts';
import { blockPassword, signInSubstantial } from '../actors/sessions.ts';
import {
  type CertificatesInProcess,
  startCertificatesInProcess,
} from '../environment/certificates-in-process.ts';
import { type GatewayInProcess, startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { type SeparateProcesses, startSeparateProcesses } from '../environment/separate-processes.ts';
import type { Stack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';
import { referencesOf } from './promql.ts';

/** An expression of a panel or alert. */
interface Expression {
  readonly where: string;
  readonly expression: string;
}

const dashboard = JSON.parse(readFileSync('deploy/grafana/clave-permanente.json', 'utf8')) as {
  panels: { title: string; targets: { expr: string }[] }[];
};
const rules = parse(readFileSync('deploy/prometheus/alerts.yml', 'utf8')) as {
  groups: { rules: { alert: string; expr: string }[] }[];
};
const alerts = rules.groups.flatMap((group) => group.rules);
const expressions: Expression[] = [
  ...dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({ where: title, expression: expr })),
  ),
  ...alerts.map(({ alert, expr }) => ({ where: alert, expression: expr })),
];

/** Scraped metrics: the values of each label, per metric. */
type Scraped = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

let own: SeparateProcesses;
let gateway: GatewayInProcess;
let certificates: CertificatesInProcess;
let stack: Stack;
let scraped: Scraped;
/** The only one that waits for a password. */
let waiting: Journey;

beforeAll(async () => {
  own = await startSeparateProcesses({});
  stack = { ...own.stack, ...own.at };
  await until(
    async () => (await fetch(`${stack.url}/readyz`)).status,
    (status) => status === 200,
    60_000,
  );
  gateway = await startGatewayInProcess(own.stack);
  certificates = await startCertificatesInProcess({
    apiUrl: own.stack.url,
    certificateKey: own.stack.certificateKey,
  });
  // On a busy machine the first messages to a new worker may come too late.
  await causeEvents().catch(causeEvents);
  await causeEventsAtGateway();
  await causeEventsAtCertificates();
  waiting = await (await new Citizen(stack).register()).confirmedJourney();
  // Gauges are counted at intervals. What is missing for good is for the tests to report.
  await until(
    async () => {
      scraped = await scrape();
      return expressions.flatMap(missing);
    },
    (absent) => absent.length === 0,
    20_000,
  ).catch(() => {});
}, 120_000);
afterAll(async () => {
  await gateway?.stop();
  await certificates?.stop();
  await own?.stop();
});

/** Causes the events whose metrics exist only after a first occurrence. */
async function causeEvents(): Promise<void> {
  const citizen = await activeCitizen(stack);
  const journey = await signInSubstantial(stack, citizen);
  await journey.enterOtp(await journey.otp());
  await blockPassword(stack, citizen);
  await new Citizen(stack).register();
  // A notice of logout that a relying party has not taken, and one that was given up.
  const [late, failed] = [new Date(Date.now() - 2 * 3_600_000), new Date()];
  for (const state of [{ createdAt: late }, { failedAt: failed }])
    await stack.db.prisma.logoutNotice.create({
      data: { id: randomUUID(), identificationId: randomUUID(), relyingPartyId: 'party_away', ...state },
    });
  // An SMS that fails once, and a snapshot of an unknown version.
  await fetch(`${stack.phone.url}/faults`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ status: 503, times: 1 }),
  });
  await (await new Citizen(stack).register()).startActivation();
  await stack.client.workflow.start('citizen', {
    workflowId: 'citizen/of-the-future',
    taskQueue: citizenTaskQueue,
    args: [{ version: 99 }],
  });
}

/** A relying party whose citizen identifies, one whose citizen cancels, and a secret that is wrong. */
async function causeEventsAtGateway(): Promise<void> {
  const party = await registerOidcParty(own.stack, gateway);
  await identifyIn(own.stack, gateway, new PlainBrowser(), party, await activeCitizen(stack));
  const browser = new PlainBrowser();
  const { id } = await begin(browser, party);
  await browser.post(`${gateway.url}/identify/${id}/fail`, { failure: 'cancelled' });
  await fetch(`${gateway.url}/oidc/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${party.id}:wrong`)}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code: 'x' }),
  });
}

/** A certificate that is accepted, and one that nobody says of whether it is revoked. */
async function causeEventsAtCertificates(): Promise<void> {
  const withCards = { ...own.stack, certificates };
  const insert = async () => {
    const { id } = await issueTicket(own.stack);
    await insertCard(withCards, `${certificates.settings.CERTIFICATE_URL}/?ticket=${id}`, 'dnie');
  };
  await insert();
  await setResponder(withCards, 'dnie', 'down');
  await insert();
}

/** Of the gateway, of the certificate listener, and of the API, which includes those of the worker. */
async function scrape(): Promise<Scraped> {
  const texts = [stack, gateway].map(async ({ url }) => (await fetch(`${url}/metrics`)).text());
  return parseExposition((await Promise.all([...texts, certificates.metrics.registry.metrics()])).join('\n'));
}

function parseExposition(exposition: string): Scraped {
  const metrics = new Map<string, Map<string, Set<string>>>();
  for (const line of exposition.split('\n')) {
    const [, name, labels = ''] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? /.exec(line) ?? [];
    if (!name) continue;
    const known = metrics.get(name) ?? new Map<string, Set<string>>();
    for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g))
      known.set(label, (known.get(label) ?? new Set()).add(value));
    metrics.set(name, known);
  }
  return metrics;
}

/** Labels that Prometheus adds. */
const fromPrometheus = ['instance', 'job'];

/** Labels with a known set of values. Values of any other label must have been scraped. */
const values: Readonly<Record<string, (value: string, seen: ReadonlySet<string>) => boolean>> = {
  code: (value, seen) => value in problems || seen.has(value),
  route: (value) => routes.some(({ path }) => path === value),
  delivery: (value) => deliveries.some((delivery) => delivery === value),
};

/** The metrics, labels and values of an expression that do not exist. */
function missing({ expression }: Expression): string[] {
  const { selectors, groupedBy } = referencesOf(expression);
  const ofSelectors = selectors.flatMap(({ metric, matchers }) => {
    const labels = scraped.get(metric);
    if (!labels) return [`no metric ${metric}`];
    return matchers.flatMap(({ label, op, value }) => {
      const seen = labels.get(label);
      if (!seen) return [`no label ${label} of ${metric}`];
      const canBe = values[label] ?? ((wanted: string) => seen.has(wanted));
      return op === '=' && !canBe(value, seen) ? [`${label} is never ${value}`] : [];
    });
  });
  const known = new Set([
    ...fromPrometheus,
    ...selectors.flatMap(({ metric }) => [...(scraped.get(metric)?.keys() ?? [])]),
  ]);
  return [
    ...ofSelectors,
    ...groupedBy.filter((label) => !known.has(label)).map((label) => `grouped by ${label}, which is nowhere`),
  ];
}

describe('the dashboard and the alerts query existing metrics', () => {
  test.each(expressions.map((one) => [one.where, one] as const))('%s', (_where, one) => {
    expect(missing(one)).toEqual([]);
  });

  test.each([
    ['sum(rate(clave_problem_total[5m]))', 'no metric clave_problem_total'],
    ['max by (sort) (clave_journeys_open)', 'grouped by sort, which is nowhere'],
    ['clave_problems_total{code="sign-in-denied"}', 'code is never sign-in-denied'],
    ['clave_database_connections{state="waiting"}', 'state is never waiting'],
    ['clave_texts_last_five_minutes{delivery="lost"}', 'delivery is never lost'],
    ['clave_texts_last_five_minutes{fate="failed"}', 'no label fate of clave_texts_last_five_minutes'],
  ])('and %s would show', (expression, what) => {
    expect(missing({ where: 'nowhere', expression })).toEqual([what]);
  });

  test('and what is no PromQL would show', () => {
    expect(() => referencesOf('sum(rate(clave_problems_total[5m])')).toThrow(SyntaxError);
  });
});

test('each alert has its explanation in docs/operations.md', () => {
  const told = readFileSync('docs/operations.md', 'utf8');
  expect(alerts.filter(({ alert }) => !told.includes(`\`${alert}\``))).toEqual([]);
});

describe('what is counted', () => {
  const count = async (name: string, labels: Record<string, string>): Promise<number> => {
    const text = await (await fetch(`${stack.url}/metrics`)).text();
    const line = text
      .split('\n')
      .find(
        (each) =>
          each.startsWith(name) &&
          Object.entries(labels).every(([label, value]) => each.includes(`${label}="${value}"`)),
      );
    return Number(line?.split(' ').at(-1) ?? 0);
  };

  test('journeys by the step at which they wait, until they are over', async () => {
    const atPassword = () => count('clave_journeys_open', { kind: 'activation', step: 'password' });
    await until(atPassword, (now) => now === 1);
    await waiting.setPassword('Llueve-Poco7');
    await until(atPassword, (now) => now === 0);
  });

  test('notices of logout that are late, and those that were given up', async () => {
    for (const state of ['late', 'failed'])
      expect(await count('clave_logout_notices', { state })).toBeGreaterThan(0);
  });

  test('blocks, and how texts fare', async () => {
    expect(await count('clave_passwords_blocked_last_five_minutes', {})).toBe(1);
    expect(
      await count('clave_texts_last_five_minutes', { purpose: 'notice', delivery: 'delivered' }),
    ).toBeGreaterThan(0);
    expect(
      await count('clave_journeys_ended_last_minute', { kind: 'activation', outcome: 'activated' }),
    ).toBeGreaterThan(0);
  });
});
