-- 0019: who has come to know an arm, how and why; and notices to those who must hear of it. A request that is
-- blinded gets an arm through the functions rctd.unblind and rctd.unblinding_arm and in no other way: they
-- write down that it was told in the same transaction.

-- The unit whose allocation tells a unit's arm: itself, where it was allocated; of a participant else the first
-- workplace that allocated them with it or took them in afterwards, wherever they have gone since. NULL: none.
CREATE FUNCTION rctd.arm_unit(in_trial uuid, in_unit uuid) RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found uuid;
BEGIN
    SELECT a.unit_id INTO found FROM rctd.allocation a
     WHERE a.trial_id = in_trial AND a.unit_id = in_unit LIMIT 1;
    IF found IS NULL THEN
        SELECT m.workplace_id INTO found
          FROM rctd.employment m
          JOIN rctd.allocation a ON a.trial_id = m.trial_id AND a.unit_id = m.workplace_id
          JOIN rctd.trial t ON t.trial_id = m.trial_id
         WHERE m.trial_id = in_trial AND m.unit_id = in_unit
           AND (m.to_on IS NULL OR m.to_on >= (a.allocated_at AT TIME ZONE t.time_zone)::date)
         ORDER BY m.from_on LIMIT 1;
    END IF;
    RETURN found;
END
$$;

-- An account learns arms by itself: those who learn something and those who ask what it knows follow one another.
CREATE FUNCTION rctd.knowledge_lock(in_trial uuid, in_account uuid) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE
    AS 'BEGIN RETURN hashtextextended(''knows/'' || in_trial || ''/'' || in_account, 0); END';

-- Somebody asks for an arm: at once and alone (emergency), or with the approval of a second person (planned).
-- unit_id is who was asked for, arm_unit_id whose allocation it is.
CREATE TABLE rctd.unblinding (
    trial_id uuid NOT NULL,
    unblinding_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    arm_unit_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('emergency', 'planned')),
    reason text NOT NULL CHECK (reason <> ''),
    account_id uuid NOT NULL REFERENCES rctd.account,
    role text NOT NULL CHECK (role IN ('trial-manager', 'researcher', 'interviewer')),
    asked_at timestamptz NOT NULL,
    idempotency_key text NOT NULL,
    PRIMARY KEY (trial_id, unblinding_id),
    CONSTRAINT unblinding_key UNIQUE (trial_id, idempotency_key),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit,
    FOREIGN KEY (trial_id, arm_unit_id) REFERENCES rctd.unit
);
CREATE INDEX unblinding_of_unit ON rctd.unblinding (trial_id, unit_id);
CREATE TRIGGER unblinding_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.unblinding
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER unblinding_audit AFTER INSERT ON rctd.unblinding
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('unblinding', 'unblinding_id', 'unit:', 'unit_id', '', '');

-- What the second person said to a planned one.
CREATE TABLE rctd.unblinding_decision (
    trial_id uuid NOT NULL,
    unblinding_id uuid NOT NULL,
    decision text NOT NULL CHECK (decision IN ('approved', 'refused')),
    role text NOT NULL CHECK (role IN ('trial-manager', 'statistician')),
    account_id uuid NOT NULL REFERENCES rctd.account,
    decided_at timestamptz NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    PRIMARY KEY (trial_id, unblinding_id),
    FOREIGN KEY (trial_id, unblinding_id) REFERENCES rctd.unblinding
);
CREATE TRIGGER unblinding_decision_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.unblinding_decision
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER unblinding_decision_audit AFTER INSERT ON rctd.unblinding_decision
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('unblinding-decision', 'unblinding_id', 'trial', '', '', '');

