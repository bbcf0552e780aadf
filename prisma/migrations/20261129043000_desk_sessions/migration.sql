-- Sessions of officers at the desk of their office: the pages keep their token, and no key.
CREATE TABLE "DeskSession" (
  "id" UUID NOT NULL,
  "officerId" UUID NOT NULL,
  "keyDigest" TEXT NOT NULL,
  "tokenDigest" TEXT NOT NULL,
  "startedAt" TIMESTAMPTZ(3) NOT NULL,
  "lastUsedAt" TIMESTAMPTZ(3) NOT NULL,
  "endsAt" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "DeskSession_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "DeskSession_tokenDigest_key" ON "DeskSession"("tokenDigest");
CREATE INDEX "DeskSession_endsAt_idx" ON "DeskSession"("endsAt");
