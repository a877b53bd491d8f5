-- 0011: the one function that says whether something may be done with a unit now, the rules that it reads and
-- the stops that it heeds; the texts that people sign, and links by which they do so without an account.

-- What can be done with a unit, what can be stopped, and which stop stops what; rctd/trial/consent.h has the
-- same rows. `ever`: a yes that was given once is enough, whatever came after it: only an erasure and a
-- stop are heeded still.
CREATE TABLE rctd.consent_action (
    action text PRIMARY KEY,
    ordinal integer NOT NULL UNIQUE,
    ever boolean NOT NULL
);
INSERT INTO rctd.consent_action (action, ordinal, ever) VALUES
    ('allocate', 1, false), ('data', 2, false), ('intervention', 3, false), ('interview', 4, false),
    ('audio', 5, false), ('contact', 6, false), ('sms', 7, false), ('linkage', 8, false),
    ('future-contact', 9, false), ('export', 10, true);
CREATE TABLE rctd.consent_stop (
    stop text PRIMARY KEY,
    ordinal integer NOT NULL UNIQUE
);
INSERT INTO rctd.consent_stop (stop, ordinal) VALUES
    ('intervention', 1), ('questionnaires', 2), ('interviews', 3), ('sms', 4), ('linkage', 5), ('contact', 6),
    ('data-use', 7);
CREATE TABLE rctd.consent_stopped (
    action text NOT NULL REFERENCES rctd.consent_action,
    stop text NOT NULL REFERENCES rctd.consent_stop,
    PRIMARY KEY (action, stop)
);
INSERT INTO rctd.consent_stopped (action, stop) VALUES
    ('allocate', 'intervention'), ('allocate', 'data-use'), ('data', 'questionnaires'),
    ('intervention', 'intervention'), ('interview', 'interviews'), ('interview', 'contact'),
    ('audio', 'interviews'), ('audio', 'contact'), ('contact', 'contact'), ('sms', 'sms'), ('sms', 'contact'),
    ('linkage', 'linkage'), ('future-contact', 'contact'), ('export', 'data-use');

-- The first and the last moment of a civil day where the trial is. Clocks that change at midnight make a day begin at
-- one o'clock, or twice: then with the first.
CREATE FUNCTION rctd.day_begins(in_trial uuid, in_day date) RETURNS timestamptz
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    zone text := (SELECT t.time_zone FROM rctd.trial t WHERE t.trial_id = in_trial);
    midnight timestamptz := in_day::timestamp AT TIME ZONE zone;
BEGIN
    RETURN CASE WHEN ((midnight - interval '1 hour') AT TIME ZONE zone)::date = in_day
                THEN midnight - interval '1 hour' ELSE midnight END;
END
$$;
CREATE FUNCTION rctd.day_ends(in_trial uuid, in_day date) RETURNS timestamptz
    LANGUAGE plpgsql STABLE
    AS $$ BEGIN RETURN rctd.day_begins(in_trial, in_day + 1) - interval '1 microsecond'; END $$;

-- What a locked version of the protocol asks for: worked out by the daemon, which can read a protocol, and
-- stored with the lock. The row of consent_set comes last and closes the others: a version without it lets
-- nothing be done.
CREATE TABLE rctd.consent_set (
    trial_id uuid NOT NULL,
    version integer NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    unasked text[] NOT NULL DEFAULT '{}', -- actions that nobody is asked for: they are done with no participant
    PRIMARY KEY (trial_id, version),
    FOREIGN KEY (trial_id, version) REFERENCES rctd.protocol_version
);
-- A form as that version has it. It came into force with the first version of the protocol that has this
-- version of it; who signed an older one signs anew where `reconsent` says so: the actions in `waits` wait
-- from then on, the others when `within_days` are over.
CREATE TABLE rctd.consent_form (
    trial_id uuid NOT NULL,
    version integer NOT NULL,
    form text NOT NULL,
    signed_by text NOT NULL CHECK (signed_by IN ('workplace', 'participant')),
    form_version integer NOT NULL CHECK (form_version > 0),
    scopes jsonb NOT NULL CHECK (jsonb_typeof(scopes) = 'array'),
    languages jsonb NOT NULL CHECK (jsonb_typeof(languages) = 'array'),
    texts jsonb NOT NULL CHECK (jsonb_typeof(texts) = 'object'), -- language to SHA-256, where the protocol pins it
    legal_basis text,
    reconsent text CHECK (reconsent IN ('all', 'not-allocated')),
    within_days integer CHECK (within_days > 0),
    waits text[],
    in_force_at timestamptz NOT NULL,
    signed_from timestamptz, -- nobody has signed it before; NULL: not known
    PRIMARY KEY (trial_id, version, form),
    FOREIGN KEY (trial_id, version) REFERENCES rctd.protocol_version,
    CONSTRAINT reconsent_says_by_when CHECK ((reconsent IS NULL) = (within_days IS NULL) AND (reconsent IS NULL) = (waits IS NULL))
);
-- A scope that must have been said yes to before the action; of `task/NAME`, what the task itself asks for
-- beside its action.
CREATE TABLE rctd.consent_rule (
    trial_id uuid NOT NULL,
    version integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('workplace', 'participant')),
    action text NOT NULL CHECK (action ~ '^(task/)?[a-z0-9][a-z0-9_.-]{0,62}$'),
    form text NOT NULL,
    scope text NOT NULL,
    PRIMARY KEY (trial_id, version, kind, action, form, scope),
    FOREIGN KEY (trial_id, version, form) REFERENCES rctd.consent_form
);
-- Which action a task is.
CREATE TABLE rctd.consent_task (
    trial_id uuid NOT NULL,
    task text NOT NULL,
    version integer NOT NULL,
    action text NOT NULL REFERENCES rctd.consent_action,
    PRIMARY KEY (trial_id, task, version),
    FOREIGN KEY (trial_id, version) REFERENCES rctd.protocol_version
);