-- Each further look at an arm that an unblinding gave.
CREATE TABLE rctd.unblinding_read (
    trial_id uuid NOT NULL,
    read_id uuid NOT NULL,
    unblinding_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES rctd.account,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (trial_id, read_id),
    FOREIGN KEY (trial_id, unblinding_id) REFERENCES rctd.unblinding
);
CREATE INDEX unblinding_read_of_unblinding ON rctd.unblinding_read (trial_id, unblinding_id);
CREATE TRIGGER unblinding_read_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.unblinding_read
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER unblinding_read_audit AFTER INSERT ON rctd.unblinding_read
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('unblinding-read', 'read_id', 'trial', '', '', '');

-- Who knows the arm of a unit since when; never the arm. `told`: it came out, through `source`. No text of
-- anybody's own stands here: it could hold what must not be spread.
CREATE TABLE rctd.arm_knowledge (
    trial_id uuid NOT NULL,
    knowledge_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES rctd.account,
    unit_id uuid NOT NULL,
    arm_unit_id uuid NOT NULL,
    how text NOT NULL CHECK (how IN ('emergency', 'planned', 'told')),
    unblinding_id uuid,
    source text CHECK (source IN ('participant', 'workplace', 'colleague', 'document', 'other')),
    since timestamptz NOT NULL,
    recorded_by uuid NOT NULL REFERENCES rctd.account,
    PRIMARY KEY (trial_id, knowledge_id),
    CONSTRAINT arm_knowledge_once UNIQUE (trial_id, unblinding_id),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit,
    FOREIGN KEY (trial_id, arm_unit_id) REFERENCES rctd.unit,
    FOREIGN KEY (trial_id, unblinding_id) REFERENCES rctd.unblinding,
    CONSTRAINT told_or_unblinded CHECK ((how = 'told') = (unblinding_id IS NULL) AND (how = 'told') = (source IS NOT NULL))
);
CREATE INDEX arm_knowledge_of_account ON rctd.arm_knowledge (trial_id, account_id, arm_unit_id);
CREATE INDEX arm_knowledge_of_unit ON rctd.arm_knowledge (trial_id, arm_unit_id);
CREATE TRIGGER arm_knowledge_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.arm_knowledge
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER arm_knowledge_audit AFTER INSERT ON rctd.arm_knowledge
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('arm-knowledge', 'knowledge_id', 'unit:', 'unit_id', '', '');

-- Since when an account's roles have shown it the arm of a unit; NULL: they do not, and never did. A role that
-- was taken back counts for what had been allocated by then.
CREATE FUNCTION rctd.role_shows_arm(in_trial uuid, in_account uuid, in_unit uuid) RETURNS timestamptz
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT min(greatest(a.allocated_at, g.granted_at))
              FROM rctd.role_grant g
              JOIN rctd.unit u ON u.trial_id = in_trial AND u.unit_id = rctd.arm_unit(in_trial, in_unit)
              JOIN rctd.allocation a ON a.trial_id = u.trial_id AND a.unit_id = u.unit_id
             WHERE g.trial_id IN (in_trial, '00000000-0000-0000-0000-000000000000') AND g.account_id = in_account
               AND g.role IN ('coordinator', 'statistician', 'auditor')
               AND (g.county IS NULL OR g.county = u.county) AND (g.site IS NULL OR g.site = u.site)
               AND (g.revoked_at IS NULL OR a.allocated_at <= g.revoked_at + (SELECT i.ahead FROM rctd.instance i)));
END
$$;

