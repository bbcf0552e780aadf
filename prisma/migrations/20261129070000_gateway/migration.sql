-- The identification gateway (docs/adr/0046): its registry, what citizens did there, and the tables of the gateway's own role.
ALTER TABLE "Session" ADD COLUMN "relyingPartyId" TEXT;
ALTER TABLE "Journey" ADD COLUMN "relyingPartyId" TEXT;

CREATE TABLE "RelyingParty" (
  "id" TEXT NOT NULL,
  "name" JSONB NOT NULL,
  "shortName" TEXT NOT NULL,
  "organisation" TEXT NOT NULL,
  "dir3" TEXT,
  "homeUrl" TEXT NOT NULL,
  "sector" TEXT NOT NULL,
  "protocol" TEXT NOT NULL,
  "floor" TEXT NOT NULL,
  "registrationFloor" TEXT,
  "means" TEXT[] DEFAULT ARRAY[]::TEXT[],
  "attributes" TEXT[] DEFAULT ARRAY[]::TEXT[],
  "oidc" JSONB,
  "secretDigest" TEXT,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "changedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "removedAt" TIMESTAMPTZ(3),
  CONSTRAINT "RelyingParty_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Identification" (
  "id" UUID NOT NULL,
  "citizenId" UUID NOT NULL,
  "relyingPartyId" TEXT NOT NULL,
  "level" TEXT NOT NULL,
  "means" TEXT NOT NULL,
  "sessionId" UUID NOT NULL,
  "requestId" UUID,
  "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expiresAt" TIMESTAMPTZ(3) NOT NULL,
  "voidedAt" TIMESTAMPTZ(3),
  CONSTRAINT "Identification_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "Identification_sessionId_key" ON "Identification"("sessionId");
CREATE INDEX "Identification_citizenId_at_idx" ON "Identification"("citizenId", "at");
CREATE INDEX "Identification_at_idx" ON "Identification"("at");
ALTER TABLE "Identification" ADD CONSTRAINT "Identification_citizenId_fkey"
  FOREIGN KEY ("citizenId") REFERENCES "Citizen"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TABLE "LogoutNotice" (
  "id" UUID NOT NULL,
  "identificationId" UUID NOT NULL,
  "relyingPartyId" TEXT NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "startedAt" TIMESTAMPTZ(3),
  "deliveredAt" TIMESTAMPTZ(3),
  "failedAt" TIMESTAMPTZ(3),
  CONSTRAINT "LogoutNotice_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "LogoutNotice_identificationId_key" ON "LogoutNotice"("identificationId");
CREATE INDEX "LogoutNotice_createdAt_idx" ON "LogoutNotice"("createdAt");
CREATE INDEX "LogoutNotice_not_started_idx" ON "LogoutNotice"("createdAt") WHERE "startedAt" IS NULL;

CREATE TABLE "OidcArtefact" (
  "kind" TEXT NOT NULL,
  "id" TEXT NOT NULL,
  "payload" JSONB NOT NULL,
  "grantId" TEXT,
  "uid" TEXT,
  "expiresAt" TIMESTAMPTZ(3) NOT NULL,
  "consumedAt" TIMESTAMPTZ(3),
  CONSTRAINT "OidcArtefact_pkey" PRIMARY KEY ("kind", "id")
);
CREATE INDEX "OidcArtefact_grantId_idx" ON "OidcArtefact"("grantId");
CREATE INDEX "OidcArtefact_uid_idx" ON "OidcArtefact"("uid");
CREATE INDEX "OidcArtefact_expiresAt_idx" ON "OidcArtefact"("expiresAt");

CREATE TABLE "LogoutSubject" (
  "identificationId" UUID NOT NULL,
  "relyingPartyId" TEXT NOT NULL,
  "subject" TEXT NOT NULL,
  "sid" TEXT NOT NULL,
  "expiresAt" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "LogoutSubject_pkey" PRIMARY KEY ("identificationId")
);
CREATE INDEX "LogoutSubject_expiresAt_idx" ON "LogoutSubject"("expiresAt");

CREATE TABLE "GatewayKey" (
  "id" TEXT NOT NULL,
  "algorithm" TEXT NOT NULL,
  "number" INTEGER NOT NULL,
  "publicKey" JSONB NOT NULL,
  "sealedPrivateKey" TEXT NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "signsFrom" TIMESTAMPTZ(3) NOT NULL,
  "signsUntil" TIMESTAMPTZ(3) NOT NULL,
  "retiresAt" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "GatewayKey_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "GatewayKey_algorithm_number_key" ON "GatewayKey"("algorithm", "number");

CREATE TABLE "IdentificationRequest" (
  "id" UUID NOT NULL,
  "relyingPartyId" TEXT NOT NULL,
  "protocol" TEXT NOT NULL,
  "startedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "floor" TEXT NOT NULL,
  "outcome" TEXT,
  "means" TEXT,
  "level" TEXT,
  "finishedAt" TIMESTAMPTZ(3),
  CONSTRAINT "IdentificationRequest_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "IdentificationRequest_startedAt_idx" ON "IdentificationRequest"("startedAt");
CREATE INDEX "IdentificationRequest_relyingPartyId_startedAt_idx" ON "IdentificationRequest"("relyingPartyId", "startedAt");

-- As destroy_due_audit: nobody chooses what it destroys, a thousand at a time.
CREATE FUNCTION destroy_due_identification_requests() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  WITH due AS (
    SELECT request.id FROM "IdentificationRequest" request, "AuditRetention" retention
    WHERE retention.id = 1 AND request."startedAt" < now() - retention.keep::interval
    ORDER BY request."startedAt" LIMIT 1000 FOR UPDATE OF request SKIP LOCKED),
  gone AS (DELETE FROM "IdentificationRequest" USING due WHERE "IdentificationRequest".id = due.id RETURNING 1)
  SELECT count(*) FROM gone
$$;

REVOKE ALL ON FUNCTION destroy_due_identification_requests() FROM PUBLIC;
