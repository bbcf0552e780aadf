-- Reserves one of the slots of an address for an id on which it may fail to sign in. `inserted`: the row was not there, or had
-- ended. `none_until`: all slots are occupied, and nothing was reserved.
CREATE FUNCTION reserve_slot(
  slot_address TEXT, slot_id TEXT, max_slots INTEGER, slot_ends_at TIMESTAMPTZ, now_at TIMESTAMPTZ,
  OUT inserted BOOLEAN, OUT none_until TIMESTAMPTZ
) LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  occupied INTEGER;
  earliest TIMESTAMPTZ;
BEGIN
  -- One at a time for an address: the count below then sees the slots of all before it.
  PERFORM pg_advisory_xact_lock(hashtextextended(slot_address, 0));
  -- A row that has ended and that the upkeep has not deleted yet counts as absent.
  INSERT INTO "FailedId" AS slot (address, id, failed, "endsAt") VALUES (slot_address, slot_id, false, slot_ends_at)
  ON CONFLICT (address, id) DO UPDATE SET failed = false, "endsAt" = slot_ends_at WHERE slot."endsAt" <= now_at;
  inserted := FOUND;
  IF NOT inserted THEN RETURN; END IF;
  SELECT count(*), min("endsAt") INTO occupied, earliest FROM (
    SELECT "endsAt" FROM "FailedId" WHERE address = slot_address AND "endsAt" > now_at
    ORDER BY "endsAt" LIMIT max_slots + 1) AS slots;
  IF occupied > max_slots THEN
    DELETE FROM "FailedId" WHERE address = slot_address AND id = slot_id;
    inserted := false;
    none_until := earliest;
  END IF;
END $$;

-- All that a sign-in asks before the password is compared, in one call: limits that are not counted yet (`count_request`),
-- and unless one is exceeded the origin of the request, a slot (`reserve_slot`) and the citizen.
CREATE FUNCTION prepare_sign_in(
  keys TEXT[], maxima INTEGER[], periods_ms BIGINT[], now_ms BIGINT,
  request_id UUID, request_ip TEXT, request_user_agent TEXT, request_route TEXT,
  slot_address TEXT, slot_id TEXT, max_slots INTEGER, slot_ends_at TIMESTAMPTZ, now_at TIMESTAMPTZ,
  national_id TEXT,
  OUT exceeded INTEGER, OUT is_first BOOLEAN, OUT until_ms BIGINT,
  OUT inserted BOOLEAN, OUT none_until TIMESTAMPTZ, OUT citizen_id UUID
) LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  SELECT * INTO exceeded, is_first, until_ms FROM count_request(keys, maxima, periods_ms, now_ms);
  IF exceeded IS NOT NULL THEN RETURN; END IF;
  INSERT INTO "Request" (id, ip, "userAgent", route)
  VALUES (request_id, request_ip, request_user_agent, request_route);
  SELECT * INTO inserted, none_until
  FROM reserve_slot(slot_address, slot_id, max_slots, slot_ends_at, now_at);
  SELECT id INTO citizen_id FROM "Citizen" WHERE "nationalId" = national_id;
END $$;

REVOKE ALL ON FUNCTION reserve_slot(TEXT, TEXT, INTEGER, TIMESTAMPTZ, TIMESTAMPTZ) FROM PUBLIC;
REVOKE ALL ON FUNCTION prepare_sign_in(TEXT[], INTEGER[], BIGINT[], BIGINT, UUID, TEXT, TEXT, TEXT, TEXT, TEXT, INTEGER, TIMESTAMPTZ, TIMESTAMPTZ, TEXT) FROM PUBLIC;
