-- 0021: half a reveal stands while its giver holds the role in which it was given. A half that does not stand is
-- given anew by somebody else, and only then does the other half make the reveal whole; a whole one stays.

ALTER TABLE rctd.seed_reveal DROP CONSTRAINT seed_reveal_pkey,
    ADD CONSTRAINT seed_reveal_pkey PRIMARY KEY (trial_id, scheme, role, account_id);

CREATE FUNCTION rctd.holds_role(in_trial uuid, in_account uuid, in_role text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
RETURN EXISTS (
    SELECT FROM rctd.role_grant g
      JOIN rctd.account a ON a.account_id = g.account_id AND a.disabled_at IS NULL
     WHERE g.trial_id = in_trial AND g.account_id = in_account AND g.role = in_role AND g.revoked_at IS NULL);

-- The trial's lock is held (seed_reveal_check): one approval after another. The other half's giver is held too, so
-- that neither the role nor the account ends before the reveal is whole.
CREATE FUNCTION rctd.seed_reveal_stands() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM rctd.account a
      JOIN rctd.seed_reveal r ON r.account_id = a.account_id
     WHERE r.trial_id = NEW.trial_id AND r.scheme = NEW.scheme ORDER BY a.account_id FOR SHARE OF a;
    PERFORM FROM rctd.role_grant g
      JOIN rctd.seed_reveal r ON r.trial_id = g.trial_id AND r.account_id = g.account_id AND r.role = g.role
     WHERE r.trial_id = NEW.trial_id AND r.scheme = NEW.scheme AND g.revoked_at IS NULL ORDER BY g.grant_id FOR SHARE OF g;
    IF EXISTS (SELECT FROM rctd.seed_reveal r WHERE r.trial_id = NEW.trial_id AND r.scheme = NEW.scheme AND r.role = NEW.role
                AND (rctd.holds_role(r.trial_id, r.account_id, r.role)
                     OR EXISTS (SELECT FROM rctd.seed_reveal o WHERE o.trial_id = r.trial_id AND o.scheme = r.scheme AND o.role <> r.role))) THEN
        RAISE EXCEPTION USING ERRCODE = 'unique_violation', CONSTRAINT = 'seed_reveal_once',
            MESSAGE = format('The reveal of %s is approved in this role already', NEW.scheme);
    END IF;
    IF EXISTS (SELECT FROM rctd.seed_reveal r WHERE r.trial_id = NEW.trial_id AND r.scheme = NEW.scheme AND r.role <> NEW.role)
       AND NOT EXISTS (SELECT FROM rctd.seed_reveal r WHERE r.trial_id = NEW.trial_id AND r.scheme = NEW.scheme AND r.role <> NEW.role
                          AND rctd.holds_role(r.trial_id, r.account_id, r.role)) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'seed_reveal_stands',
            MESSAGE = 'Who approved before does not hold the role any more; somebody else approves in it first';
    END IF;
    RETURN NEW;
END
$$;
-- Behind seed_reveal_check, which takes the lock: triggers run in the order of their names.
CREATE TRIGGER seed_reveal_stands BEFORE INSERT ON rctd.seed_reveal
    FOR EACH ROW EXECUTE FUNCTION rctd.seed_reveal_stands();

CREATE OR REPLACE FUNCTION rctd.seed_read_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.account_id, ARRAY['statistician', 'auditor']);
    IF (SELECT count(DISTINCT r.role) FROM rctd.seed_reveal r
         WHERE r.trial_id = NEW.trial_id AND r.scheme = NEW.scheme AND r.seed_version = NEW.seed_version) <> 2 THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'seed_read_revealed',
            MESSAGE = 'A seed is read when a trial manager and a statistician have revealed it';
    END IF;
    RETURN NEW;
END
$$;

GRANT EXECUTE ON FUNCTION rctd.holds_role(uuid, uuid, text) TO rctd_app, rctd_manager;
