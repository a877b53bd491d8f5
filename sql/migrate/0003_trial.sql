-- 0003: trials, their protocol versions, phases, schemes and sealed seeds.

CREATE TABLE rctd.trial (
    trial_id uuid PRIMARY KEY CHECK (trial_id <> '00000000-0000-0000-0000-000000000000'),
    name text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9_.-]{0,62}$'),
    title text NOT NULL CHECK (title <> ''),
    organisation text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'draft',
    time_zone text NOT NULL DEFAULT 'UTC',
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO rctd.state_transition VALUES
    ('trial', 'new', 'draft'), ('trial', 'draft', 'open'), ('trial', 'open', 'closed');
CREATE TRIGGER trial_state BEFORE INSERT OR UPDATE ON rctd.trial
    FOR EACH ROW EXECUTE FUNCTION rctd.state_check('trial');
CREATE TRIGGER trial_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.trial
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('trial', 'name', 'trial', '', '', '');
CREATE TRIGGER trial_whole BEFORE TRUNCATE ON rctd.trial
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

CREATE TRIGGER trial_administrators_only BEFORE INSERT ON rctd.trial
    FOR EACH ROW WHEN (current_setting('role') = 'rctd_blinded') EXECUTE FUNCTION rctd.administrators_only();

-- A version of the protocol. `document` holds the bytes as submitted: the commitment is made over them.
-- It names arms, methods and block sizes, so that only restricted roles may read it.
CREATE TABLE rctd.protocol_version (
    trial_id uuid NOT NULL REFERENCES rctd.trial,
    version integer NOT NULL CHECK (version > 0),
    state text NOT NULL DEFAULT 'draft',
    document text NOT NULL,
    sha256 bytea NOT NULL CHECK (sha256 = sha256(convert_to(document, 'UTF8'))),
    reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    locked_at timestamptz,
    locked_by uuid REFERENCES rctd.account,
    PRIMARY KEY (trial_id, version),
    CONSTRAINT locked_says_when_and_by_whom
        CHECK ((state = 'draft') = (locked_at IS NULL) AND (locked_at IS NULL) = (locked_by IS NULL)),
    CONSTRAINT amendment_has_a_reason CHECK (version = 1 OR coalesce(reason, '') <> '')
);
CREATE UNIQUE INDEX protocol_version_one_draft ON rctd.protocol_version (trial_id) WHERE state = 'draft';
INSERT INTO rctd.state_transition VALUES
    ('protocol', 'new', 'draft'), ('protocol', 'draft', 'locked');
CREATE TRIGGER protocol_state BEFORE INSERT OR UPDATE ON rctd.protocol_version
    FOR EACH ROW EXECUTE FUNCTION rctd.state_check('protocol');
CREATE TRIGGER protocol_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.protocol_version
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('protocol', 'version', 'trial', '', '', 'document');
CREATE TRIGGER protocol_version_whole BEFORE TRUNCATE ON rctd.protocol_version
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

CREATE FUNCTION rctd.protocol_frozen() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF OLD.state = 'locked' THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'protocol_frozen',
            MESSAGE = 'A locked protocol version never changes; submit an amendment';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER protocol_frozen BEFORE UPDATE OR DELETE ON rctd.protocol_version
    FOR EACH ROW EXECUTE FUNCTION rctd.protocol_frozen();

CREATE TABLE rctd.phase (
    trial_id uuid NOT NULL REFERENCES rctd.trial,
    phase text NOT NULL CHECK (phase ~ '^[a-z0-9][a-z0-9_.-]{0,62}$'),
    ordinal integer NOT NULL,
    state text NOT NULL DEFAULT 'planned',
    target_workplaces integer,
    target_participants integer,
    opened_at timestamptz,
    closed_at timestamptz,
    PRIMARY KEY (trial_id, phase)
);
INSERT INTO rctd.state_transition VALUES
    ('phase', 'new', 'planned'), ('phase', 'planned', 'open'), ('phase', 'open', 'closed');
CREATE TRIGGER phase_state BEFORE INSERT OR UPDATE ON rctd.phase
    FOR EACH ROW EXECUTE FUNCTION rctd.state_check('phase');
