-- 0014: who does a task, and when. An interviewer claims it, books an appointment inside its window, logs
-- each attempt, and ends it. Consent and what an assessor may know are asked in the same transaction.

-- What the protocol says of who may do the task, as it was when it was planned; NULL where it says nothing.
ALTER TABLE rctd.task
    ADD COLUMN independent boolean, -- the assessor had no earlier contact with the person
    ADD COLUMN blinded boolean,     -- the assessor does not know the allocation
    ADD COLUMN sample integer CHECK (sample > 0), -- so many of the trial are done, whoever they are
    ADD COLUMN group_size int4range CHECK (NOT isempty(group_size));

-- A window that is over has missed its task, where nobody holds it: the daemon looks for those. Data that come in
-- later still end one.
CREATE INDEX task_over ON rctd.task (trial_id, closes_at) WHERE state = 'planned';
INSERT INTO rctd.state_transition VALUES ('task', 'missed', 'done');

-- The plan of a unit in the trail has no more columns than its tasks have values.
CREATE OR REPLACE FUNCTION rctd.audit_plan() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan record;
BEGIN
    FOR plan IN
        SELECT n.trial_id, n.unit_id, jsonb_agg(jsonb_strip_nulls(to_jsonb(n) - 'trial_id' - 'unit_id') ORDER BY n.task, n.occurrence) AS tasks
          FROM planned n GROUP BY n.trial_id, n.unit_id ORDER BY n.unit_id
    LOOP
        PERFORM rctd.audit_append(plan.trial_id, 'unit:' || plan.unit_id, 'plan', plan.unit_id::text,
            NULL, jsonb_build_object('tasks', plan.tasks), 'insert');
    END LOOP;
    RETURN NULL;
END
$$;

-- A task is one interviewer's while the claim is held.
CREATE TABLE rctd.task_claim (
    trial_id uuid NOT NULL,
    claim_id uuid NOT NULL,
    task_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES rctd.account,
    state text NOT NULL DEFAULT 'held',
    claimed_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_for text CHECK (ended_for IN ('released', 'outcome', 'unblinding', 'stop')),
    PRIMARY KEY (trial_id, claim_id),
    FOREIGN KEY (trial_id, task_id) REFERENCES rctd.task,
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit,
    CONSTRAINT claim_ends_for_something CHECK ((state = 'held') = (ended_at IS NULL) AND (ended_at IS NULL) = (ended_for IS NULL))
);
CREATE UNIQUE INDEX task_claim_one ON rctd.task_claim (trial_id, task_id) WHERE state = 'held';
CREATE INDEX task_claim_of_unit ON rctd.task_claim (trial_id, unit_id);
CREATE INDEX task_claim_of_account ON rctd.task_claim (trial_id, account_id) WHERE state = 'held';
INSERT INTO rctd.state_transition VALUES
    ('claim', 'new', 'held'), ('claim', 'held', 'released'), ('claim', 'held', 'done');
CREATE TRIGGER task_claim_state BEFORE INSERT OR UPDATE ON rctd.task_claim
    FOR EACH ROW EXECUTE FUNCTION rctd.state_check('claim');
CREATE TRIGGER task_claim_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.task_claim
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('claim', 'claim_id', 'unit:', 'unit_id', '', '');
CREATE TRIGGER task_claim_whole BEFORE DELETE OR TRUNCATE ON rctd.task_claim
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- When people are met or called, by each locked version of the protocol (its `calendar`), in the trial's time zone.
CREATE TABLE rctd.calendar (
    trial_id uuid NOT NULL,
    version integer NOT NULL,
    hours text NOT NULL,           -- as people read them
    working_days integer NOT NULL, -- bit 0 is Monday
    start_minute integer NOT NULL, -- of the day
    end_minute integer NOT NULL CHECK (end_minute > start_minute),
    paused_weeks bigint NOT NULL,  -- bit n is ISO week n
    holidays jsonb NOT NULL CHECK (jsonb_typeof(holidays) = 'object'), -- day: name
    PRIMARY KEY (trial_id, version),
    FOREIGN KEY (trial_id, version) REFERENCES rctd.protocol_version
);
CREATE TRIGGER calendar_closed BEFORE INSERT ON rctd.calendar
    FOR EACH ROW EXECUTE FUNCTION rctd.consent_rules_closed();
