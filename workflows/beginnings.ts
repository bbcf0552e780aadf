import { type Citizen, mustBeInTime } from './citizen-record.ts';
import { type Beginning, type BeginOutcome, refusals } from './messages.ts';
import { openVisit } from './openings.ts';
import { refusal } from './visit.ts';

/** Only for the password that is in force; an expired one opens nothing but its renewal. [clave] */
export function mayBegin(citizen: Citizen, beginning: Beginning): void {
  mustBeInTime(beginning);
  const { password } = citizen;
  if (!password || password.id !== beginning.authority.passwordId || password.blocked || citizen.suspended)
    throw refusal(refusals.superseded);
  const isRenewal = beginning.kind === 'password-change' && !beginning.authority.sessionId;
  if (!isRenewal && Date.now() >= password.expiresAtMs) throw refusal(refusals.superseded);
  const untilMs = citizen.textsWaitUntilMs('password', beginning.policy);
  if (untilMs !== undefined) throw refusal(refusals.tooMany, untilMs);
}

/**
 * A visit begun with the password. It ends another such, but none that was begun with the activation code: who holds
 * only the password can't keep the owner from a reset.
 */
export const begin = (citizen: Citizen, beginning: Beginning): Promise<BeginOutcome> =>
  citizen.exclusively(beginning, async () => {
    mayBegin(citizen, beginning);
    const { kind, authority, stagedPasswordId } = beginning;
    const opened = await openVisit(citizen, beginning, {
      ...{ kind, authority },
      ...(stagedPasswordId && { stagedPasswordId }),
    });
    return opened.kind === 'too-many' ? opened : { kind: 'begun', journey: opened.journey };
  });
