-- 0020: erasure (GDPR 17): who somebody is goes, for good, at their word; the pseudonymous record and the trail
-- stay, and the legal reason why they do is stored.

-- One row for each participant who was erased. `kept_under` is the ground on which the pseudonymous record stays:
-- of Article 17(3), b a legal obligation, c public health, d research, e legal claims.
CREATE TABLE rctd.erasure (
    trial_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    requested_by text NOT NULL CHECK (requested_by IN ('participant', 'representative', 'authority')),
    how text NOT NULL CHECK (how IN ('paper', 'link', 'phone')),
    kept_under text NOT NULL CHECK (kept_under IN ('gdpr-17-3-b', 'gdpr-17-3-c', 'gdpr-17-3-d', 'gdpr-17-3-e')),
    reason text NOT NULL CHECK (reason ~ '^[a-z]+(-[a-z]+){0,2}$'),
    reference rctd.reference,
    erased_at timestamptz NOT NULL,
    erased_by uuid NOT NULL REFERENCES rctd.account,
    PRIMARY KEY (trial_id, unit_id),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.participant
);
CREATE TRIGGER erasure_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.erasure
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER erasure_audit AFTER INSERT ON rctd.erasure
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('erasure', 'unit_id', 'unit:', 'unit_id', '', '');

CREATE OR REPLACE FUNCTION rctd.unit_erased(in_trial uuid, in_unit uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (SELECT FROM rctd.erasure e WHERE e.trial_id = in_trial AND e.unit_id = in_unit);
END
$$;

CREATE FUNCTION rctd.erasure_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM rctd.unit u WHERE u.trial_id = NEW.trial_id AND u.unit_id = NEW.unit_id FOR UPDATE;
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.erased_by, ARRAY['trial-manager']);
    RETURN NEW;
END
$$;
CREATE TRIGGER erasure_check BEFORE INSERT ON rctd.erasure
    FOR EACH ROW EXECUTE FUNCTION rctd.erasure_check();

-- All of it in the transaction that says so: the identity and its hash go, everything is stopped, the participant is
-- out, and their links end. Behind erasure_audit, so that the trail says first why.
CREATE FUNCTION rctd.erasure_erases() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM rctd_vault.identity i WHERE i.trial_id = NEW.trial_id AND i.unit_id = NEW.unit_id;
    INSERT INTO rctd.stop (trial_id, unit_id, ordinal, stop, decision, decided_by, how, decided_at, recorded_at, recorded_by)
    SELECT NEW.trial_id, NEW.unit_id, o.last + row_number() OVER (ORDER BY s.ordinal), s.stop, 'stop',
           CASE NEW.requested_by WHEN 'authority' THEN 'staff' ELSE NEW.requested_by END, NEW.how,
           NEW.erased_at, NEW.erased_at, NEW.erased_by
      FROM rctd.consent_stop s,
           (SELECT coalesce(max(q.ordinal), 0) AS last FROM rctd.stop q
             WHERE q.trial_id = NEW.trial_id AND q.unit_id = NEW.unit_id) o
     WHERE (SELECT q.decision FROM rctd.stop q WHERE q.trial_id = NEW.trial_id AND q.unit_id = NEW.unit_id
               AND q.stop = s.stop ORDER BY q.ordinal DESC LIMIT 1) IS DISTINCT FROM 'stop';
    UPDATE rctd.unit SET state = 'withdrawn', version = version + 1, changed_at = rctd.clock()
     WHERE trial_id = NEW.trial_id AND unit_id = NEW.unit_id AND state <> 'withdrawn';
    PERFORM rctd.settle(NEW.trial_id, NEW.unit_id);
    INSERT INTO rctd.consent_link_end (trial_id, link_id, unit_id, ended, ended_at, ended_by)
    SELECT l.trial_id, l.link_id, l.unit_id, 'revoked', now(), NEW.erased_by
      FROM rctd.consent_link l
     WHERE l.trial_id = NEW.trial_id AND l.unit_id = NEW.unit_id
       AND NOT EXISTS (SELECT FROM rctd.consent_link_end e WHERE e.trial_id = l.trial_id AND e.link_id = l.link_id);
    INSERT INTO rctd_vault.residue (trial_id, kind, left_at) VALUES (NEW.trial_id, 'erasure', NEW.erased_at);
    RETURN NULL;
END
$$;
CREATE TRIGGER erasure_erases AFTER INSERT ON rctd.erasure
    FOR EACH ROW EXECUTE FUNCTION rctd.erasure_erases();

-- Nothing more is recorded of who was erased: a code that was mistyped is told, and takes nothing in.
CREATE FUNCTION rctd.erased_rests() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF rctd.unit_erased(NEW.trial_id, NEW.unit_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'erased_rests',
            MESSAGE = 'This participant was erased: nothing more is recorded of them; was the code mistyped?';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER erased_rests BEFORE INSERT ON rctd.consent
    FOR EACH ROW EXECUTE FUNCTION rctd.erased_rests();
CREATE TRIGGER erased_rests BEFORE INSERT ON rctd.eligibility_answer
    FOR EACH ROW EXECUTE FUNCTION rctd.erased_rests();
CREATE TRIGGER erased_rests BEFORE UPDATE ON rctd.employment
    FOR EACH ROW EXECUTE FUNCTION rctd.erased_rests();
CREATE TRIGGER erased_rests BEFORE INSERT ON rctd.consent_link
    FOR EACH ROW EXECUTE FUNCTION rctd.erased_rests();

-- Who was erased stays so. A registration under way holds the unit's row, as the erasure does.
CREATE FUNCTION rctd_vault.identity_stays_erased() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM new_rows n JOIN rctd.erasure e ON e.trial_id = n.trial_id AND e.unit_id = n.unit_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'identity_stays_erased',
            MESSAGE = 'Who was erased stays so';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER identity_stays_erased AFTER INSERT ON rctd_vault.identity
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rctd_vault.identity_stays_erased();

GRANT SELECT ON rctd.erasure TO rctd_app, rctd_manager;
GRANT SELECT (trial_id, unit_id, erased_at) ON rctd.erasure TO rctd_blinded;
GRANT SELECT (trial_id, unit_id) ON rctd.erasure TO rctd_vault;
GRANT INSERT ON rctd.erasure TO rctd_manager;