CREATE TRIGGER calendar_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.calendar
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER calendar_audit AFTER INSERT ON rctd.calendar
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('calendar', 'version', 'trial', '', '', '');

-- Why people are not met at a moment; NULL where they are.
CREATE FUNCTION rctd.calendar_objection(in_trial uuid, at timestamptz) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    civil timestamp := at AT TIME ZONE (SELECT t.time_zone FROM rctd.trial t WHERE t.trial_id = in_trial);
    day text := to_char(civil, 'YYYY-MM-DD');
    c rctd.calendar;
BEGIN
    SELECT * INTO c FROM rctd.calendar k WHERE k.trial_id = in_trial ORDER BY k.version DESC LIMIT 1;
    RETURN CASE
        WHEN c.holidays ? day THEN format('%s is a holiday, %s', day, c.holidays ->> day)
        WHEN (c.paused_weeks >> extract(week FROM civil)::integer) & 1 = 1
        THEN format('Nobody is contacted in week %s', extract(week FROM civil))
        WHEN (c.working_days >> extract(isodow FROM civil)::integer - 1) & 1 = 0
             OR NOT extract(hour FROM civil) * 60 + extract(minute FROM civil) BETWEEN c.start_minute AND c.end_minute - 1
        THEN format('People are met in working hours, %s', c.hours) END;
END
$$;

-- An appointment of who holds the claim with the task's unit, or with each member of a group, whose task is
-- their workplace's.
CREATE TABLE rctd.booking (
    trial_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    task_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES rctd.account, -- who meets them
    at timestamptz NOT NULL,
    outside_hours boolean NOT NULL DEFAULT false, -- of the calendar; who books one may say so
    state text NOT NULL DEFAULT 'planned',
    booked_at timestamptz NOT NULL,
    booked_by uuid NOT NULL REFERENCES rctd.account,
    ended_at timestamptz,
    ended_for text CHECK (ended_for IN ('cancelled', 'no-answer', 'released', 'outcome', 'unblinding', 'stop', 'moved')),
    PRIMARY KEY (trial_id, booking_id),
    FOREIGN KEY (trial_id, task_id) REFERENCES rctd.task,
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit,
    CONSTRAINT booking_ends_for_something CHECK ((state = 'planned') = (ended_at IS NULL) AND (ended_at IS NULL) = (ended_for IS NULL))
);
CREATE UNIQUE INDEX booking_one ON rctd.booking (trial_id, task_id, unit_id) WHERE state = 'planned';
CREATE INDEX booking_of_unit ON rctd.booking (trial_id, unit_id);
INSERT INTO rctd.state_transition VALUES
    ('booking', 'new', 'planned'), ('booking', 'planned', 'cancelled'), ('booking', 'planned', 'done');
CREATE TRIGGER booking_state BEFORE INSERT OR UPDATE ON rctd.booking
    FOR EACH ROW EXECUTE FUNCTION rctd.state_check('booking');
