import { conditionsVersion } from '../../domain/registration/conditions.ts';
import { type EvidencedAct, stageEvidence } from '../../records/act-evidence.ts';
import type { CertificateHolder } from '../certificates/certificate-holder.ts';
import type { ApiDependencies } from '../http/dependencies.ts';

/** An act that is done with a certificate. */
export interface CertifiedAct {
  readonly actId: string;
  readonly kind: EvidencedAct;
  readonly atMs: number;
}

/**
 * The evidence of an act, in place of the citizen's signature: who asked for what and when, with which certificate, by which
 * answer it was not revoked, and which conditions were accepted. Never the activation code. Encrypted under the act's id.
 */
export async function actEvidence(
  { evidence: { identity, certificates, revocation } }: Pick<CertificateHolder, 'evidence'>,
  { actId, kind, atMs }: CertifiedAct,
  { ring }: Pick<ApiDependencies, 'ring'>,
): Promise<string> {
  const content = {
    kind,
    at: new Date(atMs).toISOString(),
    ...(kind === 'registration' && { acceptedConditions: conditionsVersion }),
    identity,
    certificates,
    revocation,
  };
  return ring.seal('act-evidence', actId, Buffer.from(JSON.stringify(content)));
}

/** Stages the evidence for the transaction that applies the act, which is not applied without. */
export async function stageActEvidence(
  holder: CertificateHolder,
  act: Omit<CertifiedAct, 'atMs'>,
  dependencies: Pick<ApiDependencies, 'clock' | 'db' | 'ring'>,
): Promise<void> {
  const sealed = await actEvidence(holder, { ...act, atMs: dependencies.clock.now() }, dependencies);
  await stageEvidence(dependencies.db, { actId: act.actId, kind: act.kind, sealed });
}
