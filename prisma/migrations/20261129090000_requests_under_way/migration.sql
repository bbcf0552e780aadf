-- Every minute the gateway looks for requests that nobody has finished: few rows, among all that are kept with the trail.
CREATE INDEX "IdentificationRequest_under_way_idx" ON "IdentificationRequest"("startedAt") WHERE "outcome" IS NULL;
