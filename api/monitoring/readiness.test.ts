import { expect, jest, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import type { Database } from '../../platform/database.ts';
import { Unavailable } from '../http/unavailable.ts';
import { watchReadiness } from './readiness.ts';

/** A Temporal whose worker answers when a test says so: each question waits for its own answer. */
function asked() {
  const questions: { answer: () => void; fail: () => void }[] = [];
  const query = () =>
    new Promise<true>((resolve, reject) => {
      questions.push({ answer: () => resolve(true), fail: () => reject(new Error('too late')) });
    });
  const client = {
    connection: { withDeadline: (_deadline: number, work: () => unknown) => work() },
    workflow: { getHandle: () => ({ query }) },
  } as unknown as Client;
  const db = { pool: { query: async () => undefined } } as unknown as Database;
  return { questions, client, db };
}
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 5));

test('concurrent requests share one probe, whose result is cached for a second', async () => {
  const { questions, client, db } = asked();
  const readiness = watchReadiness(client, db, 60_000);
  const all = Array.from({ length: 200 }, () => readiness.readState());
  await aMoment();
  expect(questions).toHaveLength(1);
  questions[0]?.answer();
  expect(await Promise.all(all)).toEqual(all.map(() => ({ database: true, worker: true })));
  for (let more = 0; more < 200; more += 1) await readiness.readState();
  expect(questions).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  const later = [readiness.readState(), readiness.readState()];
  await aMoment();
  expect(questions).toHaveLength(2);
  questions[1]?.fail();
  // One question may have gone to a worker that was just being replaced.
  expect(await Promise.all(later)).toEqual(later.map(() => ({ database: true, worker: true })));
  // A failed probe is a result too, so it is cached as well.
  await readiness.readState();
  expect(questions).toHaveLength(2);
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  const again = readiness.readState();
  await aMoment();
  questions[2]?.fail();
  expect(await again).toEqual({ database: true, worker: false });
  await readiness.stop();
});

test('is ready once a worker has answered, and stays so while none does', async () => {
  const { questions, client, db } = asked();
  const readiness = watchReadiness(client, db, 60_000);
  await aMoment();
  expect(await readiness.readStateForTraffic()).toEqual({ database: true, started: false });
  questions[0]?.answer();
  await aMoment();
  expect(await readiness.readStateForTraffic()).toEqual({ database: true, started: true });
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  const both = readiness.readState();
  // At once, though the worker's answer is still awaited.
  expect(await readiness.readStateForTraffic()).toEqual({ database: true, started: true });
  questions[1]?.fail();
  await both;
  await readiness.stop();
});

test('a new process without an answer from a worker admits requests after fifteen seconds', async () => {
  const { questions, client, db } = asked();
  const readiness = watchReadiness(client, db, 60_000);
  questions[0]?.fail();
  const now = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 15_001);
  expect(await readiness.readStateForTraffic()).toEqual({ database: true, started: true });
  now.mockRestore();
  await readiness.stop();
});

test('a dependency that is away is detected, and later requests are answered without waiting', async () => {
  const { questions, client, db } = asked();
  const readiness = watchReadiness(client, db, 60_000);
  questions[0]?.fail();
  await aMoment();
  expect(readiness.state).toEqual({ database: true, worker: false });
  await expect(readiness.probeWorker()).rejects.toThrow(Unavailable);
  expect(questions).toHaveLength(1);
  await readiness.stop();
});

test('stops after the probe under way, so that the connection may be closed', async () => {
  const { questions, client, db } = asked();
  const readiness = watchReadiness(client, db, 1);
  let hasStopped = false;
  const stopped = readiness.stop().then(() => {
    hasStopped = true;
  });
  await aMoment();
  expect(hasStopped).toBe(false);
  questions[0]?.answer();
  await stopped;
  await aMoment();
  expect(questions).toHaveLength(1);
});
