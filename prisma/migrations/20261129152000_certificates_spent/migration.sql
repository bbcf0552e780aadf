-- The transaction of an effect marks the certificate that it rests on: after a failure it is given back only if there was none.
ALTER TABLE "CertificateIdentification" ADD COLUMN "spentAt" TIMESTAMPTZ(3);
ALTER TABLE "StagedEvidence" ADD COLUMN "certificateId" UUID;
