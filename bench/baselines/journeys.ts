import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineUpdate,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import type { BareActivities } from './bare-activities.ts';
import { bareSmsQueue } from './bare-queues.ts';

/*
 * An activation in the engine alone: the same starts, messages and activities, of the same kinds and on the
 * same queues. No state, no checks, no timers, no search attributes.
 */

const local = proxyLocalActivities<BareActivities>({
  startToCloseTimeout: '2 seconds',
  retry: { maximumAttempts: 1 },
});
const ordinary = proxyActivities<BareActivities>({ startToCloseTimeout: '5 seconds' });
const smsActivities = proxyActivities<BareActivities>({
  taskQueue: bareSmsQueue,
  startToCloseTimeout: '7 seconds',
});

/** A registration act: one local activity; the notice is a workflow of its own, which a local activity starts. */
export const bareRegister = defineUpdate<void>('bareRegister');
/** A right activation code: one local activity; the SMS code goes out beside the answer. */
export const bareBegin = defineUpdate<void>('bareBegin');
/** A right SMS code, recorded beside the answer. */
export const bareConfirm = defineUpdate<void>('bareConfirm');
/** What completes a journey: an ordinary activity, a notice, and the end of the run. */
export const bareFinish = defineUpdate<void>('bareFinish');

export async function bareCitizen(): Promise<void> {
  let underWay = 0;
  let isFinished = false;
  const beside = (work: Promise<unknown>): void => {
    underWay += 1;
    void work.finally(() => {
      underWay -= 1;
    });
  };
  setHandler(bareRegister, async () => {
    await local.applyRegistration();
    beside(local.startNotice());
  });
  setHandler(bareBegin, async () => {
    await local.openJourney();
    beside(smsActivities.sendOtp());
  });
  setHandler(bareConfirm, async () => beside(local.confirmPhone()));
  setHandler(bareFinish, async () => {
    await ordinary.savePassword();
    beside(local.startNotice());
    isFinished = true;
  });
  await condition(() => isFinished && underWay === 0 && allHandlersFinished());
  await continueAsNew<typeof bareCitizen>();
}

export async function bareNotice(): Promise<void> {
  await smsActivities.sendNotice();
}

/** A dormant citizen: a start and one timer. */
export async function bareDormantCitizen(): Promise<void> {
  await sleep('700 days');
}