CREATE TRIGGER booking_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.booking
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('booking', 'booking_id', 'unit:', 'unit_id', '', '');
CREATE TRIGGER booking_whole BEFORE DELETE OR TRUNCATE ON rctd.booking
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- Each attempt to reach somebody for a task, and how the task ended. Of a task whose assessor is blinded the
-- last one has the assessor's guess of the arm and whether the allocation was revealed: for those who know
-- arms, never for blinded roles.
CREATE TABLE rctd.contact (
    trial_id uuid NOT NULL,
    task_id uuid NOT NULL,
    ordinal integer NOT NULL CHECK (ordinal > 0),
    contact_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    account_id uuid NOT NULL REFERENCES rctd.account,
    outcome text NOT NULL CHECK (outcome IN ('no-answer', 'done', 'missed')),
    guess text,
    revealed boolean,
    at timestamptz NOT NULL,
    PRIMARY KEY (trial_id, task_id, ordinal),
    UNIQUE (trial_id, contact_id),
    FOREIGN KEY (trial_id, task_id) REFERENCES rctd.task,
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit,
    CONSTRAINT guess_and_revealed_together CHECK ((guess IS NULL) = (revealed IS NULL)),
    CONSTRAINT guess_ends_a_task CHECK (guess IS NULL OR outcome = 'done')
);
CREATE INDEX contact_of_unit ON rctd.contact (trial_id, unit_id);
CREATE TRIGGER contact_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.contact
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER contact_audit AFTER INSERT ON rctd.contact
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('contact', 'contact_id', 'unit:', 'unit_id', '', '');

-- A planned task for somebody who works on it: the unit's row is held first, so that a withdrawal is before
-- this or after it, then the task's own.
CREATE FUNCTION rctd.task_hold(in_trial uuid, in_task uuid) RETURNS rctd.task
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    t rctd.task;
BEGIN
    PERFORM FROM rctd.unit u
      WHERE u.trial_id = in_trial AND u.unit_id = (SELECT k.unit_id FROM rctd.task k WHERE k.trial_id = in_trial AND k.task_id = in_task)
        FOR SHARE;
    SELECT * INTO t FROM rctd.task k WHERE k.trial_id = in_trial AND k.task_id = in_task FOR UPDATE;
    IF t.state <> 'planned' THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'task_planned',
            MESSAGE = CASE t.state WHEN 'cancelled' THEN 'This task is cancelled; do not contact the person for it'
                      WHEN 'missed' THEN 'This task was missed: its window is over' ELSE 'This task has ended' END;
    END IF;
    IF t.kind NOT IN ('interview', 'focus-group', 'call', 'session') THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'task_of_people',
            MESSAGE = 'Nobody meets or calls anybody for this task; only interviews, focus groups, calls and sessions are worked on';
    END IF;
    RETURN t;
END
$$;

-- Is it one task of a workplace with many participants, each of whom consents?
CREATE FUNCTION rctd.task_of_group(t rctd.task) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN t.kind = 'focus-group' AND EXISTS (SELECT FROM rctd.unit u
        WHERE u.trial_id = t.trial_id AND u.unit_id = t.unit_id AND u.kind = 'workplace');
END
$$;

