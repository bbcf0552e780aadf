-- What is due is found by an index, however much there is.
CREATE INDEX "RegistrationAct_appliedAt_declaredAt_idx" ON "RegistrationAct"("appliedAt", "declaredAt");
CREATE INDEX "TextAllowance_endsAt_idx" ON "TextAllowance"("endsAt");
CREATE INDEX "AuditEvent_requestId_idx" ON "AuditEvent"("requestId");
CREATE INDEX "DecoyCode_updatedAt_idx" ON "DecoyCode"("updatedAt");
CREATE INDEX "limiter_row_expire_idx" ON "limiter_row"("expire");

-- AlterTable
ALTER TABLE "AuditRetention" ADD COLUMN "keepRequests" TEXT NOT NULL DEFAULT 'P2D',
ADD COLUMN "lookedUpToAt" TIMESTAMPTZ(3),
ADD COLUMN "lookedUpToId" UUID;

-- As before, a thousand at a time: whoever calls it calls it again until it returns less. What the trail says of from
-- where a call came stays until the last event of that call is gone: the function after this one.
CREATE OR REPLACE FUNCTION destroy_due_audit() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH due AS (
    SELECT event.id FROM "AuditEvent" event, "AuditRetention" retention
    WHERE retention.id = 1 AND event.at < now() - retention.keep::interval
    ORDER BY event.at LIMIT 1000 FOR UPDATE OF event SKIP LOCKED),
  gone AS (DELETE FROM "AuditEvent" USING due WHERE "AuditEvent".id = due.id RETURNING 1)
  SELECT count(*) FROM gone
$$;

-- From where calls came to which nothing in the trail refers: those that left no event, looked at once each, as soon as
-- no event of theirs can come any more, and those of which the last event was destroyed. Returns how many it has looked
-- at or destroyed, a thousand of each at most. It runs as the owner: the application may neither read the trail nor
-- take away from where an event in it came.
CREATE FUNCTION destroy_unneeded_requests() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH retention AS (
    SELECT now() - keep::interval AS due, now() - "keepRequests"::interval AS settled,
           coalesce("lookedUpToAt", to_timestamp(0)) AS at,
           coalesce("lookedUpToId", '00000000-0000-0000-0000-000000000000') AS request
    FROM "AuditRetention" WHERE id = 1 FOR UPDATE),
  looked AS (
    SELECT request.id, request.at FROM "Request" request, retention
    WHERE (request.at, request.id) > (retention.at, retention.request) AND request.at < retention.settled
    ORDER BY request.at, request.id LIMIT 1000),
  old AS (
    SELECT request.id FROM "Request" request, retention
    WHERE request.at < retention.due
      AND NOT EXISTS (SELECT FROM "AuditEvent" event WHERE event."requestId" = request.id)
    ORDER BY request.at LIMIT 1000),
  gone AS (
    DELETE FROM "Request" WHERE id IN (SELECT id FROM old UNION SELECT id FROM looked)
      AND NOT EXISTS (SELECT FROM "AuditEvent" event WHERE event."requestId" = "Request".id)),
  moved AS (
    UPDATE "AuditRetention" SET "lookedUpToAt" = latest.at, "lookedUpToId" = latest.id
    FROM (SELECT at, id FROM looked ORDER BY at DESC, id DESC LIMIT 1) latest WHERE "AuditRetention".id = 1)
  SELECT greatest((SELECT count(*) FROM looked), (SELECT count(*) FROM old))
$$;

REVOKE ALL ON FUNCTION destroy_unneeded_requests() FROM PUBLIC;
