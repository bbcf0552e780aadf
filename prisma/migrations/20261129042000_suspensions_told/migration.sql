-- When the citizen's workflow has heard of a suspension. Those before this release were decided by the workflow itself.
ALTER TABLE "Suspension" ADD COLUMN "toldAt" TIMESTAMPTZ(3);
UPDATE "Suspension" SET "toldAt" = at;
CREATE INDEX "Suspension_untold_idx" ON "Suspension"("at") WHERE "toldAt" IS NULL;