CREATE FUNCTION rctd.consent_rules_closed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_TABLE_NAME <> 'consent_set' AND EXISTS (SELECT FROM rctd.consent_set s
            WHERE s.trial_id = NEW.trial_id AND s.version = NEW.version) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'consent_rules_closed',
            MESSAGE = 'The consents that a locked version asks for never change; submit an amendment';
    END IF;
    IF NOT EXISTS (SELECT FROM rctd.protocol_version v
                    WHERE v.trial_id = NEW.trial_id AND v.version = NEW.version AND v.state = 'locked') THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'consent_rules_locked',
            MESSAGE = 'The consents that are asked for follow from a locked version';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER consent_set_closed BEFORE INSERT ON rctd.consent_set
    FOR EACH ROW EXECUTE FUNCTION rctd.consent_rules_closed();
CREATE TRIGGER consent_form_closed BEFORE INSERT ON rctd.consent_form
    FOR EACH ROW EXECUTE FUNCTION rctd.consent_rules_closed();
CREATE TRIGGER consent_rule_closed BEFORE INSERT ON rctd.consent_rule
    FOR EACH ROW EXECUTE FUNCTION rctd.consent_rules_closed();
CREATE TRIGGER consent_task_closed BEFORE INSERT ON rctd.consent_task
    FOR EACH ROW EXECUTE FUNCTION rctd.consent_rules_closed();
CREATE TRIGGER consent_set_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.consent_set
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER consent_form_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.consent_form
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER consent_rule_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.consent_rule
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER consent_task_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.consent_task
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();

-- A version's rules are one row of the trail.
CREATE FUNCTION rctd.audit_consent_set() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rctd.audit_append(NEW.trial_id, 'trial', 'consent-rules', NEW.version::text, NULL, jsonb_build_object(
        'version', NEW.version,
        'forms', (SELECT coalesce(jsonb_agg(to_jsonb(f) - 'trial_id' - 'version' ORDER BY f.form), '[]')
                    FROM rctd.consent_form f WHERE f.trial_id = NEW.trial_id AND f.version = NEW.version),
        'rules', (SELECT coalesce(jsonb_agg(to_jsonb(r) - 'trial_id' - 'version' ORDER BY r.kind, r.action, r.form, r.scope), '[]')
                    FROM rctd.consent_rule r WHERE r.trial_id = NEW.trial_id AND r.version = NEW.version),
        'unasked', NEW.unasked), 'insert');
    RETURN NULL;
END
$$;
CREATE TRIGGER consent_set_audit AFTER INSERT ON rctd.consent_set
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_consent_set();

-- What a person, or somebody for them, wants stopped, and what may go on again; the latest of each stop
-- counts. Nobody has to give a reason; where one is given it is a word from a list, never free text.
CREATE TABLE rctd.stop (
    trial_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    ordinal integer NOT NULL CHECK (ordinal > 0),
    stop text NOT NULL REFERENCES rctd.consent_stop,
    decision text NOT NULL CHECK (decision IN ('stop', 'resume')),
    decided_by text NOT NULL CHECK (decided_by IN ('participant', 'representative', 'staff')),
    how text NOT NULL CHECK (how IN ('paper', 'link', 'phone')),
    reason text CHECK (reason ~ '^[a-z0-9][a-z0-9_.-]{0,62}$'),
    decided_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL REFERENCES rctd.account,
    decided_on date, -- where no more than the day was said
    PRIMARY KEY (trial_id, unit_id, ordinal),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit,
    CONSTRAINT stop_decided_before_recorded CHECK (decided_at <= recorded_at)
);
CREATE TRIGGER stop_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.stop
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER stop_audit AFTER INSERT ON rctd.stop
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('stop', 'ordinal', 'unit:', 'unit_id', '', '');

