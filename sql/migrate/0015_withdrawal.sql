-- 0015: what a stop, a withdrawal or a consent that is taken back does at once, and data: taken in, held in
-- quarantine, released. The database does it in the transaction that says so, whatever route said it.

-- A participant may leave before they are allocated; what a stop has cancelled comes back where the person lets it go
-- on in time.
INSERT INTO rctd.state_transition VALUES
    ('unit', 'registered', 'withdrawn'), ('task', 'cancelled', 'planned'), ('reminder', 'cancelled', 'scheduled');
CREATE FUNCTION rctd.unit_withdraws() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'state_transition',
        MESSAGE = 'A workplace withdraws once it was allocated';
END
$$;
CREATE TRIGGER unit_withdraws BEFORE UPDATE ON rctd.unit FOR EACH ROW
    WHEN (NEW.kind = 'workplace' AND OLD.state = 'registered' AND NEW.state = 'withdrawn')
    EXECUTE FUNCTION rctd.unit_withdraws();

-- What rctd.settle() has cancelled, and nobody else: that alone comes back.
CREATE TABLE rctd.stopped (
    trial_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    object_id uuid NOT NULL, -- a task or a reminder
    PRIMARY KEY (trial_id, unit_id, object_id),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit
);
CREATE TRIGGER stopped_whole BEFORE TRUNCATE ON rctd.stopped
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

CREATE FUNCTION rctd.comes_back() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM rctd.stopped s WHERE s.trial_id = NEW.trial_id AND s.unit_id = NEW.unit_id
                      AND s.object_id = coalesce(to_jsonb(NEW) ->> 'reminder_id', to_jsonb(NEW) ->> 'task_id')::uuid) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'comes_back',
            MESSAGE = format('A %s that was cancelled comes back only where a stop had cancelled it', TG_TABLE_NAME);
    END IF;
    IF rctd.refuses_for_good(rctd.may(NEW.trial_id, NEW.unit_id, CASE TG_TABLE_NAME
           WHEN 'task' THEN 'task/' || (to_jsonb(NEW) ->> 'task')
           ELSE rctd.channel_action(to_jsonb(NEW) ->> 'channel') END)) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'comes_back',
            MESSAGE = format('What the person has stopped, no %s brings back', TG_TABLE_NAME);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER task_comes_back BEFORE UPDATE ON rctd.task FOR EACH ROW
    WHEN (OLD.state = 'cancelled' AND NEW.state = 'planned') EXECUTE FUNCTION rctd.comes_back();
CREATE TRIGGER reminder_comes_back BEFORE UPDATE ON rctd.reminder FOR EACH ROW
    WHEN (OLD.state = 'cancelled' AND NEW.state = 'scheduled') EXECUTE FUNCTION rctd.comes_back();

