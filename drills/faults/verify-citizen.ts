import { setTimeout as sleep } from 'node:timers/promises';
import type { Citizen } from './citizen.ts';
import { refusedSignIn, signIn } from './steps.ts';
import { must } from './violation.ts';

/**
 * Verifies over HTTP, after the last step, that the journey is over, that the office sees the citizen's state, and that
 * the current password signs in and no other does. @throws Violation
 */
export async function verifyCitizen(citizen: Citizen): Promise<void> {
  await officeSees(citizen);
  if (citizen.journey && citizen.status !== 'unsubscribed') {
    const { body } = await citizen.call(200, (api) => citizen.journeyCalls(api).read());
    must(body.journey.step === 'done', `the journey is at ${body.journey.step}`);
  }
  const former = citizen.formerPasswords.at(-1);
  const isOpen = citizen.status === 'active' && !citizen.blocked.includes('password');
  if (former && isOpen) await refusedSignIn('former', 'wrong-password', () => former).act(citizen);
  if (former && citizen.status === 'unsubscribed')
    await refusedSignIn('left', 'unknown', () => former).act(citizen);
  if (isOpen) await signIn().act(citizen);
}

/** Waits: the workflow learns of a block or an expiry a little later than the citizen. */
async function officeSees(citizen: Citizen): Promise<void> {
  const { data, status, blocked } = citizen;
  const expected = `${status} [${blocked}]`;
  for (const end = Date.now() + 20_000; ; await sleep(250)) {
    const { body, repeats } = await citizen.call(200, (api) =>
      api.POST('/citizen-lookups', {
        body: { nationalId: data.nationalId },
        headers: citizen.officer,
      }),
    );
    // A look-up whose answer was lost is in the trail all the same.
    citizen.expectAuditUpTo('citizen-looked-up', 1, 1 + repeats);
    const seen = `${body.status} [${body.blocked}]`;
    if (seen === expected) return;
    must(Date.now() < end, `the office sees ${seen} instead of ${expected}`);
  }
}