-- Nobody is contacted who may not be: the refusal says no more than that.
CREATE FUNCTION rctd.task_ask(t rctd.task, in_unit uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF rctd.may(t.trial_id, in_unit, 'task/' || t.task) IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'task_may',
            MESSAGE = format('%s takes no part in this; do not contact them for it',
                (SELECT u.code FROM rctd.unit u WHERE u.trial_id = t.trial_id AND u.unit_id = in_unit));
    END IF;
END
$$;

-- Why an account does not do a task with a unit; NULL where it may. An independent assessor had no contact
-- with the person for another task; a blinded one does not know the arm, by a role or in any other way.
CREATE FUNCTION rctd.assessor_objection(t rctd.task, in_unit uuid, in_account uuid) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF t.independent AND (EXISTS (SELECT FROM rctd.contact c WHERE c.trial_id = t.trial_id AND c.unit_id = in_unit
                                   AND c.account_id = in_account AND c.task_id <> t.task_id)
            OR EXISTS (SELECT FROM rctd.booking b WHERE b.trial_id = t.trial_id AND b.unit_id = in_unit
                        AND b.account_id = in_account AND b.task_id <> t.task_id AND b.state = 'done')) THEN
        RETURN 'This task is for somebody who had no contact with the person before';
    END IF;
    IF t.blinded AND rctd.knows_arm(t.trial_id, in_account, in_unit) THEN
        RETURN 'This task is for somebody who does not know the allocation';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION rctd.task_claim_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    t rctd.task;
    holder text;
    objection text;
BEGIN
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.account_id, ARRAY['interviewer', 'coordinator']);
    t := rctd.task_hold(NEW.trial_id, NEW.task_id);
    SELECT a.name INTO holder FROM rctd.task_claim c JOIN rctd.account a ON a.account_id = c.account_id
     WHERE c.trial_id = NEW.trial_id AND c.task_id = NEW.task_id AND c.state = 'held';
    IF holder IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'task_claim_one',
            MESSAGE = CASE WHEN holder = (SELECT a.name FROM rctd.account a WHERE a.account_id = NEW.account_id)
                           THEN 'You have claimed this task already; it is yours until you release or end it'
                           ELSE format('%s has claimed this task; it is free once they release it', holder) END;
    END IF;
    IF t.unit_id IS DISTINCT FROM NEW.unit_id OR t.closes_at <= rctd.clock() THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'task_claim_in_time',
            MESSAGE = 'The window of this task is over';
    END IF;
    PERFORM rctd.task_ask(t, t.unit_id);
    objection := rctd.assessor_objection(t, t.unit_id, NEW.account_id);
    IF objection IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'task_assessor', MESSAGE = objection;
    END IF;
    -- The lock makes those who would take the sample's last two places at once follow one another.
    IF t.sample IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('sample/' || t.trial_id || '/' || t.task, 0));
        IF (SELECT count(*) FROM rctd.task k WHERE k.trial_id = t.trial_id AND k.task = t.task AND (k.state = 'done'
                OR EXISTS (SELECT FROM rctd.task_claim c WHERE c.trial_id = k.trial_id AND c.task_id = k.task_id AND c.state = 'held'))) >= t.sample THEN
            RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'task_sample',
                MESSAGE = format('The sample of %s is full: so many are done or claimed', t.sample);
        END IF;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER task_claim_check BEFORE INSERT ON rctd.task_claim
    FOR EACH ROW EXECUTE FUNCTION rctd.task_claim_check();

CREATE FUNCTION rctd.booking_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    t rctd.task;
    holder uuid;
    objection text;
