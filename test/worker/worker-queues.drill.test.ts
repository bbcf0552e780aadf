import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { claimPort } from '../../local/servers/ports.ts';
import { Citizen } from '../actors/citizen.ts';
import { asDeployment } from '../deploy/hardening.ts';
import { manifestsIn } from '../deploy/kubernetes.ts';
import { startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { type Process, runWorker } from '../environment/processes.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
const workers: Process[] = [];
beforeAll(async () => {
  stack = await startStack({ own: true });
  await stack.stopWorkers();
});
afterAll(async () => {
  for (const worker of workers) await worker.stop();
  await stack.stop();
});

const isReady = async () => (await fetch(`${stack.url}/readyz`)).ok;
const welcome = () => stack.db.prisma.text.findFirst();

/** Whether the manifests' readiness probe succeeds for a worker with this metrics port. */
function isReadyByProbe(port: number): boolean {
  const [deployment] = manifestsIn('deploy/kubernetes/base/worker.yaml').filter(
    ({ kind }) => kind === 'Deployment',
  );
  const { readinessProbe } = asDeployment(deployment).spec.template.spec.containers[0];
  const [, ...args] = (readinessProbe as { exec: { command: string[] } }).exec.command;
  return (
    spawnSync(
      process.execPath,
      args.map((arg) => arg.replace('9464', String(port))),
    ).status === 0
  );
}

test('the manifests’ probe finds a worker ready once it asks for work', async () => {
  const port = await claimPort(0, 'a worker', 'WORKER_METRICS_PORT');
  expect(isReadyByProbe(port)).toBe(false);
  const worker = runWorker(stack, { WORKER_METRICS_PORT: String(port) });
  // Each probe is a process of its own, which takes the processor from the worker that starts.
  const probed = () => sleep(500).then(() => isReadyByProbe(port));
  await until(probed, Boolean, 60_000);
  await worker.stop();
});

test('a worker serves the queues that it is told to: one the citizens, another their texts', async () => {
  // The readiness of a stopped worker is cached for a second.
  await until(isReady, (ready) => !ready, 60_000);
  workers.push(runWorker(stack, { WORKER_QUEUES: 'citizens' }));
  await until(isReady, Boolean, 60_000);
  await new Citizen(stack).register();
  // Enough time for an SMS, if any worker served its queue.
  await sleep(2_000);
  expect([await welcome(), stack.phone.messages()]).toEqual([null, []]);

  workers.push(runWorker(stack, { WORKER_QUEUES: 'sms' }));
  await until(welcome, (text) => Boolean(text?.providerId), 60_000);
  expect(stack.phone.messages()).toHaveLength(1);

  // A worker of the SMS queue alone does not make the API ready.
  await workers.shift()?.stop();
  await until(isReady, (ready) => !ready, 60_000);
}, 180_000);

test('a third serves the notices of logout, which the gateway delivers', async () => {
  const gateway = await startGatewayInProcess(stack);
  const id = randomUUID();
  await stack.db.prisma.logoutNotice.create({
    data: { id, identificationId: randomUUID(), relyingPartyId: 'party_gone' },
  });
  const settings = { GATEWAY_KEY: stack.gatewayKey, GATEWAY_INTERNAL_URL: gateway.url };
  workers.push(runWorker(stack, { ...settings, WORKER_QUEUES: 'gateway' }));
  const notice = () => stack.db.prisma.logoutNotice.findUniqueOrThrow({ where: { id } });
  await until(notice, ({ deliveredAt }) => deliveredAt !== null, 60_000);
  await gateway.stop();
}, 120_000);