-- The stops in force, as a JSON array.
CREATE FUNCTION rctd.stops_of(in_trial uuid, in_unit uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN coalesce((SELECT jsonb_agg(s.stop ORDER BY s.stop) FROM rctd.stop s
                      WHERE s.trial_id = in_trial AND s.unit_id = in_unit AND s.decision = 'stop'
                        AND NOT EXISTS (SELECT FROM rctd.stop l WHERE l.trial_id = in_trial AND l.unit_id = in_unit
                                           AND l.stop = s.stop AND l.ordinal > s.ordinal)), '[]');
END
$$;

-- Was the person erased? What erases says so in its own way.
CREATE FUNCTION rctd.unit_erased(in_trial uuid, in_unit uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS 'BEGIN RETURN false; END';

-- Was a scope ever said yes to?
CREATE FUNCTION rctd.said_yes_once(in_trial uuid, in_unit uuid, in_form text, in_scope text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (SELECT FROM rctd.consent c
                    WHERE c.trial_id = in_trial AND c.unit_id = in_unit AND c.form = in_form
                      AND c.decision = 'given' AND c.scopes ->> in_scope = 'true');
END
$$;

-- Does a signed version of a form no longer do for an action, because a newer one asks for a signature of its
-- own? Each newer version counts as the latest protocol that has it says, from the day it came into force: an
-- amendment gives nobody more time for the one before.
CREATE FUNCTION rctd.must_reconsent(
    in_trial uuid, in_unit uuid, in_form text, in_signed integer, in_version integer, in_actions text[]
) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM rctd.consent_form n
         WHERE n.trial_id = in_trial AND n.form = in_form AND n.version <= in_version
           AND n.form_version > in_signed AND n.reconsent IS NOT NULL
           AND NOT EXISTS (SELECT FROM rctd.consent_form l
                            WHERE l.trial_id = in_trial AND l.form = in_form AND l.form_version = n.form_version
                              AND l.version > n.version AND l.version <= in_version)
           AND (n.waits && in_actions OR n.in_force_at + make_interval(days => n.within_days) <= rctd.clock())
           AND (n.reconsent = 'all' OR NOT EXISTS (
                SELECT FROM rctd.allocation a WHERE a.trial_id = in_trial AND (a.unit_id = in_unit OR a.unit_id IN (
                    SELECT m.workplace_id FROM rctd.cluster_member m WHERE m.trial_id = in_trial AND m.unit_id = in_unit)))));
END
$$;

-- Does the action ask a consent of such units, by the version in force? What nobody signs for is no question.
CREATE FUNCTION rctd.action_asks(in_trial uuid, in_kind text, in_action text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN EXISTS (SELECT FROM rctd.consent_rule r
                    WHERE r.trial_id = in_trial AND r.kind = in_kind AND r.action = in_action
                      AND r.version = (SELECT max(v.version) FROM rctd.protocol_version v
                                        WHERE v.trial_id = in_trial AND v.state = 'locked'));
END
$$;

-- May this be done with these units, now? Each unit with the action beside it in the other array; what is asked
-- twice is answered twice. NULL is yes; otherwise one word: erased; out (it, or the workplace of the participant,
-- has withdrawn altogether); withdrawn (a stop, the form, or the scope); declined; not-in-protocol (it asks
-- nobody for that); never-asked; old-version (an amended form waits). Of several objections the first in this order. `task/NAME` is the action of that task's kind
-- and what the task itself asks for beside it; a task that the version in force no longer has keeps to the last
-- version that had it.
-- Who acts on the answer holds the unit's row, FOR SHARE at least, since an earlier statement of the same
-- transaction; what takes a permission back takes that row FOR UPDATE. It is planned once, for any number of units:
-- each row is looked up by its key (a first day of employment beyond all bounds names the key's index), and what
-- says (SELECT true ...) is looked up for one unit, never read for all.
CREATE FUNCTION rctd.objections(in_trial uuid, in_units uuid[], in_actions text[])
    RETURNS TABLE (unit_id uuid, action text, objection text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    in_force integer;
    nobody_asked text[];
    answered integer;
BEGIN
    IF in_units IS NULL THEN
        RETURN;
    END IF;
    SELECT s.version, s.unasked INTO in_force, nobody_asked FROM rctd.consent_set s
                  WHERE s.trial_id = in_trial AND s.version = (SELECT p.version FROM rctd.protocol_version p
                                                                WHERE p.trial_id = in_trial AND p.state = 'locked'
                                                                ORDER BY p.version DESC LIMIT 1);
    IF in_force IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'may_needs_rules',
            MESSAGE = 'Which consents are needed is not known: no protocol is in force, or rctd has to be started anew';
    END IF;
    RETURN QUERY
    WITH meant AS MATERIALIZED ( -- what each action is, and the version whose task is asked about
        SELECT a.action, k.action AS base, k.ever, t.version AS task_version
          FROM (SELECT DISTINCT unnest(in_actions) AS action) a
          LEFT JOIN LATERAL (SELECT t.action, t.version FROM rctd.consent_task t
                              WHERE a.action LIKE 'task/%' AND t.trial_id = in_trial AND t.task = substr(a.action, 6)
                                AND t.version <= in_force
                              ORDER BY t.version DESC LIMIT 1) t ON true
          JOIN rctd.consent_action k ON k.action = coalesce(t.action, a.action)
    ), rule AS MATERIALIZED ( -- the scopes that each action asks for, of the form as it is in force
        SELECT m.action, m.base, m.ever, r.kind, r.form, r.scope, f.form_version
          FROM meant m
         CROSS JOIN LATERAL (
               SELECT x.kind, x.form, x.scope FROM rctd.consent_rule x
                WHERE x.trial_id = in_trial AND x.version = in_force AND x.action = m.base
               UNION
               SELECT x.kind, x.form, x.scope FROM rctd.consent_rule x
                WHERE x.trial_id = in_trial AND x.version = m.task_version AND x.action = m.action) r
          LEFT JOIN rctd.consent_form f ON f.trial_id = in_trial AND f.version = in_force AND f.form = r.form
    )
    SELECT u.unit_id, m.action, CASE
           WHEN (SELECT true FROM rctd.erasure e WHERE e.trial_id = in_trial AND e.unit_id = u.unit_id) THEN 'erased'
           WHEN NOT m.ever AND u.state = 'withdrawn' THEN 'out'
           WHEN NOT m.ever AND u.kind = 'participant' AND (
                SELECT true FROM rctd.employment e JOIN rctd.unit w ON w.trial_id = in_trial AND w.unit_id = e.workplace_id
                 WHERE e.trial_id = in_trial AND e.unit_id = u.unit_id AND e.from_on > '-infinity' AND e.to_on IS NULL
                   AND w.state = 'withdrawn' LIMIT 1) THEN 'out'
           WHEN (SELECT true FROM rctd.stop s JOIN rctd.consent_stopped k ON k.action = m.base AND k.stop = s.stop
                  WHERE s.trial_id = in_trial AND s.unit_id = u.unit_id AND s.decision = 'stop'
                    AND NOT EXISTS (SELECT FROM rctd.stop l WHERE l.trial_id = in_trial AND l.unit_id = u.unit_id
                                       AND l.stop = s.stop AND l.ordinal > s.ordinal) LIMIT 1) THEN 'withdrawn'
           ELSE (
                SELECT o.word FROM (
                    SELECT CASE
                           WHEN c.ordinal IS NULL THEN 'never-asked'
                           WHEN r.ever AND rctd.said_yes_once(in_trial, u.unit_id, r.form, r.scope) THEN NULL
                           WHEN c.decision = 'withdrawn' THEN 'withdrawn'
                           WHEN c.scopes -> r.scope IS NULL AND c.form_version < r.form_version THEN 'old-version'
                           WHEN c.scopes -> r.scope IS NULL THEN 'never-asked'
                           WHEN c.scopes ->> r.scope <> 'true' AND rctd.said_yes_once(in_trial, u.unit_id, r.form, r.scope) THEN 'withdrawn'
                           WHEN c.scopes ->> r.scope <> 'true' THEN 'declined'
                           WHEN c.form_version < r.form_version
                                AND (r.base = 'allocate' OR rctd.must_reconsent(in_trial, u.unit_id, r.form, c.form_version, in_force,
                                                                                ARRAY[r.base])) THEN 'old-version'
                           END AS word
                      FROM rule r
                      LEFT JOIN LATERAL (SELECT e.ordinal, e.decision, e.scopes, e.form_version FROM rctd.consent e
                                          WHERE e.trial_id = in_trial AND e.unit_id = u.unit_id AND e.form = r.form
                                          ORDER BY e.ordinal DESC LIMIT 1) c ON true
                     WHERE r.action = m.action AND r.kind = u.kind
                    UNION ALL
                    SELECT 'not-in-protocol' WHERE u.kind = 'participant' AND m.base = ANY (nobody_asked)) o
                 WHERE o.word IS NOT NULL
                 ORDER BY array_position(ARRAY['withdrawn', 'declined', 'not-in-protocol', 'never-asked', 'old-version'], o.word) LIMIT 1)
           END
      FROM unnest(in_units, in_actions) AS a (unit_id, action)
      JOIN rctd.unit u ON u.trial_id = in_trial AND u.unit_id = a.unit_id
      JOIN meant m ON m.action = a.action;
    GET DIAGNOSTICS answered = ROW_COUNT;
    IF answered <> cardinality(in_units) THEN
        IF EXISTS (SELECT FROM unnest(in_units) i (unit_id) WHERE NOT EXISTS (
                SELECT FROM rctd.unit u WHERE u.trial_id = in_trial AND u.unit_id = i.unit_id)) THEN
            RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'may_knows_the_unit',
                MESSAGE = 'There is no such unit';
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'may_knows_the_action',
            MESSAGE = format('There is no action called %s', (
                SELECT string_agg(DISTINCT a.action, ', ') FROM unnest(in_actions) a (action)
                 WHERE NOT EXISTS (SELECT FROM rctd.consent_action k WHERE k.action = a.action)
                   AND NOT EXISTS (SELECT FROM rctd.consent_task t WHERE t.trial_id = in_trial AND 'task/' || t.task = a.action
                                                                     AND t.version <= in_force)));
    END IF;
END
$$;

-- The same of one unit and action.
CREATE FUNCTION rctd.may(in_trial uuid, in_unit uuid, in_action text) RETURNS text
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN (SELECT o.objection FROM rctd.objections(in_trial, ARRAY[in_unit], ARRAY[in_action]) o);
END
$$;

-- Beside allocation_check, and behind it: triggers run in the order of their names, and that one has locked
-- the unit.
CREATE FUNCTION rctd.allocation_consent() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF rctd.may(NEW.trial_id, NEW.unit_id, 'allocate') IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'allocation_consent',
            MESSAGE = 'Nobody is allocated without the consents that must come before it';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER allocation_consent BEFORE INSERT ON rctd.allocation
    FOR EACH ROW EXECUTE FUNCTION rctd.allocation_consent();

-- The texts that forms show, each in its language, byte for byte. What a signature was given to is known by the
-- text's hash.
CREATE TABLE rctd.consent_text (
    trial_id uuid NOT NULL REFERENCES rctd.trial,
    text_id uuid NOT NULL DEFAULT gen_random_uuid(),
    form text NOT NULL,
    form_version integer NOT NULL CHECK (form_version > 0),
    language text NOT NULL CHECK (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
    text text NOT NULL CHECK (octet_length(text) BETWEEN 1 AND 200000),
    sha256 bytea NOT NULL CHECK (sha256 = sha256(convert_to(text, 'UTF8'))),
    submitted_at timestamptz NOT NULL,
    submitted_by uuid NOT NULL REFERENCES rctd.account,
    PRIMARY KEY (trial_id, form, form_version, language),
    UNIQUE (trial_id, text_id)
);
CREATE TRIGGER consent_text_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.consent_text
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER consent_text_audit AFTER INSERT ON rctd.consent_text
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('consent-text', 'text_id', 'trial', '', '', 'text');

-- A text is of a form of the protocol, in one of its languages, and the one that the protocol names where it
-- names one.
CREATE FUNCTION rctd.consent_text_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    form rctd.consent_form;
BEGIN
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.submitted_by, ARRAY['trial-manager']);
    SELECT f.* INTO form FROM rctd.consent_form f
     WHERE f.trial_id = NEW.trial_id AND f.form = NEW.form AND f.form_version = NEW.form_version
     ORDER BY f.version DESC LIMIT 1;
    IF NOT FOUND OR NOT form.languages ? NEW.language THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'consent_text_of_a_form',
            MESSAGE = 'A text is of a form of a locked protocol, in its version and one of its languages';
    END IF;
    IF form.texts ? NEW.language AND form.texts ->> NEW.language <> encode(NEW.sha256, 'hex') THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'consent_text_as_the_protocol_says',
            MESSAGE = 'This is not the text whose SHA-256 the protocol names';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER consent_text_check BEFORE INSERT ON rctd.consent_text
    FOR EACH ROW EXECUTE FUNCTION rctd.consent_text_check();

-- A link that lets one participant read one form and decide on it, once, without an account. Its token is shown
-- when it is made and never again; kept is its SHA-256.
CREATE TABLE rctd.consent_link (
    trial_id uuid NOT NULL,
    link_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    form text NOT NULL,
    token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    issued_at timestamptz NOT NULL,
    issued_by uuid NOT NULL REFERENCES rctd.account,
    expires_at timestamptz NOT NULL, -- of the real clock, as tokens
    PRIMARY KEY (trial_id, link_id),
    UNIQUE (trial_id, token_hash),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.participant,
    CONSTRAINT link_ends_within_a_quarter CHECK (expires_at <= issued_at + interval '92 days')
);
CREATE INDEX consent_link_of_unit ON rctd.consent_link (trial_id, unit_id);
CREATE TRIGGER consent_link_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.consent_link
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER consent_link_audit AFTER INSERT ON rctd.consent_link
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('consent-link', 'link_id', 'unit:', 'unit_id', '', 'token_hash');
-- What was shown through a link, each time.
CREATE TABLE rctd.consent_opening (
    trial_id uuid NOT NULL,
    link_id uuid NOT NULL,
    ordinal integer NOT NULL CHECK (ordinal > 0),
    unit_id uuid NOT NULL,
    form_version integer NOT NULL,
    language text NOT NULL,
    opened_at timestamptz NOT NULL,
    PRIMARY KEY (trial_id, link_id, ordinal),
    FOREIGN KEY (trial_id, link_id) REFERENCES rctd.consent_link,
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.participant
);
CREATE TRIGGER consent_opening_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.consent_opening
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER consent_opening_audit AFTER INSERT ON rctd.consent_opening
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('consent-opening', 'link_id', 'unit:', 'unit_id', '', '');
-- A link ends once: it was used, or somebody took it back.
CREATE TABLE rctd.consent_link_end (
    trial_id uuid NOT NULL,
    link_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    ended text NOT NULL CHECK (ended IN ('used', 'revoked')),
    ended_at timestamptz NOT NULL,
    ended_by uuid REFERENCES rctd.account,
    PRIMARY KEY (trial_id, link_id),
    FOREIGN KEY (trial_id, link_id) REFERENCES rctd.consent_link,
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.participant,
    CONSTRAINT revoked_by_somebody CHECK ((ended = 'revoked') = (ended_by IS NOT NULL))
);
CREATE TRIGGER consent_link_end_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.consent_link_end
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER consent_link_end_audit AFTER INSERT ON rctd.consent_link_end
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('consent-link-end', 'link_id', 'unit:', 'unit_id', '', '');

-- A link is for a form that participants sign and whose text is there to be read.
CREATE FUNCTION rctd.consent_link_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.issued_by, ARRAY['coordinator']);
    PERFORM FROM rctd.unit u WHERE u.trial_id = NEW.trial_id AND u.unit_id = NEW.unit_id FOR SHARE;
    IF rctd.unit_erased(NEW.trial_id, NEW.unit_id) OR EXISTS (SELECT FROM rctd.unit u
            WHERE u.trial_id = NEW.trial_id AND u.unit_id = NEW.unit_id AND u.state = 'withdrawn') THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'consent_link_in_the_trial',
            MESSAGE = 'Who has withdrawn altogether is sent no link';
    END IF;
    IF NOT EXISTS (SELECT FROM rctd.consent_form f
                     JOIN rctd.consent_text t ON t.trial_id = f.trial_id AND t.form = f.form AND t.form_version = f.form_version
                    WHERE f.trial_id = NEW.trial_id AND f.form = NEW.form AND f.signed_by = 'participant'
                      AND f.version = (SELECT max(v.version) FROM rctd.protocol_version v
                                        WHERE v.trial_id = NEW.trial_id AND v.state = 'locked')) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'consent_link_has_a_text',
            MESSAGE = format('There is no text to show yet of the form %s in the version in force; the trial manager submits it', NEW.form);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER consent_link_check BEFORE INSERT ON rctd.consent_link
    FOR EACH ROW EXECUTE FUNCTION rctd.consent_link_check();

CREATE FUNCTION rctd.consent_link_end_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM rctd.unit u WHERE u.trial_id = NEW.trial_id AND u.unit_id = NEW.unit_id FOR UPDATE;
    IF NEW.ended = 'revoked' THEN
        PERFORM rctd.signed_in_role(NEW.trial_id, NEW.ended_by, ARRAY['coordinator', 'trial-manager']);
    ELSIF NOT EXISTS (SELECT FROM rctd.consent c WHERE c.trial_id = NEW.trial_id AND c.unit_id = NEW.unit_id
                         AND c.link_id = NEW.link_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'consent_link_used',
            MESSAGE = 'A link is used by a decision';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER consent_link_end_check BEFORE INSERT ON rctd.consent_link_end
    FOR EACH ROW EXECUTE FUNCTION rctd.consent_link_end_check();

-- What an event of the ledger says besides: the hash of the text that was read, the legal basis apart from the
-- consent, and the link that it came by; then nobody else has recorded it.
ALTER TABLE rctd.consent
    ADD COLUMN text_sha256 bytea CHECK (octet_length(text_sha256) = 32),
    ADD COLUMN legal_basis text,
    ADD COLUMN link_id uuid,
    ADD COLUMN decided_on date, -- where no more than the day was said
    ALTER COLUMN recorded_by DROP NOT NULL,
    ADD CONSTRAINT recorded_by_somebody CHECK ((recorded_by IS NULL) = (link_id IS NOT NULL)),
    ADD CONSTRAINT consent_by_link FOREIGN KEY (trial_id, link_id) REFERENCES rctd.consent_link;
CREATE UNIQUE INDEX consent_of_link ON rctd.consent (trial_id, link_id) WHERE link_id IS NOT NULL;

-- Of what was decided on a day whose time nobody said, a yes counts from the day's first moment, and a no to its
-- last, never later than it was written down: of two decisions of one day whose order was not told, the no holds.
CREATE FUNCTION rctd.day_decided(in_trial uuid, in_day date, yes boolean) RETURNS timestamptz
    LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF rctd.day_begins(in_trial, in_day) > rctd.clock() THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'decided_in_the_past',
            MESSAGE = 'Nobody has decided what lies in the future';
    END IF;
    RETURN CASE WHEN yes THEN rctd.day_begins(in_trial, in_day)
                ELSE least(rctd.day_ends(in_trial, in_day), rctd.clock()) END;
END
$$;

-- Why a yes does not end a no that counts until then, for a coordinator: what would order the two of one day is said.
CREATE FUNCTION rctd.no_is_later(in_trial uuid, no text, no_until timestamptz, no_on date, yes_at timestamptz, yes_on date)
    RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    zone text := (SELECT t.time_zone FROM rctd.trial t WHERE t.trial_id = in_trial);
    same_day boolean := (no_until AT TIME ZONE zone)::date = (yes_at AT TIME ZONE zone)::date;
    at text := to_char(no_until AT TIME ZONE zone, 'HH24:MI:SS');
BEGIN
    IF same_day AND no_on IS NOT NULL THEN
        RETURN format('%s on %s, nobody wrote down at what time, so that it counts until %s; only a later yes ends that', no, no_on,
            CASE WHEN no_until = rctd.day_ends(in_trial, no_on) THEN 'the end of that day' ELSE at END);
    ELSIF same_day AND yes_on IS NOT NULL THEN
        RETURN format('%s on that day at %s; if this came after it, write the time as well, such as %sT17:30', no, at, yes_on);
    END IF;
    RETURN format('%s after that; only a later yes ends that', no);
END
$$;

-- Holds the unit, so that whoever acts on an earlier answer comes before. The form is one that such a unit
-- signs; the text and the legal basis are those that are stored; a yes from before a withdrawal, that comes in
-- late, does not bring back what was withdrawn, nor a scope that was answered with no since; and nobody has said yes to
-- a version of a form before there was one.
CREATE FUNCTION rctd.consent_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    in_kind text;
    form rctd.consent_form;
    signed rctd.consent_form;
    stored bytea;
    refused record;
BEGIN
    SELECT u.kind INTO in_kind FROM rctd.unit u
     WHERE u.trial_id = NEW.trial_id AND u.unit_id = NEW.unit_id FOR UPDATE;
    IF NEW.link_id IS NULL THEN
        PERFORM rctd.signed_in_role(NEW.trial_id, NEW.recorded_by, ARRAY['coordinator']);
    ELSIF (rctd.daemon_acts() AND current_setting('role') <> 'rctd_link')
          OR NOT EXISTS (SELECT FROM rctd.consent_link l WHERE l.trial_id = NEW.trial_id AND l.link_id = NEW.link_id
                            AND l.unit_id = NEW.unit_id AND l.form = NEW.form) THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'signed_in_role',
            MESSAGE = 'Who has the link decides by it, nobody in their place';
    END IF;
    SELECT f.* INTO form FROM rctd.consent_form f
     WHERE f.trial_id = NEW.trial_id AND f.version = NEW.protocol_version AND f.form = NEW.form;
    IF NOT FOUND OR form.signed_by <> in_kind OR NEW.form_version > form.form_version THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'consent_of_the_form',
            MESSAGE = format('No such version of the form %s is signed by a %s', NEW.form, in_kind);
    END IF;
    SELECT f.* INTO signed FROM rctd.consent_form f
     WHERE f.trial_id = NEW.trial_id AND f.form = NEW.form AND f.form_version = NEW.form_version AND f.version <= NEW.protocol_version
     ORDER BY f.version DESC LIMIT 1;
    IF NEW.decided_on IS NOT NULL THEN
        NEW.decided_at := rctd.day_decided(NEW.trial_id, NEW.decided_on, NEW.decision = 'given');
    END IF;
    IF NEW.decided_on IS NOT NULL AND NEW.decision = 'given' THEN -- what came before it came before it on that day too
        SELECT greatest(NEW.decided_at, max(b.at)) INTO NEW.decided_at FROM (VALUES (NEW.shown_at), (signed.signed_from)) b (at)
         WHERE b.at <= least(rctd.day_ends(NEW.trial_id, NEW.decided_on), rctd.clock());
    END IF;
    IF NEW.decided_at > rctd.clock() THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'decided_in_the_past',
            MESSAGE = 'Nobody has decided what lies in the future';
    END IF;
    IF NEW.decision = 'given' AND NEW.decided_at < signed.signed_from THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'consent_of_a_version_in_force',
            MESSAGE = format('Version %s of the form %s came into force on %s; who decided before that has signed another version, or the time is wrong',
                NEW.form_version, NEW.form, (SELECT to_char(signed.signed_from AT TIME ZONE t.time_zone, 'YYYY-MM-DD "at" HH24:MI')
                                               FROM rctd.trial t WHERE t.trial_id = NEW.trial_id));
    END IF;
    NEW.legal_basis := form.legal_basis;
    SELECT t.sha256 INTO stored FROM rctd.consent_text t
     WHERE t.trial_id = NEW.trial_id AND t.form = NEW.form AND t.form_version = NEW.form_version AND t.language = NEW.language;
    IF NEW.text_sha256 IS NOT NULL AND NEW.text_sha256 IS DISTINCT FROM stored THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'consent_of_the_text',
            MESSAGE = CASE WHEN stored IS NULL
                THEN format('No text of the form %s, version %s, is stored in that language; the trial manager submits it', NEW.form, NEW.form_version)
                ELSE format('This is not the text of the form %s, version %s, in that language', NEW.form, NEW.form_version) END;
    END IF;
    NEW.text_sha256 := stored;
    SELECT n.* INTO refused FROM (
        SELECT c.decision, c.decided_on,
               CASE WHEN c.decided_on IS NULL THEN c.decided_at
                    ELSE least(rctd.day_ends(NEW.trial_id, c.decided_on), c.recorded_at) END AS until
          FROM rctd.consent c
         WHERE c.trial_id = NEW.trial_id AND c.unit_id = NEW.unit_id AND c.form = NEW.form
           AND (c.decision = 'withdrawn' OR EXISTS (SELECT FROM jsonb_each_text(NEW.scopes) s
                                                     WHERE s.value = 'true' AND c.scopes ->> s.key = 'false'))) n
     ORDER BY n.until DESC, n.decision DESC LIMIT 1;
    IF NEW.decision = 'given' AND NEW.decided_at < refused.until THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'consent_after_withdrawal',
            MESSAGE = rctd.no_is_later(NEW.trial_id, format(CASE refused.decision WHEN 'withdrawn' THEN 'The form %s was withdrawn'
                ELSE 'A part of the form %s was answered with no' END, NEW.form), refused.until, refused.decided_on,
                NEW.decided_at, NEW.decided_on);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER consent_check BEFORE INSERT ON rctd.consent
    FOR EACH ROW EXECUTE FUNCTION rctd.consent_check();

-- A unit with an allocation of its own that says no to what that needed is out of the trial, in the same moment; a
-- version that is not the one in force is no refusal.
CREATE FUNCTION rctd.consent_takes_out() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE rctd.unit u SET state = 'withdrawn', version = u.version + 1, changed_at = rctd.clock()
     WHERE u.trial_id = NEW.trial_id AND u.unit_id = NEW.unit_id AND u.state = 'allocated'
       AND EXISTS (SELECT FROM rctd.allocation l WHERE l.trial_id = u.trial_id AND l.unit_id = u.unit_id)
       AND EXISTS (SELECT FROM rctd.consent_rule r
                    WHERE r.trial_id = NEW.trial_id AND r.kind = u.kind AND r.action = 'allocate' AND r.form = NEW.form
                      AND r.version = NEW.protocol_version
                      AND (NEW.decision = 'withdrawn' OR NEW.scopes ->> r.scope IS DISTINCT FROM 'true'));
    RETURN NULL;
END
$$;
CREATE TRIGGER consent_takes_out AFTER INSERT ON rctd.consent
    FOR EACH ROW EXECUTE FUNCTION rctd.consent_takes_out();

-- The two things that a link can do. Who calls them has no account: the role rctd_link has no other right, and a
-- token that does not work, for whatever reason, gives no row. Nothing here tells who the participant is, where
-- they work or what they were allocated to.
CREATE FUNCTION rctd.consent_link_open(in_trial text, in_hash bytea, in_language text)
    RETURNS TABLE (title text, form text, form_version integer, language text, languages jsonb, text text,
                   text_sha256 bytea, scopes jsonb, legal_basis text, decision text, decided_at timestamptz,
                   decided_version integer, decided_scopes jsonb)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    link rctd.consent_link;
    shown record;
BEGIN
    SELECT l.* INTO link FROM rctd.consent_link l JOIN rctd.trial t ON t.trial_id = l.trial_id
     WHERE t.name = in_trial AND l.token_hash = in_hash AND l.expires_at > now();
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM FROM rctd.unit u WHERE u.trial_id = link.trial_id AND u.unit_id = link.unit_id FOR UPDATE;
    IF rctd.unit_erased(link.trial_id, link.unit_id)
       OR EXISTS (SELECT FROM rctd.consent_link_end e WHERE e.trial_id = link.trial_id AND e.link_id = link.link_id)
       OR EXISTS (SELECT FROM rctd.unit u WHERE u.trial_id = link.trial_id AND u.unit_id = link.unit_id AND u.state = 'withdrawn') THEN
        RETURN;
    END IF;
    SELECT f.form_version, f.scopes, f.legal_basis, x.language, x.text, x.sha256,
           (SELECT jsonb_agg(o.language ORDER BY o.language) FROM rctd.consent_text o
             WHERE o.trial_id = f.trial_id AND o.form = f.form AND o.form_version = f.form_version) AS languages
      INTO shown
      FROM rctd.consent_form f
      JOIN rctd.consent_text x ON x.trial_id = f.trial_id AND x.form = f.form AND x.form_version = f.form_version
     WHERE f.trial_id = link.trial_id AND f.form = link.form AND f.signed_by = 'participant'
       AND f.version = (SELECT max(v.version) FROM rctd.protocol_version v
                         WHERE v.trial_id = link.trial_id AND v.state = 'locked')
     ORDER BY x.language = in_language DESC NULLS LAST,
              array_position(ARRAY(SELECT jsonb_array_elements_text(f.languages)), x.language) LIMIT 1;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- A page that is loaded again and again is one opening a minute.
    INSERT INTO rctd.consent_opening (trial_id, link_id, ordinal, unit_id, form_version, language, opened_at)
    SELECT link.trial_id, link.link_id, 1 + coalesce(max(o.ordinal), 0), link.unit_id, shown.form_version, shown.language, rctd.clock()
      FROM rctd.consent_opening o WHERE o.trial_id = link.trial_id AND o.link_id = link.link_id
    HAVING count(*) FILTER (WHERE o.form_version = shown.form_version AND o.language = shown.language
                              AND o.opened_at > rctd.clock() - interval '1 minute') = 0
        OR (SELECT (l.form_version, l.language) IS DISTINCT FROM (shown.form_version, shown.language)
              FROM rctd.consent_opening l WHERE l.trial_id = link.trial_id AND l.link_id = link.link_id
             ORDER BY l.ordinal DESC LIMIT 1);
    RETURN QUERY
    SELECT t.title, link.form, shown.form_version, shown.language, shown.languages, shown.text, shown.sha256,
           shown.scopes, shown.legal_basis, c.decision, c.decided_at, c.form_version, c.scopes
      FROM rctd.trial t
      LEFT JOIN LATERAL (SELECT e.* FROM rctd.consent e
                          WHERE e.trial_id = link.trial_id AND e.unit_id = link.unit_id AND e.form = link.form
                          ORDER BY e.ordinal DESC LIMIT 1) c ON true
     WHERE t.trial_id = link.trial_id;
END
$$;

-- Decides on what was shown last through this link. Sent twice, the same decision is answered twice and stored
-- once; another one finds the link used.
CREATE FUNCTION rctd.consent_link_decide(in_trial text, in_hash bytea, in_consent uuid, in_version integer,
                                         in_decision text, in_scopes jsonb)
    RETURNS TABLE (consent_id uuid, form text, form_version integer, decision text, scopes jsonb, decided_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    link rctd.consent_link;
    shown rctd.consent_opening;
    asked rctd.consent_form;
    answers jsonb;
BEGIN
    SELECT l.* INTO link FROM rctd.consent_link l JOIN rctd.trial t ON t.trial_id = l.trial_id
     WHERE t.name = in_trial AND l.token_hash = in_hash AND l.expires_at > now();
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM FROM rctd.unit u WHERE u.trial_id = link.trial_id AND u.unit_id = link.unit_id FOR UPDATE;
    IF rctd.unit_erased(link.trial_id, link.unit_id) THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM rctd.consent_link_end e WHERE e.trial_id = link.trial_id AND e.link_id = link.link_id) THEN
        RETURN QUERY
        SELECT c.consent_id, c.form, c.form_version, c.decision, c.scopes, c.decided_at FROM rctd.consent c
         WHERE c.trial_id = link.trial_id AND c.unit_id = link.unit_id AND c.link_id = link.link_id
           AND c.decision = in_decision AND c.form_version = in_version
           AND (in_decision = 'withdrawn' OR c.scopes = in_scopes);
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM rctd.unit u WHERE u.trial_id = link.trial_id AND u.unit_id = link.unit_id AND u.state = 'withdrawn') THEN
        RETURN;
    END IF;
    SELECT f.* INTO asked FROM rctd.consent_form f
     WHERE f.trial_id = link.trial_id AND f.form = link.form AND f.signed_by = 'participant'
       AND f.version = (SELECT max(v.version) FROM rctd.protocol_version v
                         WHERE v.trial_id = link.trial_id AND v.state = 'locked');
    SELECT o.* INTO shown FROM rctd.consent_opening o
     WHERE o.trial_id = link.trial_id AND o.link_id = link.link_id ORDER BY o.ordinal DESC LIMIT 1;
    IF shown.form_version IS DISTINCT FROM in_version OR asked.form_version IS DISTINCT FROM in_version THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'consent_link_shown',
            MESSAGE = 'The text has changed since it was shown; open the link again, and read it';
    END IF;
    answers := in_scopes;
    IF in_decision = 'withdrawn' THEN
        SELECT jsonb_object_agg(s, false) INTO answers FROM jsonb_array_elements_text(asked.scopes) s;
    ELSIF answers IS NULL
          OR EXISTS (SELECT FROM jsonb_each(answers) a WHERE jsonb_typeof(a.value) <> 'boolean' OR NOT asked.scopes ? a.key)
          OR EXISTS (SELECT FROM jsonb_array_elements_text(asked.scopes) s WHERE NOT answers ? s) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'consent_link_scopes',
            MESSAGE = 'Each part of the form is answered with yes or no, and nothing else';
    END IF;
    INSERT INTO rctd.consent AS c (trial_id, unit_id, ordinal, consent_id, form, form_version, language, decision, scopes,
                              shown_at, decided_at, decided_by, how, protocol_version, recorded_at, link_id)
    SELECT link.trial_id, link.unit_id, 1 + coalesce((SELECT max(e.ordinal) FROM rctd.consent e
                WHERE e.trial_id = link.trial_id AND e.unit_id = link.unit_id), 0),
           in_consent, link.form, in_version, shown.language, in_decision, answers, shown.opened_at, rctd.clock(),
           'participant', 'link', asked.version, rctd.clock(), link.link_id;
    INSERT INTO rctd.consent_link_end (trial_id, link_id, unit_id, ended, ended_at)
    VALUES (link.trial_id, link.link_id, link.unit_id, 'used', rctd.clock());
    RETURN QUERY
    SELECT c.consent_id, c.form, c.form_version, c.decision, c.scopes, c.decided_at FROM rctd.consent c
     WHERE c.trial_id = link.trial_id AND c.unit_id = link.unit_id AND c.consent_id = in_consent;
END
$$;

GRANT EXECUTE ON FUNCTION rctd.consent_link_open(text, bytea, text) TO rctd_link;
GRANT EXECUTE ON FUNCTION rctd.consent_link_decide(text, bytea, uuid, integer, text, jsonb) TO rctd_link;
GRANT SELECT ON rctd.consent_text TO rctd_app, rctd_manager, rctd_blinded;
GRANT INSERT ON rctd.consent_text TO rctd_manager;
GRANT SELECT ON rctd.consent_link, rctd.consent_opening, rctd.consent_link_end TO rctd_app;
GRANT INSERT ON rctd.consent_link, rctd.consent_link_end TO rctd_app;
GRANT SELECT (text_sha256, legal_basis, link_id, decided_on) ON rctd.consent TO rctd_manager, rctd_blinded;
GRANT EXECUTE ON FUNCTION rctd.action_asks(uuid, text, text) TO rctd_app, rctd_manager, rctd_blinded;
GRANT EXECUTE ON FUNCTION rctd.may(uuid, uuid, text), rctd.objections(uuid, uuid[], text[]) TO rctd_app, rctd_manager, rctd_blinded;
GRANT SELECT ON rctd.consent_action, rctd.consent_stop, rctd.consent_stopped, rctd.consent_set, rctd.consent_form
    TO rctd_app, rctd_manager, rctd_blinded;
GRANT INSERT ON rctd.consent_set, rctd.consent_form, rctd.consent_rule, rctd.consent_task TO rctd_manager;
GRANT EXECUTE ON FUNCTION rctd.day_begins(uuid, date) TO rctd_app, rctd_manager, rctd_blinded;
GRANT EXECUTE ON FUNCTION rctd.day_ends(uuid, date) TO rctd_app, rctd_blinded;
GRANT EXECUTE ON FUNCTION rctd.stops_of(uuid, uuid) TO rctd_app, rctd_manager, rctd_blinded;
GRANT SELECT ON rctd.stop TO rctd_app, rctd_manager, rctd_blinded;
GRANT INSERT ON rctd.stop TO rctd_app;