BEGIN
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.booked_by, ARRAY['interviewer', 'coordinator']);
    t := rctd.task_hold(NEW.trial_id, NEW.task_id);
    IF NEW.unit_id <> t.unit_id THEN
        PERFORM FROM rctd.unit u WHERE u.trial_id = NEW.trial_id AND u.unit_id = NEW.unit_id FOR SHARE;
    END IF;
    SELECT c.account_id INTO holder FROM rctd.task_claim c
     WHERE c.trial_id = NEW.trial_id AND c.task_id = NEW.task_id AND c.state = 'held';
    IF holder IS DISTINCT FROM NEW.account_id THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'booking_claimed',
            MESSAGE = CASE WHEN holder IS NULL THEN 'Nobody has claimed this task; claim it first'
                      ELSE 'Somebody else has claimed this task' END;
    END IF;
    IF rctd.task_of_group(t) THEN
        IF NOT EXISTS (SELECT FROM rctd.employment e WHERE e.trial_id = t.trial_id AND e.unit_id = NEW.unit_id
                        AND e.workplace_id = t.unit_id AND e.to_on IS NULL) THEN
            RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'booking_member',
                MESSAGE = 'A group is booked with participants who work at its workplace';
        END IF;
    ELSIF NEW.unit_id <> t.unit_id THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'booking_member',
            MESSAGE = 'This task is with one person; only a focus group is booked with several';
    END IF;
    PERFORM rctd.task_ask(t, NEW.unit_id);
    objection := rctd.assessor_objection(t, NEW.unit_id, NEW.account_id);
    IF objection IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'task_assessor', MESSAGE = objection;
    END IF;
    IF NEW.at < t.opens_at OR NEW.at >= t.closes_at OR NEW.at <= rctd.clock() THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'booking_in_window',
            MESSAGE = format('An appointment lies ahead and inside the task''s window: from %s until before %s (UTC)',
                to_char(greatest(t.opens_at, rctd.clock()) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'),
                to_char(t.closes_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'));
    END IF;
    objection := rctd.calendar_objection(NEW.trial_id, NEW.at);
    IF objection IS NOT NULL AND NOT NEW.outside_hours THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'booking_hours',
            MESSAGE = objection || '; choose another time, or say that they want it outside of working hours';
    END IF;
    NEW.outside_hours := objection IS NOT NULL;
    IF EXISTS (SELECT FROM rctd.booking b WHERE b.trial_id = NEW.trial_id AND b.task_id = NEW.task_id
                AND b.unit_id = NEW.unit_id AND b.state = 'planned') THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'booking_one',
            MESSAGE = 'There is an appointment for this task already; cancel it first';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER booking_check BEFORE INSERT ON rctd.booking
    FOR EACH ROW EXECUTE FUNCTION rctd.booking_check();

-- A group meets at one time, and is as large as the protocol says when it is booked; who cancels later leaves
-- it smaller.
CREATE FUNCTION rctd.booking_group() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    size int4range;
    members integer;
    times integer;
BEGIN
    SELECT t.group_size INTO size FROM rctd.task t WHERE t.trial_id = NEW.trial_id AND t.task_id = NEW.task_id;
    SELECT count(*), count(DISTINCT b.at) INTO members, times FROM rctd.booking b
     WHERE b.trial_id = NEW.trial_id AND b.task_id = NEW.task_id AND b.state = 'planned';
    IF times > 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'booking_group', MESSAGE = 'A group meets at one time';
    END IF;
    IF members > 0 AND NOT size @> members THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'booking_group',
            MESSAGE = format('A group of this task has %s to %s members, not %s', lower(size), upper(size) - 1, members);
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER booking_group AFTER INSERT ON rctd.booking
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION rctd.booking_group();

-- A claim and an appointment end once. A request ends its own, a coordinator's any; the rest is triggers'.
CREATE FUNCTION rctd.task_work_ends() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF OLD.state = NEW.state THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'task_work_ends', MESSAGE = 'That has ended already';
    END IF;
    IF current_user IN ('rctd_app', 'rctd_manager', 'rctd_blinded') THEN
        IF coalesce(current_setting('rctd.actor_role', true), '') NOT IN ('interviewer', 'coordinator')
           OR (current_setting('rctd.actor_role', true) = 'interviewer'
               AND coalesce(current_setting('rctd.account', true), '') <> OLD.account_id::text) THEN
            RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'task_work_ends',
                MESSAGE = 'That is somebody else''s; they or a coordinator can end it';
        END IF;
        IF NEW.state NOT IN ('released', 'cancelled') OR NEW.ended_for NOT IN ('released', 'cancelled') THEN
            RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'task_work_ends',
                MESSAGE = 'What is done is recorded as an outcome';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER task_claim_ends BEFORE UPDATE ON rctd.task_claim
    FOR EACH ROW EXECUTE FUNCTION rctd.task_work_ends();
CREATE TRIGGER booking_ends BEFORE UPDATE ON rctd.booking
    FOR EACH ROW EXECUTE FUNCTION rctd.task_work_ends();

-- Without its claim no appointment stands.
CREATE FUNCTION rctd.task_claim_ended() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE rctd.booking b SET state = CASE NEW.state WHEN 'done' THEN 'done' ELSE 'cancelled' END,
           ended_at = NEW.ended_at, ended_for = NEW.ended_for
     WHERE b.trial_id = NEW.trial_id AND b.task_id = NEW.task_id AND b.state = 'planned';
    RETURN NULL;
END
$$;
CREATE TRIGGER task_claim_ended AFTER UPDATE ON rctd.task_claim
    FOR EACH ROW WHEN (NEW.state <> 'held') EXECUTE FUNCTION rctd.task_claim_ended();

-- A task that has ended, whoever ended it, is nobody's any more.
CREATE FUNCTION rctd.task_ended() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE rctd.task_claim c SET state = CASE NEW.state WHEN 'done' THEN 'done' ELSE 'released' END, ended_at = rctd.clock(),
           ended_for = CASE NEW.state WHEN 'cancelled' THEN 'stop' ELSE 'outcome' END
     WHERE c.trial_id = NEW.trial_id AND c.task_id = NEW.task_id AND c.state = 'held';
    RETURN NULL;
END
$$;
CREATE TRIGGER task_ended AFTER UPDATE OF state ON rctd.task
    FOR EACH ROW WHEN (OLD.state = 'planned' AND NEW.state <> 'planned') EXECUTE FUNCTION rctd.task_ended();

-- What somebody holds is missed by their word alone. Whoever looks for windows that are over has not seen a claim of
-- that very moment: it is looked for again, with the task's row held, which a claim takes too.
CREATE FUNCTION rctd.task_held_stays() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM rctd.task_claim c WHERE c.trial_id = NEW.trial_id AND c.task_id = NEW.task_id AND c.state = 'held')
       AND NOT EXISTS (SELECT FROM rctd.contact c
                        WHERE c.trial_id = NEW.trial_id AND c.task_id = NEW.task_id AND c.outcome = 'missed') THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER task_held_stays BEFORE UPDATE OF state ON rctd.task
    FOR EACH ROW WHEN (OLD.state = 'planned' AND NEW.state = 'missed') EXECUTE FUNCTION rctd.task_held_stays();

CREATE FUNCTION rctd.contact_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    t rctd.task;
BEGIN
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.account_id, ARRAY['interviewer', 'coordinator']);
    t := rctd.task_hold(NEW.trial_id, NEW.task_id);
    NEW.ordinal := 1 + (SELECT count(*) FROM rctd.contact c WHERE c.trial_id = NEW.trial_id AND c.task_id = NEW.task_id);
    IF t.unit_id <> NEW.unit_id OR NOT EXISTS (SELECT FROM rctd.task_claim c WHERE c.trial_id = NEW.trial_id
            AND c.task_id = NEW.task_id AND c.account_id = NEW.account_id AND c.state = 'held') THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'contact_claimed',
            MESSAGE = 'You have not claimed this task; claim it first';
    END IF;
    PERFORM rctd.task_ask(t, t.unit_id);
    IF (NEW.guess IS NOT NULL) <> (coalesce(t.blinded, false) AND NEW.outcome = 'done') THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'contact_guess',
            MESSAGE = CASE WHEN NEW.guess IS NULL THEN 'This task ends with your guess of the arm, and whether the allocation was revealed to you'
                      ELSE 'A guess of the arm ends a task that is done and whose assessor is blinded, no other' END;
    END IF;
    IF NEW.guess <> 'unknown' AND NOT EXISTS (SELECT FROM rctd.scheme_arm a WHERE a.trial_id = NEW.trial_id AND a.arm = NEW.guess) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'contact_guess',
            MESSAGE = 'The trial has no such arm; write its short name, or unknown';
    END IF;
    IF NEW.outcome = 'done' AND rctd.task_of_group(t) AND NOT EXISTS (SELECT FROM rctd.booking b
            WHERE b.trial_id = NEW.trial_id AND b.task_id = NEW.task_id AND b.state = 'planned') THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'contact_group',
            MESSAGE = 'Nobody is booked for this group; book its members first';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER contact_check BEFORE INSERT ON rctd.contact
    FOR EACH ROW EXECUTE FUNCTION rctd.contact_check();

-- Who did not answer at the appointment has none any more; an outcome ends the task. Whoever was told the
-- allocation knows it from here on.
CREATE FUNCTION rctd.contact_made() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NEW.outcome = 'no-answer' THEN
        UPDATE rctd.booking b SET state = 'cancelled', ended_at = NEW.at, ended_for = 'no-answer'
         WHERE b.trial_id = NEW.trial_id AND b.task_id = NEW.task_id AND b.state = 'planned' AND b.at <= NEW.at;
    ELSE
        UPDATE rctd.task t SET state = NEW.outcome WHERE t.trial_id = NEW.trial_id AND t.task_id = NEW.task_id;
    END IF;
    IF NEW.revealed AND NOT rctd.knows_arm(NEW.trial_id, NEW.account_id, NEW.unit_id) THEN
        PERFORM rctd.arm_learnt(NEW.trial_id, NEW.account_id, NEW.unit_id, rctd.arm_unit(NEW.trial_id, NEW.unit_id), 'told',
            NULL, 'participant', NEW.account_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER contact_made AFTER INSERT ON rctd.contact
    FOR EACH ROW EXECUTE FUNCTION rctd.contact_made();

-- An account that was told the arm of a unit: its claims of blinded tasks there, and of those who work there,
-- are free for somebody else, in the unblinding's own transaction.
CREATE FUNCTION rctd.release_for_unblinding(in_trial uuid, in_account uuid, in_unit uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE rctd.task_claim c SET state = 'released', ended_at = rctd.clock(), ended_for = 'unblinding'
      FROM rctd.task t
     WHERE c.trial_id = in_trial AND c.account_id = in_account AND c.state = 'held'
       AND t.trial_id = c.trial_id AND t.task_id = c.task_id AND t.blinded
       AND (c.unit_id = in_unit OR EXISTS (SELECT FROM rctd.employment e
            WHERE e.trial_id = c.trial_id AND e.unit_id = c.unit_id AND e.workplace_id = in_unit));
END
$$;

-- Who withdraws, or takes a scope back, has no appointment any more that needed it; a member of a group too,
-- whose task is the workplace's and goes on.
CREATE FUNCTION rctd.booking_recheck() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE rctd.booking b SET state = 'cancelled', ended_at = rctd.clock(), ended_for = 'stop'
      FROM rctd.task t
     WHERE b.trial_id = NEW.trial_id AND b.unit_id = NEW.unit_id AND b.state = 'planned'
       AND t.trial_id = b.trial_id AND t.task_id = b.task_id
       AND rctd.may(b.trial_id, b.unit_id, 'task/' || t.task) IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER consent_bookings AFTER INSERT ON rctd.consent
    FOR EACH ROW EXECUTE FUNCTION rctd.booking_recheck();
CREATE TRIGGER unit_bookings AFTER UPDATE OF state ON rctd.unit
    FOR EACH ROW WHEN (NEW.state = 'withdrawn' AND OLD.state <> 'withdrawn') EXECUTE FUNCTION rctd.booking_recheck();
CREATE TRIGGER stop_bookings AFTER INSERT ON rctd.stop
    FOR EACH ROW EXECUTE FUNCTION rctd.booking_recheck();

-- Nor has who leaves a workplace one with its groups.
CREATE FUNCTION rctd.booking_leaves() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE rctd.booking b SET state = 'cancelled', ended_at = rctd.clock(), ended_for = 'moved'
      FROM rctd.task t
     WHERE b.trial_id = NEW.trial_id AND b.unit_id = NEW.unit_id AND b.state = 'planned'
       AND t.trial_id = b.trial_id AND t.task_id = b.task_id AND t.unit_id = NEW.workplace_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER employment_bookings AFTER UPDATE ON rctd.employment
    FOR EACH ROW WHEN (OLD.to_on IS NULL AND NEW.to_on IS NOT NULL) EXECUTE FUNCTION rctd.booking_leaves();

-- Is a task one that the account may take up now?
CREATE FUNCTION rctd.task_open_to(in_trial uuid, in_task uuid, in_account uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    t rctd.task;
BEGIN
    SELECT * INTO t FROM rctd.task k WHERE k.trial_id = in_trial AND k.task_id = in_task;
    RETURN t.state = 'planned' AND rctd.assessor_objection(t, t.unit_id, in_account) IS NULL
        AND rctd.may(t.trial_id, t.unit_id, 'task/' || t.task) IS NULL;
END
$$;
GRANT EXECUTE ON FUNCTION rctd.task_open_to(uuid, uuid, uuid) TO rctd_app, rctd_blinded;

-- A task as who works on it sees it, read with the privileges of who reads: whose it is, the appointment, and
-- how often somebody tried. The language is the person's own, or that of the latest form; when they like to be met is
-- an attribute of theirs, where the protocol asks for it.
CREATE VIEW rctd.task_work WITH (security_invoker = true) AS
SELECT t.trial_id, t.task_id, t.unit_id, t.task, t.occurrence, t.kind, t.opens_at, t.closes_at, t.state, u.kind AS unit, u.code, u.county, u.site,
       coalesce(u.attributes ->> 'language', (SELECT f.language FROM rctd.consent f
            WHERE f.trial_id = t.trial_id AND f.unit_id = t.unit_id ORDER BY f.ordinal DESC LIMIT 1)) AS language,
       u.attributes ->> 'preferred_times' AS preferred_times,
       c.account_id AS claimed_by, c.claimed_at, b.appointment_at, b.booked, k.attempts, k.last_attempt_at, coalesce(t.blinded, false) AS asks_guess
  FROM rctd.task t
  JOIN rctd.unit u ON u.trial_id = t.trial_id AND u.unit_id = t.unit_id
  LEFT JOIN rctd.task_claim c ON c.trial_id = t.trial_id AND c.task_id = t.task_id AND c.state = 'held'
  LEFT JOIN LATERAL (
       SELECT min(p.at) AS appointment_at, count(*)::integer AS booked FROM rctd.booking p
        WHERE p.trial_id = t.trial_id AND p.task_id = t.task_id AND p.state = 'planned') b ON true
  LEFT JOIN LATERAL (
       SELECT count(*)::integer AS attempts, max(o.at) AS last_attempt_at FROM rctd.contact o
        WHERE o.trial_id = t.trial_id AND o.task_id = t.task_id) k ON true
 WHERE t.kind IN ('interview', 'focus-group', 'call', 'session');

-- Of claims, appointments and contacts a blinded role sees those whose task it sees.
ALTER TABLE rctd.task_claim ENABLE ROW LEVEL SECURITY;
CREATE POLICY task_claim_all ON rctd.task_claim TO rctd_app USING (true);
CREATE POLICY task_claim_blinded ON rctd.task_claim TO rctd_blinded USING (EXISTS (SELECT FROM rctd.task t
    WHERE t.trial_id = task_claim.trial_id AND t.task_id = task_claim.task_id));
ALTER TABLE rctd.booking ENABLE ROW LEVEL SECURITY;
CREATE POLICY booking_all ON rctd.booking TO rctd_app USING (true);
CREATE POLICY booking_blinded ON rctd.booking TO rctd_blinded USING (EXISTS (SELECT FROM rctd.task t
    WHERE t.trial_id = booking.trial_id AND t.task_id = booking.task_id));
ALTER TABLE rctd.contact ENABLE ROW LEVEL SECURITY;
CREATE POLICY contact_all ON rctd.contact TO rctd_app USING (true);
CREATE POLICY contact_blinded ON rctd.contact TO rctd_blinded USING (EXISTS (SELECT FROM rctd.task t
    WHERE t.trial_id = contact.trial_id AND t.task_id = contact.task_id));

GRANT INSERT ON rctd.calendar TO rctd_manager;
GRANT SELECT ON rctd.task_claim, rctd.booking, rctd.task_work TO rctd_app, rctd_blinded;
GRANT SELECT ON rctd.contact TO rctd_app;
GRANT SELECT (trial_id, task_id, ordinal, contact_id, unit_id, account_id, outcome, at) ON rctd.contact TO rctd_blinded;
GRANT INSERT ON rctd.task_claim, rctd.booking, rctd.contact TO rctd_app, rctd_blinded;
GRANT UPDATE (state, ended_at, ended_for) ON rctd.task_claim, rctd.booking TO rctd_app, rctd_blinded;
