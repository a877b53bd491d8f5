-- 0004: units of a trial (workplaces; participants are units too), what they answered and agreed to.

CREATE TABLE rctd.unit (
    trial_id uuid NOT NULL REFERENCES rctd.trial,
    unit_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('workplace', 'participant')),
    code text NOT NULL CHECK (code ~ '^[A-Z][A-Z0-9-]{1,15}$'),
    state text NOT NULL DEFAULT 'registered',
    attributes jsonb NOT NULL CHECK (jsonb_typeof(attributes) = 'object'),
    county text GENERATED ALWAYS AS (attributes ->> 'county') STORED,
    site text GENERATED ALWAYS AS (attributes ->> 'site') STORED,
    version integer NOT NULL DEFAULT 1,
    registered_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (trial_id, code)
);
-- The index that everything looks up by comes last: while a table is all but empty each of its indexes promises the
-- same, the planner takes the youngest, and the plan stays when the table has grown.
ALTER TABLE rctd.unit ADD PRIMARY KEY (trial_id, unit_id);
INSERT INTO rctd.state_transition VALUES
    ('unit', 'new', 'registered'), ('unit', 'registered', 'roster-locked'), ('unit', 'registered', 'allocated'),
    ('unit', 'roster-locked', 'allocated'), ('unit', 'allocated', 'withdrawn');
CREATE TRIGGER unit_state BEFORE INSERT OR UPDATE ON rctd.unit
    FOR EACH ROW EXECUTE FUNCTION rctd.state_check('unit');
CREATE TRIGGER unit_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.unit
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('unit', 'unit_id', 'unit:', 'unit_id', '', '', 'version,changed_at');
CREATE TRIGGER unit_whole BEFORE TRUNCATE ON rctd.unit
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- Is a unit within the counties and sites of a caller's role? NULL stands for all; else it is an array of
-- {"county": ..., "site": ...}, of which one must fit.
CREATE FUNCTION rctd.in_scope(scope jsonb, county text, site text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN scope IS NULL OR EXISTS (
        SELECT FROM jsonb_array_elements(scope) s
         WHERE (s ->> 'county' IS NULL OR s ->> 'county' = county) AND (s ->> 'site' IS NULL OR s ->> 'site' = site));
END
$$;
GRANT EXECUTE ON FUNCTION rctd.in_scope(jsonb, text, text) TO rctd_app, rctd_manager, rctd_blinded;

-- A workplace's own side. identity_key joins its identifiers in the protocol's order: the same
-- organisation number and establishment never come in twice.
CREATE TABLE rctd.workplace (
    trial_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    identity_key text NOT NULL,
    identifiers jsonb NOT NULL CHECK (jsonb_typeof(identifiers) = 'object'),
    head_count integer CHECK (head_count > 0),
    roster_locked_at timestamptz,
    PRIMARY KEY (trial_id, unit_id),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit,
    CONSTRAINT workplace_identity UNIQUE (trial_id, identity_key),
    CONSTRAINT locked_roster_has_a_count CHECK ((roster_locked_at IS NULL) = (head_count IS NULL))
);
CREATE TRIGGER workplace_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.workplace
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('workplace', 'unit_id', 'unit:', 'unit_id', '', '');
CREATE TRIGGER workplace_whole BEFORE TRUNCATE ON rctd.workplace
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

CREATE FUNCTION rctd.roster_frozen() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF OLD.roster_locked_at IS NOT NULL
       AND (NEW.head_count, NEW.roster_locked_at) IS DISTINCT FROM (OLD.head_count, OLD.roster_locked_at) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'roster_frozen',
            MESSAGE = 'A locked roster never changes';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER workplace_roster BEFORE UPDATE ON rctd.workplace
    FOR EACH ROW EXECUTE FUNCTION rctd.roster_frozen();

-- What a workplace's codes are counted with; its row's lock makes imports follow one another.
CREATE TABLE rctd.unit_counter (
    trial_id uuid NOT NULL REFERENCES rctd.trial,
    kind text NOT NULL,
    last integer NOT NULL,
    PRIMARY KEY (trial_id, kind)
);

-- Answers to the protocol's eligibility questions; the latest of each question counts.
CREATE TABLE rctd.eligibility_answer (
    trial_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    ordinal integer NOT NULL CHECK (ordinal > 0),
    question text NOT NULL,
    answer boolean NOT NULL,
    protocol_version integer NOT NULL,
    answered_by text,
    salt text NOT NULL DEFAULT gen_random_uuid()::text,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL REFERENCES rctd.account,
    PRIMARY KEY (trial_id, unit_id, ordinal),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit,
    FOREIGN KEY (trial_id, protocol_version) REFERENCES rctd.protocol_version
);
CREATE TRIGGER eligibility_answer_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.eligibility_answer
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER eligibility_answer_audit AFTER INSERT ON rctd.eligibility_answer
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('answer', 'question', 'unit:', 'unit_id', 'answered_by', '');

-- The consent ledger: each event says which form and version, which scopes, who decided, when, how.
-- Here the employer's agreement; a person's consent has the same shape.
CREATE TABLE rctd.consent (
    trial_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    ordinal integer NOT NULL CHECK (ordinal > 0),
    consent_id uuid NOT NULL,
    form text NOT NULL,
    form_version integer NOT NULL CHECK (form_version > 0),
    language text NOT NULL,
    decision text NOT NULL CHECK (decision IN ('given', 'withdrawn')),
    scopes jsonb NOT NULL CHECK (jsonb_typeof(scopes) = 'object' AND scopes <> '{}'),
    shown_at timestamptz,
    decided_at timestamptz NOT NULL,
    decided_by text NOT NULL CHECK (decided_by <> ''),
    salt text NOT NULL DEFAULT gen_random_uuid()::text,
    how text NOT NULL CHECK (how IN ('paper', 'link', 'phone')),
    protocol_version integer NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL REFERENCES rctd.account,
    PRIMARY KEY (trial_id, unit_id, ordinal),
    UNIQUE (trial_id, consent_id),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit,
    FOREIGN KEY (trial_id, protocol_version) REFERENCES rctd.protocol_version,
    CONSTRAINT informed_before_deciding CHECK (shown_at <= decided_at),
    CONSTRAINT decided_before_recorded CHECK (decided_at <= recorded_at)
);
CREATE TRIGGER consent_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.consent
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER consent_audit AFTER INSERT ON rctd.consent
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('consent', 'consent_id', 'unit:', 'unit_id', 'decided_by', '');

GRANT SELECT ON rctd.unit, rctd.workplace, rctd.eligibility_answer TO rctd_app, rctd_manager, rctd_blinded;
GRANT SELECT (trial_id, unit_id, ordinal, consent_id, form, form_version, language, decision, scopes, shown_at,
    decided_at, how, protocol_version, recorded_at, recorded_by) ON rctd.consent TO rctd_manager, rctd_blinded;
GRANT SELECT ON rctd.consent TO rctd_app;
GRANT INSERT ON rctd.unit, rctd.workplace, rctd.eligibility_answer, rctd.consent TO rctd_app;
GRANT UPDATE (state, version, changed_at) ON rctd.unit TO rctd_app;
GRANT UPDATE (head_count, roster_locked_at) ON rctd.workplace TO rctd_app;
GRANT SELECT, INSERT, UPDATE ON rctd.unit_counter TO rctd_app;
