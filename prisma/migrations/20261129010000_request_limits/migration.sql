-- Counts a request against limits of its address, in their order, until one is exceeded: `exceeded` is its number, from 1.
-- `is_first`: no request was refused before in this period, which ends at `until_ms`. Without a limit nothing is counted.
CREATE FUNCTION count_request(
  keys TEXT[], maxima INTEGER[], periods_ms BIGINT[], now_ms BIGINT,
  OUT exceeded INTEGER, OUT is_first BOOLEAN, OUT until_ms BIGINT
) LANGUAGE plpgsql AS $$
DECLARE
  counted limiter_row%ROWTYPE;
BEGIN
  FOR i IN 1 .. cardinality(keys) LOOP
    INSERT INTO limiter_row AS counter (key, points, expire) VALUES (keys[i], 1, now_ms + periods_ms[i])
    ON CONFLICT (key) DO UPDATE SET
      points = CASE WHEN counter.expire <= now_ms THEN 1 ELSE counter.points + 1 END,
      expire = CASE WHEN counter.expire <= now_ms THEN now_ms + periods_ms[i] ELSE counter.expire END
    RETURNING * INTO counted;
    IF counted.points > maxima[i] THEN
      exceeded := i;
      is_first := counted.points = maxima[i] + 1;
      until_ms := counted.expire;
      RETURN;
    END IF;
  END LOOP;
END $$;
