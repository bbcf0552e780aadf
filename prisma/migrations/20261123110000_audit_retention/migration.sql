-- CreateTable
CREATE TABLE "AuditRetention" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "keep" TEXT NOT NULL,

    CONSTRAINT "AuditRetention_pkey" PRIMARY KEY ("id")
);

-- The one way in which anything leaves the trail. It runs as the owner and takes no argument, so that whoever may call it
-- cannot choose what it destroys. From where the calls came goes with what they did. One statement: the schema engine
-- ends a statement at every semicolon, also inside of a function.
CREATE FUNCTION destroy_due_audit() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  WITH due AS (SELECT now() - keep::interval AS at FROM "AuditRetention" WHERE id = 1),
  requests AS (DELETE FROM "Request" USING due WHERE "Request".at < due.at),
  events AS (DELETE FROM "AuditEvent" USING due WHERE "AuditEvent".at < due.at RETURNING 1)
  SELECT count(*) FROM events
$$;

REVOKE ALL ON FUNCTION destroy_due_audit() FROM PUBLIC;
