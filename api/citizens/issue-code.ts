import { activationCodeFrom, showActivationCode } from '../../domain/permanente/activation-code.ts';
import type { ResponseRandomness } from '../../platform/response-randomness.ts';
import type { ApiDependencies } from '../http/dependencies.ts';

/** Derives a new activation code: as shown to the officer, and as the workflow stores it (a keyed fingerprint). */
export function issueCode(
  { ring, policy }: Pick<ApiDependencies, 'ring' | 'policy'>,
  randomness: ResponseRandomness,
  citizenId: string,
) {
  const code = activationCodeFrom(randomness.derive('activation-code', 8));
  return {
    shown: showActivationCode(code),
    issue: {
      codeId: randomness.uuid('code'),
      fingerprint: ring.fingerprint('activation-code', [citizenId, code]),
      tolerated: policy.activationCode.tolerated,
    },
  };
}
