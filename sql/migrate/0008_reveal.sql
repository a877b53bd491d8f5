-- 0008: recruitment of a scheme ends for good, and then its seed is revealed, by two people together; who
-- reads it afterwards is recorded.

-- Who signs a row of a ledger: the account that acts, in a role that it acts in and holds. A role or an
-- account that is taken away at the same moment comes first and refuses the row, or waits for it. Only
-- triggers call it; no role may.
CREATE FUNCTION rctd.signed_in_role(in_trial uuid, in_account uuid, in_roles text[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('role') IN ('rctd_app', 'rctd_manager', 'rctd_blinded')
       AND (coalesce(current_setting('rctd.account', true), '') <> in_account::text
            OR coalesce(current_setting('rctd.actor_role', true), '') <> ALL (in_roles)) THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'signed_in_role',
            MESSAGE = 'Nobody signs for somebody else, or in another role';
    END IF;
    PERFORM FROM rctd.account a WHERE a.account_id = in_account AND a.disabled_at IS NULL FOR SHARE;
    IF FOUND THEN
        PERFORM FROM rctd.role_grant g
          WHERE g.trial_id IN (in_trial, '00000000-0000-0000-0000-000000000000') AND g.account_id = in_account
            AND g.role = ANY (in_roles) AND g.revoked_at IS NULL FOR SHARE;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'signed_in_role',
            MESSAGE = 'It takes the role to sign in it';
    END IF;
END
$$;

-- A scheme that allocates nobody any more, whatever becomes of its phase.
CREATE TABLE rctd.scheme_closing (
    trial_id uuid NOT NULL,
    scheme text NOT NULL,
    closed_at timestamptz NOT NULL,
    closed_by uuid NOT NULL REFERENCES rctd.account,
    reason text NOT NULL CHECK (reason <> ''),
    PRIMARY KEY (trial_id, scheme),
    FOREIGN KEY (trial_id, scheme) REFERENCES rctd.scheme
);
CREATE TRIGGER scheme_closing_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.scheme_closing
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER scheme_closing_audit AFTER INSERT ON rctd.scheme_closing
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('scheme-closing', 'scheme', 'trial', '', '', '');

-- One half of a reveal. Two halves, of two roles and of two accounts, make it whole.
CREATE TABLE rctd.seed_reveal (
    trial_id uuid NOT NULL,
    scheme text NOT NULL,
    role text NOT NULL CHECK (role IN ('trial-manager', 'statistician')),
    account_id uuid NOT NULL REFERENCES rctd.account,
    seed_version integer NOT NULL,
    approved_at timestamptz NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    PRIMARY KEY (trial_id, scheme, role),
    CONSTRAINT seed_reveal_two_people UNIQUE (trial_id, scheme, account_id),
    FOREIGN KEY (trial_id, scheme) REFERENCES rctd.scheme,
    FOREIGN KEY (trial_id, scheme, seed_version) REFERENCES rctd.scheme_seed
);
CREATE TRIGGER seed_reveal_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.seed_reveal
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER seed_reveal_audit AFTER INSERT ON rctd.seed_reveal
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('seed-reveal', 'scheme', 'trial', '', '', '');

-- Each look at a revealed seed; never the seed.
CREATE TABLE rctd.seed_read (
    trial_id uuid NOT NULL,
    read_id uuid NOT NULL,
    scheme text NOT NULL,
    seed_version integer NOT NULL,
    account_id uuid NOT NULL REFERENCES rctd.account,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (trial_id, read_id),
    FOREIGN KEY (trial_id, scheme, seed_version) REFERENCES rctd.scheme_seed
);
CREATE TRIGGER seed_read_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.seed_read
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER seed_read_audit AFTER INSERT ON rctd.seed_read
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('seed-read', 'read_id', 'trial', '', '', '');

-- Allocations share the trial's lock: those under way come before the closing, those after it see it.
CREATE FUNCTION rctd.scheme_closing_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('trial/' || NEW.trial_id, 0));
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.closed_by, ARRAY['trial-manager']);
    IF NOT EXISTS (SELECT FROM rctd.scheme s JOIN rctd.phase p ON p.trial_id = s.trial_id AND p.phase = s.phase
                    WHERE s.trial_id = NEW.trial_id AND s.scheme = NEW.scheme AND NOT s.retired AND p.state <> 'planned') THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'scheme_closing_open',
            MESSAGE = 'A scheme is closed when it is in force and its phase was opened';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER scheme_closing_check BEFORE INSERT ON rctd.scheme_closing
    FOR EACH ROW EXECUTE FUNCTION rctd.scheme_closing_check();

