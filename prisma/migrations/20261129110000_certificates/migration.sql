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

-- An online registration is begun by a person who may not be a citizen yet; its codes go to the phone of its act.
ALTER TABLE "Journey" DROP CONSTRAINT "Journey_citizenId_fkey", ADD COLUMN "actId" UUID;

CREATE TABLE "StagedEvidence" (
    "actId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "stagedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "StagedEvidence_pkey" PRIMARY KEY ("actId")
);
CREATE INDEX "StagedEvidence_stagedAt_idx" ON "StagedEvidence"("stagedAt");

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
CREATE INDEX "ActReceipt_tokenDigest_idx" ON "ActReceipt"("tokenDigest");
CREATE INDEX "ActReceipt_expiresAt_idx" ON "ActReceipt"("expiresAt");
CREATE UNIQUE INDEX "Identification_certificateId_key" ON "Identification"("certificateId");

-- As before, with the means of a sign-in, which an event of a certificate names, and the renewal of the identification.
CREATE OR REPLACE FUNCTION citizen_activity(
  citizen_id UUID, before_at TIMESTAMPTZ, page_size INTEGER,
  OUT at TIMESTAMPTZ, OUT type TEXT, OUT means TEXT, OUT ip TEXT, OUT user_agent TEXT
) RETURNS SETOF RECORD
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT event.at, event.type,
    CASE WHEN event.type <> 'signed-in' THEN NULL
      WHEN event.detail ->> 'means' IS NOT NULL THEN event.detail ->> 'means'
      WHEN event."journeyId" IS NULL THEN 'password' ELSE 'password-sms' END,
    request.ip, request."userAgent"
  FROM (
    SELECT * FROM "AuditEvent" one
    WHERE one."citizenId" = citizen_id AND one.at < coalesce(before_at, 'infinity') AND one.at > now() - INTERVAL '90 days'
      AND one.type IN (
        'signed-in', 'sign-in-refused', 'signed-out', 'unrecognised-activity-reported',
        'password-set', 'password-expired', 'password-blocked',
        'activation-refused', 'activation-code-blocked', 'activation-code-regenerated',
        'citizen-registered', 'identification-renewed', 'citizen-suspended', 'citizen-unsubscribed',
        'otp-sent', 'notice-sent', 'reminder-sent')
    ORDER BY one.at DESC FETCH FIRST (page_size) ROWS WITH TIES) event
  -- An SMS code has no request of its own: it was asked for by the request that began its journey.
  LEFT JOIN "AuditEvent" begun ON event."requestId" IS NULL AND begun.id = event."journeyId" || '/journey-begun'
  -- An officer's address and browser are not the citizen's.
  LEFT JOIN "Request" request
    ON event."officerId" IS NULL AND request.id = coalesce(event."requestId", begun."requestId")
  ORDER BY event.at DESC, event.id
$$;
