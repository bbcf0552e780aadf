import type { NationalId } from '../../domain/identity/national-id.ts';
import { fullName } from '../../domain/identity/person-name.ts';
import { type ActReceipt, type ActReceiptContent, keepReceipt } from '../certificates/act-receipts.ts';
import { type CertificateHolder, certificateHolder } from '../certificates/certificate-holder.ts';
import { useCertificate } from '../certificates/certificate-use.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import type { FieldProblem } from '../http/problems.ts';
import type { Callers, Reply, RequestContext } from '../http/route.ts';
import { type CertifiedAct, withEvidence } from './act-evidence.ts';

/** Whom an act is about, and who does it: an officer, or the holder of a certificate for themselves. */
export interface Subject {
  readonly nationalId: NationalId;
  readonly officerId?: string;
  readonly holder?: CertificateHolder;
  /** Does the act with its evidence (`act-evidence.ts`); before an officer there is none. */
  withEvidence(act: SubjectsAct, work: () => Promise<Reply>): Promise<Reply>;
  /** Keeps the receipt of an act with a certificate, as a member of its reply; an officer's is written at the desk. */
  keepReceipt(actId: string, shown: ShownOnReceipt): Promise<{ receipt?: ActReceipt }>;
}

/** An act of a citizen who is registered: its id, kind, and the language of its documents. */
type SubjectsAct = Omit<CertifiedAct, 'atMs' | 'declared'>;

/** What a receipt shows beside the person, who is that of the certificate. */
type ShownOnReceipt = Omit<ActReceiptContent, 'nationalId' | 'name' | 'profile'>;

type Context = RequestContext<{ nationalId?: NationalId | undefined }, Callers['officer-or-act']>;

/** An officer names the citizen; a certificate does so itself, and with it a national id in the body is wrong. */
export function nationalIdErrors(
  { nationalId }: Context['body'],
  { by }: Context['caller'],
): readonly FieldProblem[] {
  const pointer = '/nationalId';
  if (by === 'officer') return nationalId ? [] : [{ pointer, code: 'required' }];
  return nationalId ? [{ pointer, code: 'unknown-field' }] : [];
}

/** Does an act for an officer on a citizen, or with a certificate on its holder. */
export async function byOfficerOrCertificate(
  context: Context,
  dependencies: ApiDependencies,
  act: (subject: Subject) => Promise<Reply>,
): Promise<Reply> {
  const { caller, body } = context;
  if (caller.by === 'officer') {
    const { nationalId } = body;
    if (!nationalId) throw new Error('an officer names the citizen');
    return act({
      nationalId,
      officerId: caller.officerId,
      withEvidence: (_act, work) => work(),
      keepReceipt: async () => ({}),
    });
  }
  return useCertificate(context, caller.certificate, dependencies, () => {
    const holder = certificateHolder(dependencies.ring, caller.certificate);
    return act({
      nationalId: holder.identity.nationalId,
      holder,
      withEvidence: (done, work) => withEvidence(holder, done, dependencies, work),
      keepReceipt: async (actId, shown) => {
        const { nationalId, ...names } = holder.identity;
        const { tokenDigest } = caller.certificate;
        const content = { ...shown, nationalId, name: fullName(names), profile: holder.profile };
        return { receipt: await keepReceipt(dependencies, { actId, tokenDigest }, content) };
      },
    });
  });
}
