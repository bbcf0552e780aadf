-- Temporary tables come last: named nowhere they come first, and whoever may make one would choose what these destroy.
ALTER FUNCTION destroy_due_audit() SET search_path = pg_catalog, public, pg_temp;
ALTER FUNCTION destroy_unneeded_requests() SET search_path = pg_catalog, public, pg_temp;
