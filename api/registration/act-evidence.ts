import type { Language } from '../../domain/languages.ts';
import { conditionsVersion } from '../../domain/registration/conditions.ts';
import type { EvidencedAct } from '../../domain/registration/evidenced-acts.ts';
import type { SealKey } from '../../platform/cades-signature.ts';
import { sealPdf } from '../../platform/pdf-seal.ts';
import type { KeyRing } from '../../platform/secrets.ts';
import { signedRequestDocument } from '../../platform/signed-request-document.ts';
import { discardEvidence, stageEvidence } from '../../records/act-evidence.ts';
import type { CertificateHolder } from '../certificates/certificate-holder.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import type { Reply } from '../http/route.ts';
import { Unavailable } from '../http/unavailable.ts';

/** An act that is done with a certificate. */
export interface CertifiedAct {
  readonly actId: string;
  readonly kind: EvidencedAct;
  readonly language: Language;
  readonly atMs: number;
  /** Of a registration. */
  readonly declared?: { readonly email: string; readonly phone: string };
}

/**
 * The evidence of an act, in place of the citizen's signature (docs/adr/0063): a document sealed by the service. It states who
 * requested which act and when, the certificate, the OCSP response or list that showed it not revoked, and the conditions that
 * the citizen accepted. Never the activation code. Encrypted under the act's id.
 */
export async function actEvidence(
  {
    profile,
    evidence: { identity, certificates, revocation },
  }: Pick<CertificateHolder, 'evidence' | 'profile'>,
  { actId, kind, language, atMs, declared }: CertifiedAct,
  { ring, sealKey }: { ring: KeyRing; sealKey: SealKey },
): Promise<string> {
  const at = new Date(atMs);
  const [certificate, ...issuers] = certificates.map((each) => Buffer.from(each, 'base64'));
  if (!certificate) throw new Error('evidence without a certificate');
  const document = await signedRequestDocument({
    ...{ kind, language, at, profile, identity },
    certificates: [certificate, ...issuers],
    revocation: { kind: revocation.kind, answer: Buffer.from(revocation.answer, 'base64') },
    ...(declared && { declared: { ...declared, acceptedVersion: conditionsVersion } }),
  });
  return ring.seal('act-evidence', actId, await sealPdf(document, sealKey, at));
}

/**
 * Does an act with its evidence staged for the transaction that applies it, which is not applied without. A refusal or a failure
 * discards the evidence, so that nothing is applied later. @throws Unavailable without a seal
 */
export async function withEvidence(
  holder: CertificateHolder,
  act: Omit<CertifiedAct, 'atMs'>,
  { clock, db, ring, sealKey }: Pick<ApiDependencies, 'clock' | 'db' | 'ring' | 'sealKey'>,
  work: () => Promise<Reply>,
): Promise<Reply> {
  if (!sealKey) throw new Unavailable();
  const { actId, kind } = act;
  const sealed = await actEvidence(holder, { ...act, atMs: clock.now() }, { ring, sealKey });
  await stageEvidence(db, { actId, kind, sealed, certificateId: holder.certificateId });
  try {
    const reply = await work();
    if ('problem' in reply) await discardEvidence(db, actId);
    return reply;
  } catch (error) {
    await discardEvidence(db, actId);
    throw error;
  }
}
