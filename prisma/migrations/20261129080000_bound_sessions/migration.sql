-- By what means the citizen identified: null in sessions that the release before this one opened.
ALTER TABLE "Session" ADD COLUMN "means" TEXT;

-- One identification of a kind is open for a citizen and a relying party, or the pages (docs/adr/0048).
DROP INDEX "Journey_open_identification_idx";
CREATE UNIQUE INDEX "Journey_open_identification_idx" ON "Journey"("citizenId", kind, coalesce("relyingPartyId", ''))
  WHERE "proof" IS NOT NULL AND "finishedAt" IS NULL;