-- Does the account know the arm of a unit: by a role, by an unblinding, or because it was told? Of a participant
-- it counts what is known of the participant and of every workplace that they have been in. It waits for what
-- the account is just learning; an unblinding waits for who has asked.
CREATE FUNCTION rctd.knows_arm(in_trial uuid, in_account uuid, in_unit uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(rctd.knowledge_lock(in_trial, in_account));
    RETURN rctd.role_shows_arm(in_trial, in_account, in_unit) IS NOT NULL
        OR EXISTS (SELECT FROM rctd.arm_knowledge k
                    WHERE k.trial_id = in_trial AND k.account_id = in_account
                      AND (in_unit IN (k.unit_id, k.arm_unit_id)
                           OR k.arm_unit_id IN (SELECT m.workplace_id FROM rctd.employment m
                                                 WHERE m.trial_id = in_trial AND m.unit_id = in_unit)));
END
$$;
GRANT EXECUTE ON FUNCTION rctd.knows_arm(uuid, uuid, uuid) TO rctd_app, rctd_manager, rctd_blinded;

-- Who asks, as the daemon says, in a role that it holds.
CREATE FUNCTION rctd.unblinding_asker(in_trial uuid) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    account uuid := nullif(current_setting('rctd.account', true), '')::uuid;
    role text := coalesce(current_setting('rctd.actor_role', true), '');
BEGIN
    IF account IS NULL OR role NOT IN ('trial-manager', 'researcher', 'interviewer') THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'unblinding_asker',
            MESSAGE = 'Arms are asked for by trial managers, researchers and interviewers';
    END IF;
    PERFORM rctd.signed_in_role(in_trial, account, ARRAY[role]);
    RETURN account;
END
$$;

CREATE FUNCTION rctd.unblinding_add(
    in_trial uuid, in_unblinding uuid, in_unit uuid, in_kind text, in_reason text, in_key text
) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    account uuid := rctd.unblinding_asker(in_trial);
    told_by uuid := rctd.arm_unit(in_trial, in_unit);
BEGIN
    IF NOT EXISTS (SELECT FROM rctd.role_grant g
                     JOIN rctd.unit u ON u.trial_id = in_trial AND u.unit_id = in_unit
                    WHERE g.trial_id = in_trial AND g.account_id = account AND g.role = current_setting('rctd.actor_role')
                      AND g.revoked_at IS NULL AND (g.county IS NULL OR g.county = u.county) AND (g.site IS NULL OR g.site = u.site)) THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'unblinding_scope',
            MESSAGE = 'The role does not cover this unit';
    END IF;
    IF told_by IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'unblinding_allocated',
            MESSAGE = 'Who has not been allocated has no arm';
    END IF;
    PERFORM rctd.signature_check(in_trial, account, 'unblind', 'unit/' || (SELECT u.code FROM rctd.unit u
        WHERE u.trial_id = in_trial AND u.unit_id = in_unit), NULL);
    INSERT INTO rctd.unblinding VALUES (in_trial, in_unblinding, in_unit, told_by, in_kind, in_reason, account,
        current_setting('rctd.actor_role'), rctd.clock(), in_key);
    RETURN told_by;
END
$$;

CREATE FUNCTION rctd.arm_learnt(
    in_trial uuid, in_account uuid, in_unit uuid, in_arm_unit uuid, in_how text, in_unblinding uuid, in_source text, in_by uuid
) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    knowledge uuid := rctd.uuid_now();
BEGIN
    PERFORM pg_advisory_xact_lock(rctd.knowledge_lock(in_trial, in_account));
    INSERT INTO rctd.arm_knowledge VALUES (in_trial, knowledge, in_account, in_unit, in_arm_unit, in_how, in_unblinding,
        in_source, rctd.clock(), in_by);
    PERFORM rctd.release_for_unblinding(in_trial, in_account, in_arm_unit);
    RETURN knowledge;
END
$$;

-- Asks for an arm with the approval of another: gives nothing yet. One request of an account for a unit stands at a
-- time, from those that wait and those that were approved.
CREATE FUNCTION rctd.unblinding_ask(in_trial uuid, in_unblinding uuid, in_unit uuid, in_reason text, in_key text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    account uuid := rctd.unblinding_asker(in_trial);
    standing record;
BEGIN
    PERFORM pg_advisory_xact_lock(rctd.knowledge_lock(in_trial, account));
    SELECT b.unblinding_id, d.decision INTO standing
      FROM rctd.unblinding b
      LEFT JOIN rctd.unblinding_decision d ON d.trial_id = b.trial_id AND d.unblinding_id = b.unblinding_id
     WHERE b.trial_id = in_trial AND b.account_id = account AND b.unit_id = in_unit AND b.kind = 'planned'
       AND b.idempotency_key <> in_key AND d.decision IS DISTINCT FROM 'refused' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'unblinding_once',
            MESSAGE = format('You have asked for this already: unblinding %s, which %s', standing.unblinding_id,
                CASE standing.decision WHEN 'approved' THEN 'is approved' ELSE 'waits for another person''s decision' END);
    END IF;
    RETURN rctd.unblinding_add(in_trial, in_unblinding, in_unit, 'planned', in_reason, in_key);
END
$$;

-- The arm of one unit, in an emergency: at once, to the account that acts.
CREATE FUNCTION rctd.unblind(in_trial uuid, in_unblinding uuid, in_unit uuid, in_reason text, in_key text)
    RETURNS TABLE (unit text, scheme text, arm text, allocated_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    told_by uuid := rctd.unblinding_add(in_trial, in_unblinding, in_unit, 'emergency', in_reason, in_key);
    account uuid := current_setting('rctd.account')::uuid;
BEGIN
    PERFORM rctd.arm_learnt(in_trial, account, in_unit, told_by, 'emergency', in_unblinding, NULL, account);
    RETURN QUERY SELECT u.code, a.scheme, a.arm, a.allocated_at
                   FROM rctd.allocation a JOIN rctd.unit u ON u.trial_id = a.trial_id AND u.unit_id = a.unit_id
                  WHERE a.trial_id = in_trial AND a.unit_id = told_by ORDER BY a.allocated_at, a.scheme;
END
$$;

-- The arm that an unblinding stands for, to who asked for it: a planned one when another person has approved.
-- The first look at a planned one makes the account know; each other look is written down.
CREATE FUNCTION rctd.unblinding_arm(in_trial uuid, in_unblinding uuid)
    RETURNS TABLE (unit text, scheme text, arm text, allocated_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    account uuid := rctd.unblinding_asker(in_trial);
    asked rctd.unblinding;
BEGIN
    SELECT * INTO asked FROM rctd.unblinding b
     WHERE b.trial_id = in_trial AND b.unblinding_id = in_unblinding AND b.account_id = account;
    IF asked.unblinding_id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'unblinding_own',
            MESSAGE = 'An arm is read by who asked for it';
    END IF;
    IF asked.kind = 'planned' AND NOT EXISTS (SELECT FROM rctd.unblinding_decision d
            WHERE d.trial_id = in_trial AND d.unblinding_id = in_unblinding AND d.decision = 'approved'
              AND d.account_id <> asked.account_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'unblinding_approved',
            MESSAGE = 'A planned unblinding takes the approval of another person';
    END IF;
    PERFORM pg_advisory_xact_lock(rctd.knowledge_lock(in_trial, account));
    IF NOT EXISTS (SELECT FROM rctd.arm_knowledge k WHERE k.trial_id = in_trial AND k.unblinding_id = in_unblinding) THEN
        PERFORM rctd.arm_learnt(in_trial, account, asked.unit_id, asked.arm_unit_id, asked.kind, in_unblinding, NULL, account);
    ELSE
        INSERT INTO rctd.unblinding_read VALUES (in_trial, rctd.uuid_now(), in_unblinding, account, rctd.clock());
    END IF;
    RETURN QUERY SELECT u.code, a.scheme, a.arm, a.allocated_at
                   FROM rctd.allocation a JOIN rctd.unit u ON u.trial_id = a.trial_id AND u.unit_id = a.unit_id
                  WHERE a.trial_id = in_trial AND a.unit_id = asked.arm_unit_id ORDER BY a.allocated_at, a.scheme;
END
$$;

-- Somebody was told an arm, and it is written down: by themselves, or by who coordinates or manages the trial.
CREATE FUNCTION rctd.arm_told(in_trial uuid, in_account uuid, in_unit uuid, in_source text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    account uuid := nullif(current_setting('rctd.account', true), '')::uuid;
    role text := coalesce(current_setting('rctd.actor_role', true), '');
    told_by uuid := rctd.arm_unit(in_trial, in_unit);
BEGIN
    PERFORM rctd.signed_in_role(in_trial, account, ARRAY[role]);
    IF in_account IS DISTINCT FROM account AND role NOT IN ('coordinator', 'trial-manager') THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'arm_told_by',
            MESSAGE = 'Coordinators and trial managers write down what others were told';
    END IF;
    IF told_by IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'unblinding_allocated',
            MESSAGE = 'Who has not been allocated has no arm';
    END IF;
    RETURN rctd.arm_learnt(in_trial, in_account, in_unit, told_by, 'told', NULL, in_source, account);
END
$$;
GRANT EXECUTE ON FUNCTION rctd.unblinding_ask(uuid, uuid, uuid, text, text), rctd.unblind(uuid, uuid, uuid, text, text),
    rctd.unblinding_arm(uuid, uuid) TO rctd_manager, rctd_blinded;
GRANT EXECUTE ON FUNCTION rctd.arm_told(uuid, uuid, uuid, text) TO rctd_app, rctd_manager, rctd_blinded;

-- A second person, in a role that may decide; who manages the trial and asks needs a statistician.
CREATE FUNCTION rctd.unblinding_decision_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    asked rctd.unblinding;
BEGIN
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.account_id, ARRAY[NEW.role]);
    SELECT * INTO asked FROM rctd.unblinding b WHERE b.trial_id = NEW.trial_id AND b.unblinding_id = NEW.unblinding_id;
    IF asked.kind IS DISTINCT FROM 'planned' THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'unblinding_decision_planned',
            MESSAGE = 'A planned unblinding is decided on';
    END IF;
    IF asked.account_id = NEW.account_id OR asked.role = NEW.role THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'unblinding_two_people',
            MESSAGE = 'Another person in another role decides on an unblinding';
    END IF;
    PERFORM rctd.signature_check(NEW.trial_id, NEW.account_id, 'unblind', 'unit/' || (SELECT u.code FROM rctd.unit u
        WHERE u.trial_id = NEW.trial_id AND u.unit_id = asked.unit_id), NULL);
    RETURN NEW;
END
$$;
CREATE TRIGGER unblinding_decision_check BEFORE INSERT ON rctd.unblinding_decision
    FOR EACH ROW EXECUTE FUNCTION rctd.unblinding_decision_check();

-- Identifiers in the order of their making (RFC 9562, version 7), so that the newest come last.
CREATE FUNCTION rctd.uuid_now() RETURNS uuid
    LANGUAGE plpgsql
AS $$
DECLARE
    random text := replace(gen_random_uuid()::text, '-', '');
BEGIN
    RETURN (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
            || '7' || substr(random, 1, 3) || '8' || substr(random, 4, 15))::uuid;
END
$$;

-- What an account must hear of: each has an inbox. `about` is the row that it is about.
CREATE TABLE rctd.notice (
    trial_id uuid NOT NULL,
    notice_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES rctd.account,
    kind text NOT NULL CHECK (kind IN ('unblinding-emergency', 'unblinding-asked', 'unblinding-approved',
        'unblinding-refused', 'unblinding-read', 'arm-told', 'password-code', 'password-set', 'password-changed',
        'password-removed')),
    unit_id uuid,
    about uuid,
    actor_id uuid NOT NULL REFERENCES rctd.account,
    at timestamptz NOT NULL,
    read_at timestamptz,
    PRIMARY KEY (trial_id, notice_id),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit
);
CREATE INDEX notice_of_account ON rctd.notice (trial_id, account_id, notice_id);
CREATE TRIGGER notice_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.notice
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('notice', 'notice_id', 'trial', '', '', '');
CREATE FUNCTION rctd.notice_kept() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.read_at IS NULL AND to_jsonb(NEW) - 'read_at' = to_jsonb(OLD) - 'read_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'notice_kept', MESSAGE = 'A notice is read once, and stays';
END
$$;
CREATE TRIGGER notice_kept BEFORE UPDATE OR DELETE ON rctd.notice
    FOR EACH ROW EXECUTE FUNCTION rctd.notice_kept();
CREATE TRIGGER notice_whole BEFORE TRUNCATE ON rctd.notice
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- A notice to everybody who has one of the roles on the trial and covers the unit, but to who did it.
CREATE FUNCTION rctd.notify_roles(in_trial uuid, in_kind text, in_unit uuid, in_about uuid, in_actor uuid, in_roles text[])
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO rctd.notice (trial_id, notice_id, account_id, kind, unit_id, about, actor_id, at)
    SELECT in_trial, rctd.uuid_now(), n.account_id, in_kind, in_unit, in_about, in_actor, rctd.clock()
      FROM (SELECT DISTINCT g.account_id
              FROM rctd.role_grant g
              JOIN rctd.unit u ON u.trial_id = in_trial AND u.unit_id = in_unit
             WHERE g.trial_id IN (in_trial, '00000000-0000-0000-0000-000000000000') AND g.revoked_at IS NULL
               AND g.role = ANY (in_roles) AND g.account_id <> in_actor
               AND (g.county IS NULL OR g.county = u.county) AND (g.site IS NULL OR g.site = u.site)) n;
END
$$;

CREATE FUNCTION rctd.unblinding_notify() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    asked rctd.unblinding;
BEGIN
    IF TG_TABLE_NAME = 'unblinding' THEN
        IF NEW.kind = 'planned' THEN
            PERFORM rctd.notify_roles(NEW.trial_id, 'unblinding-asked', NEW.unit_id, NEW.unblinding_id, NEW.account_id,
                ARRAY['trial-manager', 'statistician']);
        END IF;
    ELSIF TG_TABLE_NAME = 'unblinding_decision' THEN
        SELECT * INTO asked FROM rctd.unblinding b
         WHERE b.trial_id = NEW.trial_id AND b.unblinding_id = NEW.unblinding_id;
        INSERT INTO rctd.notice (trial_id, notice_id, account_id, kind, unit_id, about, actor_id, at)
        VALUES (NEW.trial_id, rctd.uuid_now(), asked.account_id, 'unblinding-' || NEW.decision, asked.unit_id,
            NEW.unblinding_id, NEW.account_id, rctd.clock());
    ELSE
        PERFORM rctd.notify_roles(NEW.trial_id, CASE NEW.how WHEN 'told' THEN 'arm-told' WHEN 'planned' THEN 'unblinding-read'
            ELSE 'unblinding-emergency' END, NEW.unit_id, coalesce(NEW.unblinding_id, NEW.knowledge_id), NEW.account_id,
            ARRAY['coordinator', 'trial-manager', 'auditor']);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER unblinding_notify AFTER INSERT ON rctd.unblinding
    FOR EACH ROW EXECUTE FUNCTION rctd.unblinding_notify();
CREATE TRIGGER unblinding_decision_notify AFTER INSERT ON rctd.unblinding_decision
    FOR EACH ROW EXECUTE FUNCTION rctd.unblinding_notify();
CREATE TRIGGER arm_knowledge_notify AFTER INSERT ON rctd.arm_knowledge
    FOR EACH ROW EXECUTE FUNCTION rctd.unblinding_notify();

-- An account hears of each change of what it signs with, on every trial that it works in: who has its token without
-- being its owner is found out by the owner.
CREATE FUNCTION rctd.password_notify() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    whose uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
BEGIN
    INSERT INTO rctd.notice (trial_id, notice_id, account_id, kind, actor_id, at)
    SELECT g.trial_id, rctd.uuid_now(), whose,
           CASE WHEN TG_TABLE_NAME = 'password_code' THEN 'password-code' WHEN TG_OP = 'INSERT' THEN 'password-set'
                WHEN TG_OP = 'UPDATE' THEN 'password-changed' ELSE 'password-removed' END,
           coalesce(rctd.who_signs(), whose), rctd.clock()
      FROM (SELECT DISTINCT r.trial_id FROM rctd.role_grant r JOIN rctd.trial t ON t.trial_id = r.trial_id
             WHERE r.account_id = whose AND r.revoked_at IS NULL) g;
    RETURN NULL;
END
$$;
CREATE TRIGGER password_notify AFTER INSERT OR UPDATE OR DELETE ON rctd.account_password
    FOR EACH ROW EXECUTE FUNCTION rctd.password_notify();
CREATE TRIGGER password_notify AFTER INSERT OR UPDATE ON rctd.password_code
    FOR EACH ROW EXECUTE FUNCTION rctd.password_notify();

-- Blinded roles see what they asked for and learnt themselves; everybody the notices that are theirs, an auditor the records of all.
CREATE FUNCTION rctd.acting_account() RETURNS uuid
    LANGUAGE plpgsql STABLE
    AS $$ BEGIN RETURN nullif(current_setting('rctd.account', true), '')::uuid; END $$;
GRANT EXECUTE ON FUNCTION rctd.acting_account() TO rctd_app, rctd_manager, rctd_blinded;
ALTER TABLE rctd.unblinding ENABLE ROW LEVEL SECURITY;
CREATE POLICY unblinding_all ON rctd.unblinding TO rctd_app, rctd_manager USING (true);
CREATE POLICY unblinding_own ON rctd.unblinding TO rctd_blinded USING (account_id = rctd.acting_account());
ALTER TABLE rctd.unblinding_decision ENABLE ROW LEVEL SECURITY;
CREATE POLICY unblinding_decision_all ON rctd.unblinding_decision TO rctd_app, rctd_manager USING (true);
CREATE POLICY unblinding_decision_own ON rctd.unblinding_decision TO rctd_blinded USING (EXISTS (SELECT FROM rctd.unblinding b
    WHERE b.trial_id = unblinding_decision.trial_id AND b.unblinding_id = unblinding_decision.unblinding_id));
ALTER TABLE rctd.unblinding_read ENABLE ROW LEVEL SECURITY;
CREATE POLICY unblinding_read_all ON rctd.unblinding_read TO rctd_app, rctd_manager USING (true);
CREATE POLICY unblinding_read_own ON rctd.unblinding_read TO rctd_blinded USING (account_id = rctd.acting_account());
ALTER TABLE rctd.arm_knowledge ENABLE ROW LEVEL SECURITY;
CREATE POLICY arm_knowledge_all ON rctd.arm_knowledge TO rctd_app, rctd_manager USING (true);
CREATE POLICY arm_knowledge_own ON rctd.arm_knowledge TO rctd_blinded USING (account_id = rctd.acting_account());
ALTER TABLE rctd.notice ENABLE ROW LEVEL SECURITY;
CREATE POLICY notice_own ON rctd.notice TO rctd_app, rctd_manager, rctd_blinded USING (account_id = rctd.acting_account());
CREATE POLICY notice_records ON rctd.notice FOR SELECT TO rctd_app USING (current_setting('rctd.actor_role', true) = 'auditor');

-- The answer to an emergency names an arm: it is kept for who asked, and told again to nobody else.
CREATE POLICY idempotency_unblinding ON rctd.idempotency TO rctd_blinded, rctd_manager
    USING (restricted AND account_id = rctd.acting_account() AND EXISTS (SELECT FROM rctd.unblinding b
        WHERE b.trial_id = idempotency.trial_id AND b.idempotency_key = idempotency.key AND b.kind = 'emergency'
          AND b.account_id = idempotency.account_id));

GRANT SELECT ON rctd.unblinding, rctd.unblinding_decision, rctd.unblinding_read, rctd.arm_knowledge, rctd.notice
    TO rctd_app, rctd_manager, rctd_blinded;
GRANT INSERT ON rctd.unblinding_decision TO rctd_app, rctd_manager;
GRANT UPDATE (read_at) ON rctd.notice TO rctd_app, rctd_manager, rctd_blinded;
