import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { projectRoot } from '../../local/project-root.ts';
import { hasNetworkNamespace, runScript } from './network-namespace.ts';
import type { Busy, Held, SlowClientsResult } from './slow-clients.ts';

const inNamespace = hasNetworkNamespace();

/** A citizen is served within it while connections are held (ms), on a machine that is no slower without them. */
const servedWithinMs = 2_000;
/** /healthz is answered within it under load (ms), beside what the machine delays a timer of the process that measures. */
const healthyWithinMs = 500;

let result: SlowClientsResult;
beforeAll(async () => {
  const script = join(projectRoot(), 'drills', 'slow-clients', 'main.ts');
  const said = await runScript([script], { inNamespace });
  result = JSON.parse(said.trim().split('\n').at(-1) ?? '');
  for (const line of [...result.held.map(lineOf), ...result.busy.map(busyLineOf)])
    process.stdout.write(`${line}\n`);
}, 500_000);

const lineOf = ({ what, connections, signIns, pages, closedAfterMs }: Held) =>
  `${connections} × ${what}: sign-ins ${JSON.stringify(signIns.statuses)}, the slowest ${signIns.slowestMs.toFixed(0)} ms; pages ${JSON.stringify(pages.statuses)}, ${pages.slowestMs.toFixed(0)} ms; all closed after ${closedAfterMs?.toFixed(0)} ms`;
const busyLineOf = ({ what, statuses, health }: Busy) =>
  `${what} ${JSON.stringify(statuses)}: /healthz at worst ${health.api.slowestMs.toFixed(0)} ms of ${health.api.asked} at the API, ${health.pages.slowestMs.toFixed(0)} ms of ${health.pages.asked} at the pages`;

const bodies: [string, number][] = [['bodies that never come', 0]];
const replies: [string, number][] = [
  ['replies of the API that nobody reads', 1],
  ['replies of the pages that nobody reads', 2],
];
// Outside of a namespace the buffers of loopback take the replies, and nothing is left unread.
if (!inNamespace) test.todo('hundreds of replies that nobody reads: in a network namespace, as root');

describe.each(inNamespace ? [...bodies, ...replies] : bodies)('beside hundreds of %s', (_what, index) => {
  test('every sign-in and every page is served, within two seconds', () => {
    const { signIns, pages } = result.held[index] as Held;
    expect([Object.keys(signIns.statuses), Object.keys(pages.statuses)]).toEqual([['201'], ['200']]);
    const { quiet } = result;
    const alsoQuietMs = Math.max(quiet.signIns.slowestMs, quiet.pages.slowestMs);
    expect(Math.max(signIns.slowestMs, pages.slowestMs)).toBeLessThan(servedWithinMs + 5 * alsoQuietMs);
  });

  test('the server hangs up on each of them', () => {
    const isKnown = process.platform === 'linux';
    expect((result.held[index] as Held).closedAfterMs ?? (isKnown ? undefined : 0)).toBeDefined();
  });
});

describe.each([
  ['pages', 0, 'pages', 'api'],
  ['API', 1, 'api', 'pages'],
] as const)('while two hundred connections keep the %s busy', (_what, index, loaded, other) => {
  test.each(['api', 'pages'] as const)('the health of the %s is answered within half a second', (which) => {
    const { asked, failed, slowestMs, lateMs } = (result.busy[index] as Busy).health[which];
    expect([asked > 0, failed]).toEqual([true, 0]);
    expect(slowestMs).toBeLessThan(healthyWithinMs + lateMs);
  });

  test('its health is asked and answered nearly as often as that of the other', () => {
    const { health } = result.busy[index] as Busy;
    expect(health[loaded].asked).toBeGreaterThan(health[other].asked / 3);
  });
});
