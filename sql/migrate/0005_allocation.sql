-- 0005: the allocation ledger, the record of attempts, and answers kept by idempotency key.

-- A stratum's row is what allocations in it queue on.
CREATE TABLE rctd.stratum (
    trial_id uuid NOT NULL,
    scheme text NOT NULL,
    stratum text NOT NULL,
    PRIMARY KEY (trial_id, scheme, stratum),
    FOREIGN KEY (trial_id, scheme) REFERENCES rctd.scheme
);

-- The ledger (rctd-allocation(7), What must hold). `decision` is what the arm was decided on: the block and
-- the place in it, or the counts and probabilities. It, the position and the arm are restricted.
CREATE TABLE rctd.allocation (
    trial_id uuid NOT NULL,
    allocation_id uuid NOT NULL,
    scheme text NOT NULL,
    stratum text NOT NULL,
    position bigint NOT NULL CHECK (position > 0),
    unit_id uuid NOT NULL,
    arm text NOT NULL,
    phase text NOT NULL,
    protocol_version integer NOT NULL,
    method text NOT NULL,
    decision jsonb NOT NULL,
    allocated_at timestamptz NOT NULL,
    allocated_by uuid NOT NULL REFERENCES rctd.account,
    idempotency_key text NOT NULL,
    stream_key text GENERATED ALWAYS AS (scheme || '/' || stratum) STORED,
    PRIMARY KEY (trial_id, allocation_id),
    CONSTRAINT allocation_position UNIQUE (trial_id, scheme, stratum, position),
    CONSTRAINT allocation_unit UNIQUE (trial_id, scheme, unit_id),
    CONSTRAINT allocation_key UNIQUE (trial_id, idempotency_key),
    FOREIGN KEY (trial_id, scheme, stratum) REFERENCES rctd.stratum,
    FOREIGN KEY (trial_id, scheme, arm) REFERENCES rctd.scheme_arm,
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit,
    FOREIGN KEY (trial_id, phase) REFERENCES rctd.phase,
    FOREIGN KEY (trial_id, protocol_version) REFERENCES rctd.protocol_version
);
CREATE INDEX allocation_of_unit ON rctd.allocation (trial_id, unit_id);
CREATE TRIGGER allocation_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.allocation
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();

-- The last guard, under the locks of stratum and unit: a coordinator, no gap, trial and phase open, scheme in force, nobody
-- who has withdrawn, phases that exclude each other. Locking a protocol and moving a phase hold the trial's
-- lock exclusively: an allocation that was computed under the version before it is computed again, and one
-- that comes behind the end of its phase is refused.
CREATE FUNCTION rctd.allocation_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found record;
BEGIN
    IF current_setting('role') = 'rctd_app' AND current_setting('rctd.actor_role', true) IS DISTINCT FROM 'coordinator' THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'allocation_coordinator',
            MESSAGE = 'Only coordinators allocate';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('trial/' || NEW.trial_id, 0));
    PERFORM FROM rctd.stratum s
      WHERE s.trial_id = NEW.trial_id AND s.scheme = NEW.scheme AND s.stratum = NEW.stratum FOR UPDATE;
    PERFORM FROM rctd.unit u WHERE u.trial_id = NEW.trial_id AND u.unit_id = NEW.unit_id FOR UPDATE;
    -- Everything at once, in a statement of its own, which sees what was committed before the locks.
    SELECT (SELECT max(v.version) FROM rctd.protocol_version v
             WHERE v.trial_id = NEW.trial_id AND v.state = 'locked') AS version,
           EXISTS (SELECT FROM rctd.unit u
                    WHERE u.trial_id = NEW.trial_id AND u.unit_id = NEW.unit_id AND u.state = 'withdrawn') AS withdrawn,
           coalesce((SELECT a.position FROM rctd.allocation a
                      WHERE a.trial_id = NEW.trial_id AND a.scheme = NEW.scheme AND a.stratum = NEW.stratum
                      ORDER BY a.position DESC LIMIT 1), 0) AS last,
           EXISTS (SELECT FROM rctd.trial t JOIN rctd.phase p ON p.trial_id = t.trial_id
                     JOIN rctd.scheme s ON s.trial_id = p.trial_id AND s.phase = p.phase
                    WHERE t.trial_id = NEW.trial_id AND t.state = 'open' AND p.state = 'open'
                      AND p.phase = NEW.phase AND s.scheme = NEW.scheme AND NOT s.retired) AS open,
           EXISTS (SELECT FROM rctd.allocation a JOIN rctd.phase_exclusion x ON x.trial_id = a.trial_id
                      AND ((x.phase = NEW.phase AND x.excluded = a.phase) OR (x.excluded = NEW.phase AND x.phase = a.phase))
                    WHERE a.trial_id = NEW.trial_id AND a.unit_id = NEW.unit_id) AS excluded
      INTO found;
    IF NEW.protocol_version IS DISTINCT FROM found.version THEN
        RAISE EXCEPTION USING ERRCODE = 'serialization_failure', CONSTRAINT = 'allocation_version',
            MESSAGE = 'A newer version of the protocol is in force';
    END IF;
    IF found.withdrawn THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'allocation_withdrawn',
            MESSAGE = 'Who has withdrawn is not allocated';
    END IF;
    IF NEW.position <> found.last + 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'allocation_gap',
            MESSAGE = 'An allocation takes the next position of its stratum';
    END IF;
    IF NOT found.open THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'allocation_open',
            MESSAGE = 'Allocation needs an open trial, an open phase and a scheme that is in force';
    END IF;
    IF found.excluded THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'allocation_excluded_phase',
            MESSAGE = 'A unit of one phase cannot enter a phase that excludes it';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER allocation_check BEFORE INSERT ON rctd.allocation
    FOR EACH ROW EXECUTE FUNCTION rctd.allocation_check();

