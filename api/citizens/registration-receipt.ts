import type { CertificateProfile } from '../../domain/certificates/profiles.ts';
import { fullName } from '../../domain/identity/person-name.ts';
import type { Language } from '../../domain/languages.ts';
import { type ActReceipt, keepReceipt } from '../certificates/act-receipts.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import type { StoredJourney } from './stored-journey.ts';

/** Keeps the receipt of the online registration that a journey has completed, for who holds the journey's token. */
export async function keepRegistrationReceipt(
  { actId, tokenDigest }: StoredJourney,
  activationCode: string,
  dependencies: ApiDependencies,
): Promise<{ receipt?: ActReceipt }> {
  const { prisma } = dependencies.db;
  if (!actId) return {};
  const act = await prisma.registrationAct.findUnique({ where: { id: actId } });
  if (!act?.certificateId) return {};
  const where = { id: act.certificateId };
  const certificate = await prisma.certificateIdentification.findUnique({ where });
  if (!certificate) return {};
  const { id, nationalId, email, phone, language } = act;
  const content = {
    ...{ nationalId, name: fullName(act), activationCode, declared: { email, phone } },
    language: language as Language,
    profile: certificate.profile as CertificateProfile,
    issuedAt: (act.appliedAt ?? new Date(dependencies.clock.now())).toISOString(),
  };
  return { receipt: await keepReceipt(dependencies, { actId: id, tokenDigest }, content) };
}
