-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "Citizen" (
    "id" UUID NOT NULL,
    "nationalId" TEXT NOT NULL,
    "givenName" TEXT NOT NULL,
    "firstSurname" TEXT NOT NULL,
    "secondSurname" TEXT,
    "email" TEXT NOT NULL,
    "phone" TEXT,
    "phoneConfirmedAt" TIMESTAMPTZ(3),
    "language" TEXT NOT NULL,
    "level" TEXT NOT NULL,
    "actId" UUID NOT NULL,
    "registeredAt" TIMESTAMPTZ(3) NOT NULL,
    "unsubscribedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Citizen_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RegistrationAct" (
    "id" UUID NOT NULL,
    "citizenId" UUID NOT NULL,
    "officerId" UUID NOT NULL,
    "requestId" UUID NOT NULL,
    "nationalId" TEXT NOT NULL,
    "givenName" TEXT NOT NULL,
    "firstSurname" TEXT NOT NULL,
    "secondSurname" TEXT,
    "email" TEXT NOT NULL,
    "phone" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "declaredAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "appliedAt" TIMESTAMPTZ(3),
    "formerPhone" TEXT,

    CONSTRAINT "RegistrationAct_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Password" (
    "id" UUID NOT NULL,
    "citizenId" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "keyId" TEXT NOT NULL,
    "setAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "failuresInARow" INTEGER NOT NULL DEFAULT 0,
    "blockedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Password_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "StagedPassword" (
    "id" UUID NOT NULL,
    "citizenId" UUID NOT NULL,
    "journeyId" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "keyId" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "StagedPassword_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Journey" (
    "id" TEXT NOT NULL,
    "citizenId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "tokenDigest" TEXT NOT NULL,
    "requestId" UUID NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "finishedAt" TIMESTAMPTZ(3),
    "outcome" TEXT,
    "finishedBy" TEXT,
    "passwordExpiresAt" TIMESTAMPTZ(3),

    CONSTRAINT "Journey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Text" (
    "id" TEXT NOT NULL,
    "citizenId" UUID NOT NULL,
    "journeyId" TEXT,
    "number" INTEGER,
    "purpose" TEXT NOT NULL,
    "delivery" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "providerId" TEXT,
    "failure" TEXT,
    "allowance" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "sentAt" TIMESTAMPTZ(3),

    CONSTRAINT "Text_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "TextAllowance" (
    "key" TEXT NOT NULL,
    "used" INTEGER NOT NULL,
    "endsAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "TextAllowance_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "Request" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ip" TEXT NOT NULL,
    "userAgent" TEXT NOT NULL,
    "route" TEXT NOT NULL,

    CONSTRAINT "Request_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Officer" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "office" TEXT NOT NULL,
    "keyDigest" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Officer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuditEvent" (
    "id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "type" TEXT NOT NULL,
    "citizenId" UUID,
    "journeyId" TEXT,
    "officerId" UUID,
    "requestId" UUID,
    "detail" JSONB NOT NULL,

    CONSTRAINT "AuditEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "DecoyCode" (
    "bucket" INTEGER NOT NULL,
    "wrong" INTEGER NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "DecoyCode_pkey" PRIMARY KEY ("bucket")
);

-- CreateTable
CREATE TABLE "IdempotentRequest" (
    "keyDigest" TEXT NOT NULL,
    "bodyDigest" TEXT NOT NULL,
    "sealedSeed" TEXT NOT NULL,
    "status" INTEGER,
    "sealedAnswer" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "IdempotentRequest_pkey" PRIMARY KEY ("keyDigest")
);

-- CreateTable
CREATE TABLE "limiter_row" (
    "key" VARCHAR(255) NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "limiter_row_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE UNIQUE INDEX "Citizen_nationalId_key" ON "Citizen"("nationalId");

-- CreateIndex
CREATE UNIQUE INDEX "Citizen_phone_key" ON "Citizen"("phone");

-- CreateIndex
CREATE UNIQUE INDEX "Citizen_actId_key" ON "Citizen"("actId");

-- CreateIndex
CREATE INDEX "RegistrationAct_citizenId_idx" ON "RegistrationAct"("citizenId");

-- CreateIndex
CREATE UNIQUE INDEX "Password_citizenId_key" ON "Password"("citizenId");

-- CreateIndex
CREATE INDEX "StagedPassword_createdAt_idx" ON "StagedPassword"("createdAt");

-- CreateIndex
CREATE UNIQUE INDEX "Journey_tokenDigest_key" ON "Journey"("tokenDigest");

-- CreateIndex
CREATE INDEX "Journey_citizenId_idx" ON "Journey"("citizenId");

-- CreateIndex
CREATE INDEX "Journey_finishedAt_idx" ON "Journey"("finishedAt");

-- CreateIndex
CREATE UNIQUE INDEX "Text_providerId_key" ON "Text"("providerId");

-- CreateIndex
CREATE INDEX "Text_journeyId_idx" ON "Text"("journeyId");

-- CreateIndex
CREATE INDEX "Text_createdAt_idx" ON "Text"("createdAt");

-- CreateIndex
CREATE INDEX "Request_at_idx" ON "Request"("at");

-- CreateIndex
CREATE UNIQUE INDEX "Officer_keyDigest_key" ON "Officer"("keyDigest");

-- CreateIndex
CREATE INDEX "AuditEvent_citizenId_at_idx" ON "AuditEvent"("citizenId", "at");

-- CreateIndex
CREATE INDEX "AuditEvent_at_idx" ON "AuditEvent"("at");

-- CreateIndex
CREATE INDEX "IdempotentRequest_createdAt_idx" ON "IdempotentRequest"("createdAt");

-- AddForeignKey
ALTER TABLE "Password" ADD CONSTRAINT "Password_citizenId_fkey" FOREIGN KEY ("citizenId") REFERENCES "Citizen"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Journey" ADD CONSTRAINT "Journey_citizenId_fkey" FOREIGN KEY ("citizenId") REFERENCES "Citizen"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Text" ADD CONSTRAINT "Text_journeyId_fkey" FOREIGN KEY ("journeyId") REFERENCES "Journey"("id") ON DELETE SET NULL ON UPDATE CASCADE;
