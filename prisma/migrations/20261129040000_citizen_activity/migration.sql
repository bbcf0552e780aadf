-- What a citizen may see of the audit trail (docs/adr/0043): these types and columns, of one citizen, for ninety days. It runs as
-- the owner: the application's role may not read the trail. A page has `page_size` events, and those of the same instant as its last.
CREATE FUNCTION citizen_activity(
  citizen_id UUID, before_at TIMESTAMPTZ, page_size INTEGER,
  OUT at TIMESTAMPTZ, OUT type TEXT, OUT means TEXT, OUT ip TEXT, OUT user_agent TEXT
) RETURNS SETOF RECORD
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT event.at, event.type,
    CASE WHEN event.type <> 'signed-in' THEN NULL WHEN event."journeyId" IS NULL THEN 'password' ELSE 'password-sms' END,
    request.ip, request."userAgent"
  FROM (
    SELECT * FROM "AuditEvent" one
    WHERE one."citizenId" = citizen_id AND one.at < coalesce(before_at, 'infinity') AND one.at > now() - INTERVAL '90 days'
      AND one.type IN (
        'signed-in', 'sign-in-refused', 'signed-out', 'unrecognised-activity-reported',
        'password-set', 'password-expired', 'password-blocked',
        'activation-refused', 'activation-code-blocked', 'activation-code-regenerated',
        'citizen-registered', 'citizen-suspended', 'citizen-unsubscribed',
        'otp-sent', 'notice-sent', 'reminder-sent')
    ORDER BY one.at DESC FETCH FIRST (page_size) ROWS WITH TIES) event
  -- An SMS code has no request of its own: it was asked for by the request that began its journey.
  LEFT JOIN "AuditEvent" begun ON event."requestId" IS NULL AND begun.id = event."journeyId" || '/journey-begun'
  -- An officer's address and browser are not the citizen's.
  LEFT JOIN "Request" request
    ON event."officerId" IS NULL AND request.id = coalesce(event."requestId", begun."requestId")
  ORDER BY event.at DESC, event.id
$$;

REVOKE ALL ON FUNCTION citizen_activity(UUID, TIMESTAMPTZ, INTEGER) FROM PUBLIC;