-- A phase moves when no allocation is under way in its trial, and none comes between.
CREATE FUNCTION rctd.phase_moves_alone() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('trial/' || NEW.trial_id, 0));
    RETURN NEW;
END
$$;
CREATE TRIGGER phase_moves_alone BEFORE UPDATE ON rctd.phase FOR EACH ROW
    WHEN (NEW.state <> OLD.state) EXECUTE FUNCTION rctd.phase_moves_alone();

-- A scheme that was used keeps its seed, its phase and its arms.
CREATE FUNCTION rctd.scheme_frozen() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    one record;
BEGIN
    IF TG_OP = 'DELETE' THEN one := OLD; ELSE one := NEW; END IF;
    IF EXISTS (SELECT FROM rctd.allocation a WHERE a.trial_id = one.trial_id AND a.scheme = one.scheme) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'scheme_frozen',
            MESSAGE = format('The scheme %s has allocations: its arms, its phase and its seed stay', one.scheme);
    END IF;
    RETURN one;
END
$$;
CREATE TRIGGER scheme_frozen BEFORE UPDATE ON rctd.scheme FOR EACH ROW
    WHEN ((OLD.trial_id, OLD.scheme, OLD.phase, OLD.unit, OLD.seed_version)
          IS DISTINCT FROM (NEW.trial_id, NEW.scheme, NEW.phase, NEW.unit, NEW.seed_version))
    EXECUTE FUNCTION rctd.scheme_frozen();
CREATE TRIGGER scheme_arm_frozen BEFORE INSERT OR UPDATE OR DELETE ON rctd.scheme_arm FOR EACH ROW
    EXECUTE FUNCTION rctd.scheme_frozen();
CREATE TRIGGER allocation_audit AFTER INSERT ON rctd.allocation
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('allocation', 'allocation_id', 'stratum:', 'stream_key', '', 'stream_key');

-- Dry runs and refusals: who looked at which stratum and did not allocate.
CREATE TABLE rctd.allocation_attempt (
    trial_id uuid NOT NULL,
    attempt_id uuid NOT NULL,
    scheme text NOT NULL,
    unit_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('dry-run', 'refused')),
    stratum text,
    missing jsonb NOT NULL,
    at timestamptz NOT NULL,
    account_id uuid NOT NULL REFERENCES rctd.account,
    request_id text NOT NULL,
    PRIMARY KEY (trial_id, attempt_id),
    FOREIGN KEY (trial_id, scheme) REFERENCES rctd.scheme,
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit
);
CREATE TRIGGER allocation_attempt_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.allocation_attempt
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER allocation_attempt_audit AFTER INSERT ON rctd.allocation_attempt
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('attempt', 'attempt_id', 'unit:', 'unit_id', '', '');

