-- 0007: what the ledger must say so that a decision can be made again from it, for the designs that look at
-- more than a stratum's own sequence; a batch's key on each of its rows; and units that nobody randomised.

-- A request's key stands for one allocation; that of a batch for all of the batch, whose rows
-- rctd.allocation_design holds together.
ALTER TABLE rctd.allocation DROP CONSTRAINT allocation_key;
CREATE UNIQUE INDEX allocation_key ON rctd.allocation
    (trial_id, idempotency_key, (CASE method WHEN 'constrained' THEN position ELSE 0 END));

-- Who is in a comparison that nobody randomised is counted apart, by blinded roles too: they see neither
-- method nor arm, and learn from this only what a group's name says.
ALTER TABLE rctd.allocation ADD COLUMN randomised boolean NOT NULL
    GENERATED ALWAYS AS (method <> 'nonrandom-comparison') STORED;
GRANT SELECT (randomised) ON rctd.allocation TO rctd_manager, rctd_blinded;

-- What follows from other columns is not in the trail.
DROP TRIGGER allocation_audit ON rctd.allocation;
CREATE TRIGGER allocation_audit AFTER INSERT ON rctd.allocation FOR EACH ROW
    EXECUTE FUNCTION rctd.audit_change('allocation', 'allocation_id', 'stratum:', 'stream_key', '', 'stream_key,randomised');

-- A batch goes on while its rows follow one another in one transaction, under one key; else the next begins.
CREATE FUNCTION rctd.allocation_in_batch(new_row rctd.allocation) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    batch bigint := CASE jsonb_typeof(new_row.decision -> 'batch') WHEN 'number' THEN (new_row.decision ->> 'batch')::bigint END;
    before_row rctd.allocation;
    before_batch bigint;
BEGIN
    SELECT * INTO before_row FROM rctd.allocation a
     WHERE a.trial_id = new_row.trial_id AND a.scheme = new_row.scheme AND a.stratum = new_row.stratum
     ORDER BY a.position DESC LIMIT 1;
    before_batch := coalesce((before_row.decision ->> 'batch')::bigint, 0);
    IF batch = before_batch THEN
        RETURN before_row.idempotency_key = new_row.idempotency_key AND before_row.allocated_at = new_row.allocated_at;
    END IF;
    RETURN batch = before_batch + 1 AND NOT EXISTS (
        SELECT FROM rctd.allocation a
         WHERE a.trial_id = new_row.trial_id AND a.idempotency_key = new_row.idempotency_key);
END
$$;

-- Behind allocation_check, under its locks. A minimised allocation names the unit's levels, which the next
-- ones are counted from; a batch is whole; a unit that nobody randomised has a reason; and a scheme takes
-- units of its kind.
CREATE FUNCTION rctd.allocation_design() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    right_form boolean;
BEGIN
    IF EXISTS (SELECT FROM rctd.unit u JOIN rctd.scheme s ON s.trial_id = u.trial_id AND s.unit <> u.kind
                WHERE u.trial_id = NEW.trial_id AND u.unit_id = NEW.unit_id AND s.scheme = NEW.scheme) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'allocation_kind',
            MESSAGE = 'A scheme takes units of its own kind';
    END IF;
    CASE NEW.method
        WHEN 'minimisation' THEN
            right_form := NEW.stratum = '' AND jsonb_typeof(NEW.decision -> 'levels') = 'object'
                          AND NEW.decision -> 'levels' <> '{}';
        WHEN 'constrained' THEN
            right_form := NEW.stratum = '' AND rctd.allocation_in_batch(NEW);
        WHEN 'nonrandom-comparison' THEN
            right_form := NEW.stratum = '' AND NEW.decision ->> 'reason' <> '';
        ELSE
            right_form := true;
    END CASE;
    IF right_form IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'allocation_design',
            MESSAGE = 'The ledger says of each allocation what it was decided on, in the form of its method';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER allocation_design BEFORE INSERT ON rctd.allocation
    FOR EACH ROW EXECUTE FUNCTION rctd.allocation_design();
