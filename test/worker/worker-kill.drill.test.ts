import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Citizen } from '../actors/citizen.ts';
import { goodPassword } from '../actors/credentials.ts';
import { Journey } from '../actors/journey.ts';
import { type HttpReply, requestOnce } from '../environment/http.ts';
import { type Process, runWorker } from '../environment/processes.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
let worker: Process;

/** In place of the stack's own. */
function startWorker(): void {
  worker = runWorker(stack, {});
}

let keys = 0;

/** As a front-end does it: the same request under the same key, until it is answered. */
async function persist(send: (headers: Record<string, string>) => Promise<HttpReply>): Promise<HttpReply> {
  keys += 1;
  const headers = { 'Idempotency-Key': `kill-${keys}` };
  // On a busy machine a worker from source takes long to start.
  for (const end = Date.now() + 30_000; Date.now() < end; ) {
    const reply = await send(headers);
    if (reply.status !== 503) return reply;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error('still 503');
}

beforeAll(async () => {
  stack = await startStack({ own: true });
  await stack.stopWorkers();
  startWorker();
});
afterAll(async () => {
  await worker.kill();
  await stack.stop();
});

describe('a worker that is killed', () => {
  test.each(['before the code', 'after the code', 'after the SMS code', 'while the password is set'])(
    '%s is missed for a moment only: the journey goes on when there is another',
    async (moment) => {
      const kill = async (now: string) => {
        if (now !== moment) return;
        await worker.kill();
        startWorker();
      };
      const citizen = new Citizen(stack);
      const { data, service: at } = citizen;
      const registered = await persist((headers) =>
        requestOnce(at, 'POST', '/registrations', { body: data, token: stack.officeKey, headers }),
      );
      expect(registered.status).toBe(201);
      citizen.activationCode = registered.body.activationCode;
      await kill('before the code');

      const begun = await persist((headers) => citizen.tryStartActivation({}, headers));
      expect(begun.status).toBe(201);
      const journey = new Journey(at, begun);
      await kill('after the code');

      // The killed worker's attempt has to time out first.
      const [otp = ''] = await until(
        () => citizen.otps(),
        (codes) => codes.length > 0,
        30_000,
      );
      const confirmed = await persist((headers) => journey.enterOtp(otp, headers));
      expect(confirmed.status).toBe(200);
      await kill('after the SMS code');

      const setting = persist((headers) => journey.setPassword(goodPassword, headers));
      await kill('while the password is set');
      expect(await setting).toMatchObject({ status: 200, body: { journey: { outcome: 'activated' } } });

      const { prisma } = stack.db;
      const { id } = await prisma.citizen.findUniqueOrThrow({ where: { nationalId: data.nationalId } });
      expect(await prisma.password.count({ where: { citizenId: id } })).toBe(1);
      expect(await prisma.stagedPassword.count({ where: { citizenId: id } })).toBe(0);
      expect(new Set(citizen.otps())).toEqual(new Set([otp]));
    },
    90_000,
  );
});
