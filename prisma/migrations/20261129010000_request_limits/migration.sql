-- Counts a request against limits of its address, in their order, until one is exceeded: `exceeded` is its number, from 1.
-- `is_first`: no request was refused before in this period, which ends at `until_ms`. Without a limit nothing is counted.
CREATE FUNCTION count_request(
  keys TEXT[], maxima INTEGER[], periods_ms BIGINT[], now_ms BIGINT,
  OUT exceeded INTEGER, OUT is_first BOOLEAN, OUT until_ms BIGINT
) LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  counted limiter_row%ROWTYPE;
BEGIN
  FOR i IN 1 .. cardinality(keys) LOOP
    INSERT INTO limiter_row AS counter (key, points, expire) VALUES (keys[i], 1, now_ms + periods_ms[i])
    ON CONFLICT (key) DO UPDATE SET
      points = CASE WHEN counter.expire IS NULL OR counter.expire <= now_ms THEN 1 ELSE counter.points + 1 END,
      expire = CASE WHEN counter.expire IS NULL OR counter.expire <= now_ms THEN now_ms + periods_ms[i] ELSE counter.expire END
    RETURNING * INTO counted;
    -- A limit that is missing is exceeded.
    IF counted.points <= maxima[i] THEN CONTINUE; END IF;
    exceeded := i;
    is_first := counted.points = maxima[i] + 1;
    until_ms := counted.expire;
    RETURN;
  END LOOP;
END $$;

REVOKE ALL ON FUNCTION count_request(TEXT[], INTEGER[], BIGINT[], BIGINT) FROM PUBLIC;