-- Answers by idempotency key, byte for byte. Kept as long as the trial for allocations (no expiry),
-- 24 hours and more otherwise. A restricted answer names an arm.
CREATE TABLE rctd.idempotency (
    trial_id uuid NOT NULL,
    key text NOT NULL CHECK (octet_length(key) BETWEEN 1 AND 128),
    account_id uuid NOT NULL REFERENCES rctd.account,
    request bytea NOT NULL CHECK (octet_length(request) = 32),
    status integer NOT NULL,
    answer text NOT NULL,
    restricted boolean NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    PRIMARY KEY (trial_id, key)
);
CREATE INDEX idempotency_expiry ON rctd.idempotency (trial_id, expires_at) WHERE expires_at IS NOT NULL;
ALTER TABLE rctd.idempotency ENABLE ROW LEVEL SECURITY;
CREATE POLICY idempotency_all ON rctd.idempotency TO rctd_app USING (true);
-- An allocation's answer has no expiry and stays; others go when their time is over.
CREATE POLICY idempotency_kept ON rctd.idempotency AS RESTRICTIVE FOR DELETE TO rctd_app USING (expires_at < now());
CREATE POLICY idempotency_open ON rctd.idempotency TO rctd_blinded, rctd_manager
    USING (NOT restricted) WITH CHECK (NOT restricted);

-- A workplace with all that decides about it: latest answers and agreements, and its allocations, never to
-- what. It is read with the privileges of who reads.
CREATE VIEW rctd.workplace_card WITH (security_invoker = true) AS
SELECT u.trial_id, u.unit_id, u.code, u.state, u.county, u.site, u.attributes, u.version, u.registered_at, u.changed_at,
       w.name, w.identifiers, w.head_count, w.roster_locked_at,
       coalesce((SELECT jsonb_object_agg(a.question, a.answer ORDER BY a.ordinal)
                   FROM rctd.eligibility_answer a
                  WHERE a.trial_id = u.trial_id AND a.unit_id = u.unit_id), '{}') AS answers,
       coalesce((SELECT jsonb_object_agg(c.form, jsonb_build_object('version', c.form_version,
                        'decision', c.decision, 'scopes', c.scopes) ORDER BY c.ordinal)
                   FROM rctd.consent c
                  WHERE c.trial_id = u.trial_id AND c.unit_id = u.unit_id), '{}') AS agreements,
       coalesce((SELECT jsonb_agg(jsonb_build_object('scheme', l.scheme, 'phase', l.phase,
                        'allocated_at', l.allocated_at) ORDER BY l.scheme)
                   FROM rctd.allocation l
                  WHERE l.trial_id = u.trial_id AND l.unit_id = u.unit_id), '[]') AS allocations
  FROM rctd.unit u
  JOIN rctd.workplace w ON w.trial_id = u.trial_id AND w.unit_id = u.unit_id;
GRANT SELECT ON rctd.workplace_card TO rctd_app, rctd_manager, rctd_blinded;

GRANT SELECT, INSERT ON rctd.stratum TO rctd_app;
GRANT UPDATE (stratum) ON rctd.stratum TO rctd_app; -- what SELECT ... FOR UPDATE asks for
GRANT SELECT, INSERT ON rctd.allocation, rctd.allocation_attempt TO rctd_app;
GRANT SELECT (trial_id, allocation_id, scheme, unit_id, phase, protocol_version, allocated_at, allocated_by)
    ON rctd.allocation TO rctd_manager, rctd_blinded;
GRANT SELECT, INSERT ON rctd.idempotency TO rctd_app, rctd_manager, rctd_blinded;
GRANT DELETE ON rctd.idempotency TO rctd_app;
