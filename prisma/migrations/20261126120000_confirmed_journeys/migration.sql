-- When the right SMS code came: a journey that is open and confirmed waits for a password.
ALTER TABLE "Journey" ADD COLUMN "confirmedAt" TIMESTAMPTZ(3);

-- Journeys under way are few among those that are kept: counted by an index of their own, however many there are.
CREATE INDEX "Journey_open_idx" ON "Journey"(kind, "confirmedAt") WHERE "finishedAt" IS NULL;

-- Blocked passwords are few among all.
CREATE INDEX "Password_blocked_idx" ON "Password"("blockedAt") WHERE "blockedAt" IS NOT NULL;