-- Is this answer of rctd.may() one that lasts? Who was never asked, or has not signed an amended form yet, may
-- still say yes: that waits, and is not cancelled.
CREATE FUNCTION rctd.refuses_for_good(objection text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$ BEGIN RETURN coalesce(objection IN ('erased', 'out', 'withdrawn', 'declined'), false); END $$;

-- What sending by a channel is, as rctd.may() is asked.
CREATE FUNCTION rctd.channel_action(channel text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$ BEGIN RETURN CASE channel WHEN 'sms' THEN 'sms' ELSE 'contact' END; END $$;

-- Holds a unit and makes what is planned for it agree with what may be done: what is refused for good is
-- cancelled, also where a dispatcher has looked at it already; what this had cancelled and is allowed again comes
-- back, until its window closes; what waited for a yes waits no longer.
CREATE FUNCTION rctd.settle(in_trial uuid, in_unit uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    refused text[];
    allowed text[];
    mute text[];
    open text[];
BEGIN
    PERFORM FROM rctd.unit u WHERE u.trial_id = in_trial AND u.unit_id = in_unit FOR UPDATE;
    SELECT array_agg(substr(o.action, 6)) FILTER (WHERE rctd.refuses_for_good(o.objection)),
           array_agg(substr(o.action, 6)) FILTER (WHERE o.objection IS NULL)
      INTO refused, allowed
      FROM (SELECT array_agg(in_unit) AS units, array_agg('task/' || t.task) AS actions
              FROM (SELECT DISTINCT t.task FROM rctd.task t
                     WHERE t.trial_id = in_trial AND t.unit_id = in_unit AND t.state IN ('planned', 'cancelled')) t) a
     CROSS JOIN LATERAL rctd.objections(in_trial, a.units, a.actions) o;
    SELECT array_agg(a.channel) FILTER (WHERE rctd.refuses_for_good(a.objection)),
           array_agg(a.channel) FILTER (WHERE a.objection IS NULL)
      INTO mute, open
      FROM (SELECT r.channel, rctd.may(in_trial, in_unit, rctd.channel_action(r.channel)) AS objection
              FROM (SELECT DISTINCT r.channel FROM rctd.reminder r
                     WHERE r.trial_id = in_trial AND r.unit_id = in_unit AND r.state IN ('scheduled', 'dead', 'cancelled')) r) a;
    WITH cancelled AS (
        UPDATE rctd.task t SET state = 'cancelled'
         WHERE t.trial_id = in_trial AND t.unit_id = in_unit AND t.state = 'planned' AND t.task = ANY (refused)
        RETURNING t.task_id)
    INSERT INTO rctd.stopped SELECT in_trial, in_unit, c.task_id FROM cancelled c ON CONFLICT DO NOTHING;
    WITH cancelled AS (
        UPDATE rctd.reminder r SET state = 'cancelled'
          FROM rctd.task t
         WHERE r.trial_id = in_trial AND r.unit_id = in_unit AND r.state IN ('scheduled', 'dead')
           AND t.trial_id = in_trial AND t.task_id = r.task_id AND (t.task = ANY (refused) OR r.channel = ANY (mute))
        RETURNING r.reminder_id)
    INSERT INTO rctd.stopped SELECT in_trial, in_unit, c.reminder_id FROM cancelled c ON CONFLICT DO NOTHING;
    UPDATE rctd.task t SET state = 'planned'
      FROM rctd.stopped s
     WHERE s.trial_id = in_trial AND s.unit_id = in_unit AND s.object_id = t.task_id
       AND t.trial_id = in_trial AND t.unit_id = in_unit AND t.state = 'cancelled' AND t.closes_at > rctd.clock()
       AND t.task = ANY (allowed);
    UPDATE rctd.reminder r SET state = 'scheduled', failures = 0, next_attempt_at = greatest(r.due_at, rctd.clock())
      FROM rctd.stopped s, rctd.task t
     WHERE s.trial_id = in_trial AND s.unit_id = in_unit AND s.object_id = r.reminder_id
       AND r.trial_id = in_trial AND r.unit_id = in_unit AND r.state = 'cancelled' AND r.channel = ANY (open)
       AND t.trial_id = in_trial AND t.task_id = r.task_id AND t.state = 'planned' AND t.closes_at > rctd.clock()
       AND t.task = ANY (allowed);
    DELETE FROM rctd.stopped s
     WHERE s.trial_id = in_trial AND s.unit_id = in_unit AND (
           EXISTS (SELECT FROM rctd.task t WHERE t.trial_id = in_trial AND t.task_id = s.object_id AND t.state = 'planned')
        OR EXISTS (SELECT FROM rctd.reminder r WHERE r.trial_id = in_trial AND r.reminder_id = s.object_id AND r.state = 'scheduled'));
    UPDATE rctd.reminder r SET next_attempt_at = rctd.clock()
      FROM rctd.task t
     WHERE r.trial_id = in_trial AND r.unit_id = in_unit AND r.state = 'scheduled' AND r.failures = 0
       AND r.due_at <= rctd.clock() AND r.next_attempt_at > rctd.clock() AND r.channel = ANY (open)
       AND t.trial_id = in_trial AND t.task_id = r.task_id AND t.task = ANY (allowed);
END
$$;

-- A stop, or its end, is said by the person or for them, and recorded by a coordinator (by an erasure, for who asked
-- for it); only they let something go on again, later than they stopped it, and not once they have left altogether.
CREATE FUNCTION rctd.stop_held() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    in_state text;
    last record;
BEGIN
    SELECT u.state INTO in_state FROM rctd.unit u
     WHERE u.trial_id = NEW.trial_id AND u.unit_id = NEW.unit_id FOR UPDATE;
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.recorded_by, CASE
        WHEN NEW.decision = 'stop' AND rctd.unit_erased(NEW.trial_id, NEW.unit_id) THEN ARRAY['coordinator', 'trial-manager']
        ELSE ARRAY['coordinator'] END);
    IF NEW.decided_on IS NOT NULL THEN
        NEW.decided_at := rctd.day_decided(NEW.trial_id, NEW.decided_on, NEW.decision = 'resume');
    END IF;
    IF NEW.decided_at > rctd.clock() THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'decided_in_the_past',
            MESSAGE = 'Nobody has decided what lies in the future';
    END IF;
    IF NEW.decision = 'resume' AND NEW.decided_by = 'staff' THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'stop_ends_by_the_person',
            MESSAGE = 'What a person has stopped goes on when they say so, never because staff does';
    END IF;
    IF NEW.decision = 'resume' AND in_state = 'withdrawn' THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'stop_ends_in_the_trial',
            MESSAGE = 'Who has withdrawn altogether is not brought back';
    END IF;
    SELECT s.decided_at, s.decided_on INTO last FROM rctd.stop s
     WHERE s.trial_id = NEW.trial_id AND s.unit_id = NEW.unit_id AND s.stop = NEW.stop AND s.decision = 'stop'
     ORDER BY s.decided_at DESC LIMIT 1;
    IF NEW.decision = 'resume' AND last.decided_at > NEW.decided_at THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'stop_ends_after_it',
            MESSAGE = rctd.no_is_later(NEW.trial_id, format('They stopped %s', NEW.stop), last.decided_at, last.decided_on,
                NEW.decided_at, NEW.decided_on);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER stop_held BEFORE INSERT ON rctd.stop
    FOR EACH ROW EXECUTE FUNCTION rctd.stop_held();

CREATE FUNCTION rctd.stop_settles() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM rctd.settle(NEW.trial_id, NEW.unit_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER stop_settles AFTER INSERT ON rctd.stop
    FOR EACH ROW EXECUTE FUNCTION rctd.stop_settles();

-- A participant's consent, whatever it says. An employer's agreement that is withdrawn takes the workplace out.
CREATE FUNCTION rctd.consent_settles() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM rctd.participant p WHERE p.trial_id = NEW.trial_id AND p.unit_id = NEW.unit_id) THEN
        PERFORM rctd.settle(NEW.trial_id, NEW.unit_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER consent_settles AFTER INSERT ON rctd.consent
    FOR EACH ROW EXECUTE FUNCTION rctd.consent_settles();

-- Who leaves; of a workplace, everybody who works there. They are held in the order in which a dispatcher holds
-- them.
CREATE FUNCTION rctd.unit_settles() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    member uuid;
BEGIN
    PERFORM rctd.settle(NEW.trial_id, NEW.unit_id);
    FOR member IN
        SELECT e.unit_id FROM rctd.employment e
         WHERE e.trial_id = NEW.trial_id AND e.workplace_id = NEW.unit_id AND e.to_on IS NULL ORDER BY e.unit_id
    LOOP
        PERFORM rctd.settle(NEW.trial_id, member);
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER unit_settles AFTER UPDATE ON rctd.unit FOR EACH ROW
    WHEN (NEW.state = 'withdrawn' AND OLD.state <> 'withdrawn') EXECUTE FUNCTION rctd.unit_settles();

-- What is planned for somebody who has said no before is cancelled with the plan itself.
CREATE FUNCTION rctd.task_settles() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    who record;
BEGIN
    FOR who IN
        SELECT DISTINCT n.trial_id, n.unit_id FROM planned n
         WHERE EXISTS (SELECT FROM rctd.stop s WHERE s.trial_id = n.trial_id AND s.unit_id = n.unit_id)
            OR EXISTS (SELECT FROM rctd.participant p JOIN rctd.consent c ON c.trial_id = p.trial_id AND c.unit_id = p.unit_id
                        WHERE p.trial_id = n.trial_id AND p.unit_id = n.unit_id
                          AND (c.decision = 'withdrawn' OR jsonb_path_exists(c.scopes, '$.* ? (@ == false)')))
         ORDER BY n.unit_id
    LOOP
        PERFORM rctd.settle(who.trial_id, who.unit_id);
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER task_settles AFTER INSERT ON rctd.task REFERENCING NEW TABLE AS planned
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.task_settles();

-- What objects to sending these reminders: to what their tasks ask for, or to the channel.
CREATE FUNCTION rctd.reminder_objections(in_trial uuid, in_reminders uuid[])
    RETURNS TABLE (reminder_id uuid, objection text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT r.reminder_id, r.unit_id, 'task/' || t.task AS task, rctd.channel_action(r.channel) AS channel
          FROM rctd.reminder r
          JOIN rctd.task t ON t.trial_id = r.trial_id AND t.task_id = r.task_id
         WHERE r.trial_id = in_trial AND r.reminder_id = ANY (in_reminders)
    ), answer AS MATERIALIZED (
        SELECT o.unit_id, o.action, o.objection
          FROM (SELECT array_agg(p.unit_id) AS units, array_agg(p.action) AS actions
                  FROM (SELECT a.unit_id, a.task FROM asked a UNION SELECT a.unit_id, a.channel FROM asked a) p (unit_id, action)) p
         CROSS JOIN LATERAL rctd.objections(in_trial, p.units, p.actions) o
    )
    SELECT a.reminder_id, coalesce(t.objection, c.objection)
      FROM asked a
      JOIN answer t ON t.unit_id = a.unit_id AND t.action = a.task
      JOIN answer c ON c.unit_id = a.unit_id AND c.action = a.channel;
END
$$;
GRANT EXECUTE ON FUNCTION rctd.reminder_objections(uuid, uuid[]) TO rctd_app;

-- A hand-over: an attempt of which nothing is known yet. It is refused where the reminder is no longer scheduled
-- or where something objects, with the units held. An attempt that comes in with its result was made before, and
-- is written down whatever has been said since.
CREATE FUNCTION rctd.reminder_allowed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET jit = off SET enable_seqscan = off SET enable_mergejoin = off
AS $$
DECLARE
    leaving record;
    why text;
BEGIN
    PERFORM FROM rctd.unit u
      WHERE (u.trial_id, u.unit_id) IN (SELECT r.trial_id, r.unit_id FROM handed h
            JOIN rctd.reminder r ON r.trial_id = h.trial_id AND r.reminder_id = h.reminder_id)
      ORDER BY u.unit_id FOR SHARE;
    FOR leaving IN
        SELECT h.trial_id, array_agg(h.reminder_id) AS reminders FROM handed h
         WHERE NOT EXISTS (SELECT FROM rctd.reminder_result o WHERE o.trial_id = h.trial_id
                              AND o.reminder_id = h.reminder_id AND o.attempt = h.attempt)
         GROUP BY h.trial_id
    LOOP
        SELECT w.why INTO why
          FROM (SELECT coalesce(nullif((SELECT r.state FROM rctd.reminder r
                                         WHERE r.trial_id = leaving.trial_id AND r.reminder_id = o.reminder_id), 'scheduled'),
                                o.objection) AS why
                  FROM rctd.reminder_objections(leaving.trial_id, leaving.reminders) o) w
         WHERE w.why IS NOT NULL LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'reminder_allowed',
                MESSAGE = format('Nothing is sent to somebody who may not be asked or reminded: %s', why);
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER reminder_allowed AFTER INSERT ON rctd.reminder_attempt REFERENCING NEW TABLE AS handed
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.reminder_allowed();

-- Data of a participant: what an instrument of the protocol asks for, as it was collected at one moment.
-- `quarantine` says why it is not in use until somebody releases it: collected before the consent that it needs
-- was decided (before-consent), or while that is still waited for. What tells of the person stands in the trail as
-- a digest. A measurement that only some arms have tells about the arm: arm_specific.
CREATE TABLE rctd.measure (
    trial_id uuid NOT NULL,
    measure_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    instrument text NOT NULL,
    task_id uuid,
    collected_at timestamptz NOT NULL,
    measured jsonb NOT NULL CHECK (jsonb_typeof(measured) = 'object' AND measured <> '{}'),
    salt text NOT NULL DEFAULT gen_random_uuid()::text,
    quarantine text CHECK (quarantine IN ('before-consent', 'never-asked', 'old-version')),
    arm_specific boolean NOT NULL,
    protocol_version integer NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL REFERENCES rctd.account,
    PRIMARY KEY (trial_id, measure_id),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.participant,
    FOREIGN KEY (trial_id, task_id) REFERENCES rctd.task,
    FOREIGN KEY (trial_id, protocol_version) REFERENCES rctd.protocol_version,
    CONSTRAINT collected_before_recorded CHECK (collected_at <= recorded_at)
);
CREATE INDEX measure_of_unit ON rctd.measure (trial_id, unit_id);
CREATE TRIGGER measure_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.measure
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER measure_audit AFTER INSERT ON rctd.measure
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('measure', 'measure_id', 'unit:', 'unit_id', 'measured', '');

-- What somebody's decisions of a form said of a scope at a moment, as far as they are known now: the latest until then.
-- A no of which the day alone is known holds for all of that day, and is behind whatever else was decided on it.
CREATE FUNCTION rctd.said_at(in_trial uuid, in_unit uuid, in_form text, in_scope text, at timestamptz) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN coalesce((
        SELECT CASE WHEN c.decision = 'withdrawn' THEN 'withdrawn'
                    WHEN c.scopes -> in_scope IS NULL THEN 'never-asked'
                    WHEN c.scopes ->> in_scope <> 'true' THEN 'declined' ELSE 'yes' END
          FROM rctd.consent c
         CROSS JOIN LATERAL (SELECT c.decided_on IS NOT NULL AND (c.decision = 'withdrawn' OR c.scopes ->> in_scope = 'false') AS day_of_no) n
         WHERE c.trial_id = in_trial AND c.unit_id = in_unit AND c.form = in_form
           AND CASE WHEN n.day_of_no THEN rctd.day_begins(in_trial, c.decided_on) ELSE c.decided_at END <= at
         ORDER BY CASE WHEN n.day_of_no THEN least(rctd.day_ends(in_trial, c.decided_on), c.recorded_at, at) ELSE c.decided_at END DESC,
               n.day_of_no DESC, c.ordinal DESC LIMIT 1), 'never-asked');
END
$$;

-- Why data for a task may not be in use: what the task itself asks for beside its action, in the words of rctd.may();
-- of a moment, or NULL: now.
CREATE FUNCTION rctd.measure_of_task(in_trial uuid, in_unit uuid, in_task uuid, at timestamptz) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT o.word FROM (
            SELECT CASE WHEN at IS NOT NULL THEN nullif(rctd.said_at(in_trial, in_unit, r.form, r.scope, at), 'yes')
                        WHEN c.decision = 'withdrawn' THEN 'withdrawn'
                        WHEN c.ordinal IS NULL OR c.scopes -> r.scope IS NULL THEN 'never-asked'
                        WHEN c.scopes ->> r.scope <> 'true' THEN 'declined' END AS word
              FROM rctd.task t
              JOIN rctd.consent_rule r ON r.trial_id = t.trial_id AND r.kind = 'participant' AND r.action = 'task/' || t.task
               AND r.version = (SELECT max(k.version) FROM rctd.consent_task k WHERE k.trial_id = in_trial AND k.task = t.task)
              LEFT JOIN LATERAL (SELECT e.ordinal, e.decision, e.scopes FROM rctd.consent e
                                  WHERE e.trial_id = in_trial AND e.unit_id = in_unit AND e.form = r.form
                                  ORDER BY e.ordinal DESC LIMIT 1) c ON true
             WHERE t.trial_id = in_trial AND t.task_id = in_task) o
         WHERE o.word IS NOT NULL
         ORDER BY array_position(ARRAY['withdrawn', 'declined', 'never-asked'], o.word) LIMIT 1);
END
$$;

-- What becomes of data that was collected then, for a task where it was for one: NULL, in use; before-consent,
-- never-asked or old-version: quarantine; every other word of rctd.may(): nothing is stored. Each consent that data
-- needs, and the task itself, must have been a yes at that moment, by the latest decision until then. The unit is
-- held, so that the answer lasts.
CREATE FUNCTION rctd.measure_standing(in_trial uuid, in_unit uuid, in_collected timestamptz, in_task uuid) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    objection text;
    own text;
BEGIN
    PERFORM FROM rctd.unit u WHERE u.trial_id = in_trial AND u.unit_id = in_unit FOR SHARE;
    objection := rctd.may(in_trial, in_unit, 'data');
    own := rctd.measure_of_task(in_trial, in_unit, in_task, NULL);
    IF objection IS NULL OR (rctd.refuses_for_good(own) AND NOT rctd.refuses_for_good(objection)) THEN
        objection := own;
    END IF;
    IF objection IS NOT NULL THEN
        RETURN objection;
    END IF;
    IF EXISTS (
        SELECT FROM rctd.consent_rule r
         WHERE r.trial_id = in_trial AND r.kind = 'participant' AND r.action = 'data'
           AND r.version = (SELECT max(v.version) FROM rctd.protocol_version v
                             WHERE v.trial_id = in_trial AND v.state = 'locked')
           AND rctd.said_at(in_trial, in_unit, r.form, r.scope, in_collected) <> 'yes')
       OR rctd.measure_of_task(in_trial, in_unit, in_task, in_collected) IS NOT NULL THEN
        RETURN 'before-consent';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION rctd.measure_stands() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    standing text;
    of_task rctd.task;
BEGIN
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.recorded_by, ARRAY['coordinator']);
    standing := rctd.measure_standing(NEW.trial_id, NEW.unit_id, NEW.collected_at, NEW.task_id);
    IF rctd.refuses_for_good(standing) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'measure_refused',
            MESSAGE = format('No data is taken from somebody whose consent is %s', standing);
    END IF;
    IF NEW.quarantine IS DISTINCT FROM standing THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'measure_quarantined',
            MESSAGE = 'Data goes to quarantine, or into use, by the consents that it needs';
    END IF;
    IF NEW.task_id IS NOT NULL THEN
        SELECT * INTO of_task FROM rctd.task t WHERE t.trial_id = NEW.trial_id AND t.task_id = NEW.task_id;
        IF of_task.unit_id IS DISTINCT FROM NEW.unit_id THEN
            RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'measure_of_the_task',
                MESSAGE = 'That task is somebody else''s';
        END IF;
        NEW.arm_specific := NEW.arm_specific OR of_task.arm_specific;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER measure_stands BEFORE INSERT ON rctd.measure
    FOR EACH ROW EXECUTE FUNCTION rctd.measure_stands();

-- What was in quarantine is in use from then on: by a trial manager, for a reason, while the person's consent
-- to data holds.
CREATE TABLE rctd.measure_release (
    trial_id uuid NOT NULL,
    measure_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    released_at timestamptz NOT NULL,
    released_by uuid NOT NULL REFERENCES rctd.account,
    PRIMARY KEY (trial_id, measure_id),
    FOREIGN KEY (trial_id, measure_id) REFERENCES rctd.measure,
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.participant
);
CREATE TRIGGER measure_release_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.measure_release
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TRIGGER measure_release_audit AFTER INSERT ON rctd.measure_release
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('measure-release', 'measure_id', 'unit:', 'unit_id', '', '');

CREATE FUNCTION rctd.measure_release_check() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    objection text;
BEGIN
    PERFORM FROM rctd.unit u WHERE u.trial_id = NEW.trial_id AND u.unit_id = NEW.unit_id FOR SHARE;
    PERFORM rctd.signed_in_role(NEW.trial_id, NEW.released_by, ARRAY['trial-manager']);
    IF NOT EXISTS (SELECT FROM rctd.measure m WHERE m.trial_id = NEW.trial_id AND m.measure_id = NEW.measure_id
                      AND m.unit_id = NEW.unit_id AND m.quarantine IS NOT NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'measure_release_quarantined',
            MESSAGE = 'Only what is in quarantine is released';
    END IF;
    objection := coalesce(rctd.may(NEW.trial_id, NEW.unit_id, 'data'), rctd.measure_of_task(NEW.trial_id, NEW.unit_id,
        (SELECT m.task_id FROM rctd.measure m WHERE m.trial_id = NEW.trial_id AND m.measure_id = NEW.measure_id), NULL),
        rctd.may(NEW.trial_id, NEW.unit_id, 'export'));
    IF objection IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'RC001', CONSTRAINT = 'measure_release_consented',
            MESSAGE = format('Data is released while its consent holds: %s', objection);
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER measure_release_check BEFORE INSERT ON rctd.measure_release
    FOR EACH ROW EXECUTE FUNCTION rctd.measure_release_check();

-- What may be done with data now: in-use; quarantined, until it is released; stopped, where the person wants it used no
-- more, whatever it was.
CREATE FUNCTION rctd.measure_state(in_trial uuid, in_unit uuid, in_measure uuid, in_quarantine text) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN CASE WHEN rctd.refuses_for_good(rctd.may(in_trial, in_unit, 'export')) THEN 'stopped'
                WHEN in_quarantine IS NOT NULL AND NOT EXISTS (SELECT FROM rctd.measure_release r
                    WHERE r.trial_id = in_trial AND r.measure_id = in_measure) THEN 'quarantined'
                ELSE 'in-use' END;
END
$$;

-- A blinded role sees what every arm has; those who use the data, none whose use was stopped.
ALTER TABLE rctd.measure ENABLE ROW LEVEL SECURITY;
CREATE POLICY measure_all ON rctd.measure TO rctd_app USING (true);
CREATE POLICY measure_managed ON rctd.measure TO rctd_manager USING (NOT arm_specific);
CREATE POLICY measure_blinded ON rctd.measure TO rctd_blinded
    USING (NOT arm_specific AND rctd.measure_state(trial_id, unit_id, measure_id, quarantine) <> 'stopped');
-- Of releases a blinded role sees those whose measurement it sees.
ALTER TABLE rctd.measure_release ENABLE ROW LEVEL SECURITY;
CREATE POLICY measure_release_all ON rctd.measure_release TO rctd_app USING (true);
CREATE POLICY measure_release_blinded ON rctd.measure_release TO rctd_blinded, rctd_manager USING (EXISTS (SELECT FROM rctd.measure m
    WHERE m.trial_id = measure_release.trial_id AND m.measure_id = measure_release.measure_id));

GRANT EXECUTE ON FUNCTION rctd.channel_action(text) TO rctd_app;
GRANT EXECUTE ON FUNCTION rctd.measure_standing(uuid, uuid, timestamptz, uuid) TO rctd_app;
GRANT EXECUTE ON FUNCTION rctd.measure_state(uuid, uuid, uuid, text) TO rctd_app, rctd_manager, rctd_blinded;
GRANT SELECT ON rctd.measure TO rctd_app;
GRANT SELECT (trial_id, measure_id, unit_id, instrument, task_id, collected_at, measured, quarantine, arm_specific,
    protocol_version, recorded_at, recorded_by) ON rctd.measure TO rctd_blinded;
GRANT SELECT (trial_id, measure_id, unit_id, instrument, task_id, collected_at, quarantine, arm_specific,
    protocol_version, recorded_at, recorded_by) ON rctd.measure TO rctd_manager;
GRANT INSERT ON rctd.measure TO rctd_app;
GRANT SELECT ON rctd.measure_release TO rctd_app, rctd_manager, rctd_blinded;
GRANT INSERT ON rctd.measure_release TO rctd_manager;
