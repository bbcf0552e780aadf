import type { Mutation } from './mutation.ts';
import { activationCodeMutations } from './table/activation-code.ts';
import { auditMutations } from './table/audit.ts';
import { certificateVisitMutations } from './table/certificate-visits.ts';
import { certificateMutations } from './table/certificates.ts';
import { certifiedActMutations } from './table/certified-acts.ts';
import { flowMutations } from './table/flow.ts';
import { gatewayMutations } from './table/gateway.ts';
import { knownBrowserMutations } from './table/known-browser.ts';
import { logoutNoticeMutations } from './table/logout-notices.ts';
import { openIdConnectMutations } from './table/openid-connect.ts';
import { passwordMutations } from './table/password.ts';
import { secretsMutations } from './table/secrets.ts';
import { sessionMutations } from './table/session.ts';
import { simulatorMutations } from './table/simulator.ts';
import { smsCodeMutations } from './table/sms-code.ts';
import { smsLimitsMutations } from './table/sms-limits.ts';
import { typedTextMutations } from './table/typed-text.ts';

/** Every mutation, in the order of docs/security.md. */
export const mutations: readonly Mutation[] = [
  ...passwordMutations,
  ...secretsMutations,
  ...activationCodeMutations,
  ...knownBrowserMutations,
  ...smsCodeMutations,
  ...smsLimitsMutations,
  ...sessionMutations,
  ...flowMutations,
  ...auditMutations,
  ...typedTextMutations,
  ...certifiedActMutations,
  ...certificateMutations,
  ...certificateVisitMutations,
  ...gatewayMutations,
  ...openIdConnectMutations,
  ...logoutNoticeMutations,
  ...simulatorMutations,
].sort((a, b) => order(a) - order(b));

/** `12a` lies between `12` and `13`. */
function order({ promise }: Mutation): number {
  const letter = /[a-c]$/.exec(promise)?.[0];
  return Number.parseInt(promise, 10) + (letter ? 'abc'.indexOf(letter) + 1 : 0) / 10;
}