-- Beside allocation_check, and behind it: triggers run in the order of their names. A half of a reveal closes
-- a scheme as a closing does.
CREATE FUNCTION rctd.allocation_scheme_open() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('trial/' || NEW.trial_id, 0));
    IF EXISTS (SELECT FROM rctd.scheme_closing c WHERE c.trial_id = NEW.trial_id AND c.scheme = NEW.scheme)
       OR EXISTS (SELECT FROM rctd.seed_reveal r WHERE r.trial_id = NEW.trial_id AND r.scheme = NEW.scheme) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'allocation_scheme_open',
            MESSAGE = format('The scheme %s is closed for good', NEW.scheme);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER allocation_scheme_open BEFORE INSERT ON rctd.allocation
    FOR EACH ROW EXECUTE FUNCTION rctd.allocation_scheme_open();

-- A closed scheme does not come back under another seed or in another phase.
CREATE FUNCTION rctd.scheme_settled() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('trial/' || NEW.trial_id, 0));
    IF EXISTS (SELECT FROM rctd.scheme_closing c WHERE c.trial_id = NEW.trial_id AND c.scheme = NEW.scheme)
       OR EXISTS (SELECT FROM rctd.seed_reveal r WHERE r.trial_id = NEW.trial_id AND r.scheme = NEW.scheme) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'scheme_settled',
            MESSAGE = format('The scheme %s is closed: its phase and its seed stay', NEW.scheme);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER scheme_settled BEFORE UPDATE ON rctd.scheme FOR EACH ROW
    WHEN ((OLD.trial_id, OLD.scheme, OLD.phase, OLD.unit, OLD.seed_version)
          IS DISTINCT FROM (NEW.trial_id, NEW.scheme, NEW.phase, NEW.unit, NEW.seed_version))
    EXECUTE FUNCTION rctd.scheme_settled();

-- Nothing is revealed that can still allocate.
CREATE FUNCTION rctd.seed_reveal_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('trial/' || NEW.trial_id, 0));
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.account_id, ARRAY[NEW.role]);
    IF NOT EXISTS (SELECT FROM rctd.scheme s JOIN rctd.phase p ON p.trial_id = s.trial_id AND p.phase = s.phase
                    WHERE s.trial_id = NEW.trial_id AND s.scheme = NEW.scheme AND s.seed_version = NEW.seed_version
                      AND (p.state = 'closed' OR EXISTS (SELECT FROM rctd.scheme_closing c
                               WHERE c.trial_id = s.trial_id AND c.scheme = s.scheme))) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'seed_reveal_closed',
            MESSAGE = 'The seed of a scheme is revealed when the scheme or its phase is closed';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER seed_reveal_check BEFORE INSERT ON rctd.seed_reveal
    FOR EACH ROW EXECUTE FUNCTION rctd.seed_reveal_check();

CREATE FUNCTION rctd.seed_read_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.account_id, ARRAY['statistician', 'auditor']);
    IF (SELECT count(*) FROM rctd.seed_reveal r
         WHERE r.trial_id = NEW.trial_id AND r.scheme = NEW.scheme AND r.seed_version = NEW.seed_version) <> 2 THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'seed_read_revealed',
            MESSAGE = 'A seed is read when a trial manager and a statistician have revealed it';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER seed_read_check BEFORE INSERT ON rctd.seed_read
    FOR EACH ROW EXECUTE FUNCTION rctd.seed_read_check();

-- A sealed seed stands for one scheme in one version: who has read a revealed one cannot have another scheme
-- allocate by it.
CREATE UNIQUE INDEX scheme_seed_sealed ON rctd.scheme_seed (trial_id, sealed);

GRANT SELECT ON rctd.scheme_closing, rctd.seed_reveal TO rctd_app, rctd_manager;
GRANT SELECT (trial_id, scheme, closed_at) ON rctd.scheme_closing TO rctd_blinded;
GRANT SELECT (trial_id, scheme, role, approved_at) ON rctd.seed_reveal TO rctd_blinded;
GRANT SELECT ON rctd.seed_read TO rctd_app;
GRANT INSERT ON rctd.scheme_closing TO rctd_manager;
GRANT INSERT ON rctd.seed_reveal TO rctd_app, rctd_manager;
GRANT INSERT ON rctd.seed_read TO rctd_app;
