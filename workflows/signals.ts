import { blockCode, isBlocked } from './activation-code.ts';
import type { CitizenRun } from './citizen-run.ts';
import { localThenDurable } from './proxies.ts';

/**
 * The API or the reconciliation reports a block of the password. The signal may come twice, or late: for a password that has been
 * replaced, or a block that a registration act has lifted. So PostgreSQL, which decides about blocks, is asked whether it stands.
 */
export const handlePasswordBlocked = (citizen: CitizenRun, passwordId: string): Promise<void> =>
  citizen.runExclusive(undefined, async () => {
    if (citizen.password?.id !== passwordId || citizen.password.blocked) return;
    if (!(await localThenDurable((activities) => activities.isPasswordBlocked(passwordId)))) return;
    citizen.setPassword({ ...citizen.password, blocked: true });
    // One notice for each block: between two blocks of one password lies a registration act, and with it a new code.
    citizen.notify('password-blocked', `${passwordId}/${citizen.code?.codeId}`);
    citizen.updateVisibility();
    citizen.requestContinueAsNew();
  });

/** The reconciliation reports that the code is void. A code that has been replaced since is ignored. */
export const handleActivationCodeRevoked = (citizen: CitizenRun, codeId: string): Promise<void> =>
  citizen.runExclusive(undefined, async () => {
    if (citizen.code?.codeId !== codeId || isBlocked(citizen.code)) return;
    citizen.endJourneys('superseded');
    citizen.setCode(blockCode(citizen.code));
    citizen.updateVisibility();
    citizen.requestContinueAsNew();
  });

/**
 * The reconciliation reports an unsubscription. A registration act may have come since: so PostgreSQL, which recorded it, is
 * asked whether it stands.
 */
export const handleCitizenUnsubscribed = (citizen: CitizenRun): Promise<void> =>
  citizen.runExclusive(undefined, async () => {
    if (!citizen.code || !(await localThenDurable((activities) => activities.isUnsubscribed(citizen.id))))
      return;
    citizen.endPermanente();
    citizen.updateVisibility();
    citizen.requestContinueAsNew();
  });
