-- Registration for oneself with certificates (docs/adr/0060 to 0063).

-- When and how the identity was last proved in person. Every act so far was before an officer.
ALTER TABLE "Citizen" ADD COLUMN "strongIdentifiedAt" TIMESTAMPTZ(3), ADD COLUMN "strongIdentifiedBy" TEXT;
UPDATE "Citizen" SET "strongIdentifiedAt" = "registeredAt", "strongIdentifiedBy" = 'office';

ALTER TABLE "RegistrationAct" ALTER COLUMN "officerId" DROP NOT NULL, ADD COLUMN "certificateId" UUID;

CREATE TABLE "CertificateTicket" (
    "id" TEXT NOT NULL,
    "tokenDigest" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "returnUrl" TEXT NOT NULL,
    "requestId" UUID NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "presentations" INTEGER NOT NULL DEFAULT 0,
    "lastRefusal" TEXT,
    "acceptedAt" TIMESTAMPTZ(3),
    CONSTRAINT "CertificateTicket_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "CertificateTicket_tokenDigest_key" ON "CertificateTicket"("tokenDigest");
CREATE INDEX "CertificateTicket_expiresAt_idx" ON "CertificateTicket"("expiresAt");

CREATE TABLE "CertificateIdentification" (
    "id" UUID NOT NULL,
    "ticketId" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "profile" TEXT NOT NULL,
    "sealedEvidence" TEXT NOT NULL,
    "notAfter" TIMESTAMPTZ(3) NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "codeDigest" TEXT NOT NULL,
    "codeExpiresAt" TIMESTAMPTZ(3) NOT NULL,
    "redeemedAt" TIMESTAMPTZ(3),
    "tokenDigest" TEXT,
    "tokenExpiresAt" TIMESTAMPTZ(3),
    "usedBy" UUID,
    CONSTRAINT "CertificateIdentification_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "CertificateIdentification_ticketId_key" ON "CertificateIdentification"("ticketId");
CREATE UNIQUE INDEX "CertificateIdentification_tokenDigest_key" ON "CertificateIdentification"("tokenDigest");
CREATE INDEX "CertificateIdentification_at_idx" ON "CertificateIdentification"("at");

CREATE TABLE "ActEvidence" (
    "actId" UUID NOT NULL,
    "citizenId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "ActEvidence_pkey" PRIMARY KEY ("actId")
);
CREATE INDEX "ActEvidence_citizenId_idx" ON "ActEvidence"("citizenId");

-- A person who is not registered can be identified by a certificate, without a session.
ALTER TABLE "Identification" ALTER COLUMN "citizenId" DROP NOT NULL, ALTER COLUMN "sessionId" DROP NOT NULL,
    ADD COLUMN "certificateId" UUID;

CREATE TABLE "ActReceipt" (
    "id" UUID NOT NULL,
    "tokenDigest" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    CONSTRAINT "ActReceipt_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "ActReceipt_expiresAt_idx" ON "ActReceipt"("expiresAt");
