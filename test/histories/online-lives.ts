import { setTimeout as sleep } from 'node:timers/promises';
import { Citizen } from '../actors/citizen.ts';
import { OnlineDriver } from '../actors/online-driver.ts';
import { registerOnline, renewWith } from '../actors/online-registration.ts';
import { workflowTestContext } from '../actors/workflow-context.ts';
import type { Stack } from '../environment/stack.ts';
import { livesByCertificate } from './lives-by-certificate.ts';

/** What those went through who came with a certificate: lives of `record.ts`. */
export const onlineLives: Readonly<Record<string, (stack: Stack) => Promise<{ citizenId: string }>>> = {
  async registration(stack) {
    const citizen = await registerOnline(stack, new Citizen(stack));
    await renewWith(stack, citizen);
    return citizen;
  },
  async 'registration-left-alone'(stack) {
    const driver = new OnlineDriver(workflowTestContext(stack));
    await driver.startRegistration({ policy: { ...stack.policy, journeyLife: 'PT2S' } });
    await sleep(3_500);
    return driver;
  },
  ...livesByCertificate,
};