CREATE TRIGGER phase_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.phase
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('phase', 'phase', 'trial', '', '', '');
CREATE TRIGGER phase_whole BEFORE TRUNCATE ON rctd.phase
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- A unit allocated in one of the two phases of a row cannot enter the other.
CREATE TABLE rctd.phase_exclusion (
    trial_id uuid NOT NULL,
    phase text NOT NULL,
    excluded text NOT NULL,
    PRIMARY KEY (trial_id, phase, excluded),
    FOREIGN KEY (trial_id, phase) REFERENCES rctd.phase,
    FOREIGN KEY (trial_id, excluded) REFERENCES rctd.phase
);
CREATE TRIGGER phase_exclusion_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.phase_exclusion
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('phase-exclusion', 'phase', 'trial', '', '', '');
CREATE TRIGGER phase_exclusion_whole BEFORE TRUNCATE ON rctd.phase_exclusion
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- A seed of a scheme, sealed (rctd-allocation(7), Seed and commitment). A scheme keeps the seed of the
-- version that it was first used under; an amendment makes a new one for a scheme without allocations.
CREATE TABLE rctd.scheme_seed (
    trial_id uuid NOT NULL,
    scheme text NOT NULL,
    version integer NOT NULL,
    label text NOT NULL,
    commitment bytea NOT NULL CHECK (octet_length(commitment) = 32),
    sealed bytea NOT NULL,
    key_id text NOT NULL,
    escrow bytea,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (trial_id, scheme, version),
    FOREIGN KEY (trial_id, version) REFERENCES rctd.protocol_version
);
CREATE TRIGGER scheme_seed_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.scheme_seed
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER scheme_seed_audit AFTER INSERT ON rctd.scheme_seed
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('seed', 'scheme', 'trial', '', '', 'sealed,escrow');

CREATE TABLE rctd.scheme (
    trial_id uuid NOT NULL,
    scheme text NOT NULL CHECK (scheme ~ '^[a-z0-9][a-z0-9_.-]{0,62}$'),
    phase text NOT NULL,
    unit text NOT NULL CHECK (unit IN ('workplace', 'participant')),
    seed_version integer NOT NULL,
    retired boolean NOT NULL DEFAULT false, -- an amendment left it out
    PRIMARY KEY (trial_id, scheme),
    FOREIGN KEY (trial_id, phase) REFERENCES rctd.phase,
    FOREIGN KEY (trial_id, scheme, seed_version) REFERENCES rctd.scheme_seed
);
CREATE TRIGGER scheme_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.scheme
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('scheme', 'scheme', 'trial', '', '', '');
CREATE TRIGGER scheme_whole BEFORE TRUNCATE ON rctd.scheme
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- The arms that a scheme allocates to: an allocation to another is impossible.
CREATE TABLE rctd.scheme_arm (
    trial_id uuid NOT NULL,
    scheme text NOT NULL,
    arm text NOT NULL CHECK (arm ~ '^[a-z0-9][a-z0-9_.-]{0,62}$'),
    PRIMARY KEY (trial_id, scheme, arm),
    FOREIGN KEY (trial_id, scheme) REFERENCES rctd.scheme
);
CREATE TRIGGER scheme_arm_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.scheme_arm
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('scheme-arm', 'arm', 'trial', '', '', '');
CREATE TRIGGER scheme_arm_whole BEFORE TRUNCATE ON rctd.scheme_arm
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

GRANT SELECT ON rctd.trial, rctd.phase, rctd.phase_exclusion, rctd.scheme TO rctd_app, rctd_manager, rctd_blinded;
GRANT SELECT (trial_id, version, state, sha256, reason, created_at, created_by, locked_at, locked_by)
    ON rctd.protocol_version TO rctd_blinded;
GRANT SELECT (trial_id, scheme, version, label, commitment, made_at) ON rctd.scheme_seed TO rctd_blinded, rctd_manager;
GRANT SELECT ON rctd.protocol_version, rctd.scheme_arm TO rctd_app, rctd_manager;
GRANT SELECT ON rctd.scheme_seed TO rctd_app;
GRANT INSERT ON rctd.trial TO rctd_blinded;
GRANT UPDATE (title, state, time_zone) ON rctd.trial TO rctd_manager;
GRANT INSERT, UPDATE ON rctd.protocol_version, rctd.phase, rctd.scheme TO rctd_manager;
GRANT INSERT ON rctd.scheme_seed TO rctd_manager;
GRANT INSERT, DELETE ON rctd.scheme_arm, rctd.phase_exclusion TO rctd_manager;
