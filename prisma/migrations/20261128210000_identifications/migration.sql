-- Identifications: journeys that only prove who somebody is. Their state is here, not in a workflow.
ALTER TABLE "Journey"
  ADD COLUMN "proof" TEXT,
  ADD COLUMN "passwordId" UUID,
  ADD COLUMN "otpNumber" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "otpKeyId" TEXT,
  ADD COLUMN "otpExpiresAt" TIMESTAMPTZ(3),
  ADD COLUMN "otpResendAfter" TIMESTAMPTZ(3),
  ADD COLUMN "otpWrong" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "otpSends" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "messageIds" UUID[] DEFAULT ARRAY[]::UUID[],
  ADD COLUMN "resendIds" UUID[] DEFAULT ARRAY[]::UUID[];

-- One identification of a kind is open for a citizen: each ends the one before.
CREATE UNIQUE INDEX "Journey_open_identification_idx" ON "Journey"("citizenId", kind)
  WHERE "proof" IS NOT NULL AND "finishedAt" IS NULL;

-- Those that were left alone are few among all that are kept.
CREATE INDEX "Journey_expired_identification_idx" ON "Journey"("expiresAt")
  WHERE "proof" IS NOT NULL AND "finishedAt" IS NULL;

-- Wrong SMS codes of a citizen over all identifications, by the proof with which they began.
CREATE TABLE "OtpCount" (
  "citizenId" UUID NOT NULL,
  "proof" TEXT NOT NULL,
  "wrongInPeriod" INTEGER NOT NULL,
  "periodEndsAt" TIMESTAMPTZ(3) NOT NULL,
  "consecutiveWrong" INTEGER NOT NULL,
  CONSTRAINT "OtpCount_pkey" PRIMARY KEY ("citizenId", "proof")
);

-- The rate of SMS over all processes: one row.
CREATE TABLE "SmsRate" (
  "id" INTEGER NOT NULL DEFAULT 1,
  "tokens" DOUBLE PRECISION NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "SmsRate_pkey" PRIMARY KEY ("id")
);

-- Codes that no process has finished sending are few.
CREATE INDEX "Text_pending_idx" ON "Text"("createdAt") WHERE "delivery" = 'pending';
