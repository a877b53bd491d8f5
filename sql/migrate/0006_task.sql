-- 0006: tasks, reminders, where reminders go, and who may send them.

-- A planned contact of a unit: one row per task of the protocol and occurrence, made in the transaction
-- that anchors it. The window is half open: opens_at <= t < closes_at, whole civil days of the trial's
-- time zone. A task that only some arms have tells about the arm: arm_specific.
CREATE TABLE rctd.task (
    trial_id uuid NOT NULL,
    task_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    task text NOT NULL,
    occurrence integer NOT NULL CHECK (occurrence > 0),
    kind text NOT NULL,
    anchor text NOT NULL,
    target_on date NOT NULL,
    opens_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'planned',
    arm_specific boolean NOT NULL,
    protocol_version integer NOT NULL,
    PRIMARY KEY (trial_id, task_id),
    UNIQUE (trial_id, unit_id, task, occurrence),
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit,
    FOREIGN KEY (trial_id, protocol_version) REFERENCES rctd.protocol_version,
    CONSTRAINT window_is_not_empty CHECK (opens_at < closes_at)
);
CREATE INDEX task_window ON rctd.task (trial_id, opens_at, task_id);
INSERT INTO rctd.state_transition VALUES
    ('task', 'new', 'planned'), ('task', 'planned', 'done'), ('task', 'planned', 'missed'), ('task', 'planned', 'cancelled');
-- A plan comes in as dozens of rows under a stratum's lock: the common first state is not looked up.
CREATE TRIGGER task_state_first BEFORE INSERT ON rctd.task
    FOR EACH ROW WHEN (NEW.state <> 'planned') EXECUTE FUNCTION rctd.state_check('task');
CREATE TRIGGER task_state BEFORE UPDATE ON rctd.task
    FOR EACH ROW WHEN (NEW.state <> OLD.state) EXECUTE FUNCTION rctd.state_check('task');
CREATE TRIGGER task_audit AFTER UPDATE OR DELETE ON rctd.task
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('task', 'task_id', 'unit:', 'unit_id', '', '');
CREATE TRIGGER task_whole BEFORE TRUNCATE ON rctd.task
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- The plan of a unit comes in at once and is one row of the trail.
CREATE FUNCTION rctd.audit_plan() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan record;
BEGIN
    FOR plan IN
        SELECT n.trial_id, n.unit_id, jsonb_agg(to_jsonb(n) - 'trial_id' - 'unit_id' ORDER BY n.task, n.occurrence) AS tasks
          FROM planned n GROUP BY n.trial_id, n.unit_id ORDER BY n.unit_id
    LOOP
        PERFORM rctd.audit_append(plan.trial_id, 'unit:' || plan.unit_id, 'plan', plan.unit_id::text,
            NULL, jsonb_build_object('tasks', plan.tasks), 'insert');
    END LOOP;
    RETURN NULL;
END
$$;
CREATE TRIGGER task_plan_audit AFTER INSERT ON rctd.task REFERENCING NEW TABLE AS planned
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.audit_plan();

-- Where reminders of a channel go ('any': channels without an endpoint of their own). The signing
-- secret is sealed under the daemon's master key. A new one takes the place of the one before, which
-- signs as well for 24 hours.
CREATE TABLE rctd.endpoint (
    trial_id uuid NOT NULL REFERENCES rctd.trial,
    endpoint_id uuid NOT NULL,
    url text NOT NULL CHECK (url ~ '^https?://'),
    channel text NOT NULL CHECK (channel IN ('any', 'email', 'sms', 'phone')),
    description text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'active',
    sealed_secret bytea NOT NULL,
    sealed_previous bytea,
    previous_until timestamptz,
    key_id text NOT NULL,
    disabled_reason text,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (trial_id, endpoint_id)
);
CREATE UNIQUE INDEX endpoint_channel ON rctd.endpoint (trial_id, channel) WHERE state = 'active';
INSERT INTO rctd.state_transition VALUES
    ('endpoint', 'new', 'active'), ('endpoint', 'active', 'disabled'), ('endpoint', 'disabled', 'active');
CREATE TRIGGER endpoint_state BEFORE INSERT OR UPDATE ON rctd.endpoint
    FOR EACH ROW EXECUTE FUNCTION rctd.state_check('endpoint');
CREATE FUNCTION rctd.endpoint_rotate() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.sealed_previous := OLD.sealed_secret;
    NEW.previous_until := now() + interval '24 hours';
    RETURN NEW;
END
$$;
CREATE TRIGGER endpoint_rotate BEFORE UPDATE OF sealed_secret ON rctd.endpoint
    FOR EACH ROW EXECUTE FUNCTION rctd.endpoint_rotate();
CREATE TRIGGER endpoint_audit AFTER INSERT OR UPDATE OR DELETE ON rctd.endpoint
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('endpoint', 'endpoint_id', 'trial', '', '', 'sealed_secret,sealed_previous', 'version');
CREATE TRIGGER endpoint_whole BEFORE TRUNCATE ON rctd.endpoint
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- Reminders live in 256 shards; a daemon sends only for shards that it holds by lease. `attempts` counts
-- all attempts with a result, `failures` those since it was last scheduled by somebody.
CREATE TABLE rctd.reminder (
    trial_id uuid NOT NULL,
    reminder_id uuid NOT NULL,
    task_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    step integer NOT NULL CHECK (step > 0),
    channel text NOT NULL CHECK (channel IN ('email', 'sms', 'phone')),
    template text NOT NULL,
    language text NOT NULL,
    due_at timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    state text NOT NULL DEFAULT 'scheduled',
    arm_specific boolean NOT NULL,
    shard integer NOT NULL CHECK (shard BETWEEN 0 AND 255),
    PRIMARY KEY (trial_id, reminder_id),
    UNIQUE (trial_id, task_id, step),
    FOREIGN KEY (trial_id, task_id) REFERENCES rctd.task,
    FOREIGN KEY (trial_id, unit_id) REFERENCES rctd.unit
);
CREATE INDEX reminder_due ON rctd.reminder (trial_id, next_attempt_at) WHERE state = 'scheduled';
CREATE INDEX reminder_of_unit ON rctd.reminder (trial_id, unit_id);
INSERT INTO rctd.state_transition VALUES
    ('reminder', 'new', 'scheduled'), ('reminder', 'scheduled', 'sent'), ('reminder', 'scheduled', 'dead'),
    ('reminder', 'scheduled', 'cancelled'), ('reminder', 'dead', 'scheduled'), ('reminder', 'dead', 'cancelled');
CREATE TRIGGER reminder_state_first BEFORE INSERT ON rctd.reminder
    FOR EACH ROW WHEN (NEW.state <> 'scheduled') EXECUTE FUNCTION rctd.state_check('reminder');
CREATE TRIGGER reminder_state BEFORE UPDATE ON rctd.reminder
    FOR EACH ROW WHEN (NEW.state <> OLD.state) EXECUTE FUNCTION rctd.state_check('reminder');
-- The plan is in the trail with its tasks, and sending has ledgers of its own: here what people do, who
-- send dead letters anew, that a reminder was stopped, and what nobody should.
CREATE TRIGGER reminder_audit AFTER UPDATE ON rctd.reminder FOR EACH ROW
    WHEN (OLD.state <> 'scheduled' OR NEW.state = 'cancelled' OR (OLD.channel, OLD.template, OLD.language, OLD.due_at, OLD.arm_specific)
          IS DISTINCT FROM (NEW.channel, NEW.template, NEW.language, NEW.due_at, NEW.arm_specific))
    EXECUTE FUNCTION rctd.audit_change('reminder', 'reminder_id', 'unit:', 'unit_id', '', '', 'attempts,failures,next_attempt_at');
CREATE TRIGGER reminder_audit_delete AFTER DELETE ON rctd.reminder
    FOR EACH ROW EXECUTE FUNCTION rctd.audit_change('reminder', 'reminder_id', 'unit:', 'unit_id', '', '', 'attempts,failures,next_attempt_at');
CREATE TRIGGER reminder_whole BEFORE TRUNCATE ON rctd.reminder
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.never_emptied();

-- Each attempt to push a reminder, written before it leaves; and what came of it. An attempt without a
-- result is under way, or its daemon died: then it is not known whether it arrived, and the reminder
-- goes out again with the same id.
CREATE TABLE rctd.reminder_attempt (
    trial_id uuid NOT NULL,
    reminder_id uuid NOT NULL,
    attempt integer NOT NULL CHECK (attempt > 0),
    endpoint_id uuid NOT NULL,
    started_at timestamptz NOT NULL,
    PRIMARY KEY (trial_id, reminder_id, attempt),
    FOREIGN KEY (trial_id, reminder_id) REFERENCES rctd.reminder,
    FOREIGN KEY (trial_id, endpoint_id) REFERENCES rctd.endpoint
);
CREATE TRIGGER reminder_attempt_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.reminder_attempt
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();
CREATE TABLE rctd.reminder_result (
    trial_id uuid NOT NULL,
    reminder_id uuid NOT NULL,
    attempt integer NOT NULL,
    milliseconds integer NOT NULL CHECK (milliseconds >= 0),
    status integer,
    outcome text NOT NULL CHECK (outcome IN ('delivered', 'retry', 'dead')),
    problem text,
    PRIMARY KEY (trial_id, reminder_id, attempt),
    FOREIGN KEY (trial_id, reminder_id, attempt) REFERENCES rctd.reminder_attempt
);
CREATE TRIGGER reminder_result_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON rctd.reminder_result
    FOR EACH STATEMENT EXECUTE FUNCTION rctd.ledger_only();

-- Who sends for a shard: by the database's clock, with a number that grows with every holder.
CREATE TABLE rctd.shard_lease (
    shard integer PRIMARY KEY CHECK (shard BETWEEN 0 AND 255),
    holder uuid,
    fence bigint NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 40);
INSERT INTO rctd.shard_lease (shard) SELECT generate_series(0, 255);

ALTER TABLE rctd.task ENABLE ROW LEVEL SECURITY;
CREATE POLICY task_all ON rctd.task TO rctd_app USING (true);
CREATE POLICY task_blinded ON rctd.task TO rctd_blinded, rctd_manager USING (NOT arm_specific);
ALTER TABLE rctd.reminder ENABLE ROW LEVEL SECURITY;
CREATE POLICY reminder_all ON rctd.reminder TO rctd_app USING (true);
CREATE POLICY reminder_blinded ON rctd.reminder TO rctd_blinded, rctd_manager USING (NOT arm_specific);
-- Of attempts and results a blinded role sees those whose reminder it sees.
ALTER TABLE rctd.reminder_attempt ENABLE ROW LEVEL SECURITY;
CREATE POLICY reminder_attempt_all ON rctd.reminder_attempt TO rctd_app USING (true);
CREATE POLICY reminder_attempt_blinded ON rctd.reminder_attempt TO rctd_blinded USING (EXISTS (SELECT FROM rctd.reminder r
    WHERE r.trial_id = reminder_attempt.trial_id AND r.reminder_id = reminder_attempt.reminder_id));
ALTER TABLE rctd.reminder_result ENABLE ROW LEVEL SECURITY;
CREATE POLICY reminder_result_all ON rctd.reminder_result TO rctd_app USING (true);
CREATE POLICY reminder_result_blinded ON rctd.reminder_result TO rctd_blinded USING (EXISTS (SELECT FROM rctd.reminder r
    WHERE r.trial_id = reminder_result.trial_id AND r.reminder_id = reminder_result.reminder_id));

GRANT SELECT ON rctd.task, rctd.reminder TO rctd_app, rctd_manager, rctd_blinded;
GRANT SELECT ON rctd.reminder_attempt, rctd.reminder_result TO rctd_app, rctd_blinded;
GRANT SELECT (trial_id, endpoint_id, url, channel, description, state, previous_until, disabled_reason, version, created_at)
    ON rctd.endpoint TO rctd_manager, rctd_blinded;
GRANT SELECT ON rctd.endpoint TO rctd_app;
GRANT INSERT, UPDATE (state, version, sealed_secret, key_id, disabled_reason) ON rctd.endpoint TO rctd_manager;
GRANT UPDATE (state, version, disabled_reason) ON rctd.endpoint TO rctd_app;
GRANT INSERT, UPDATE (state) ON rctd.task TO rctd_app;
GRANT INSERT, UPDATE (state, attempts, failures, next_attempt_at) ON rctd.reminder TO rctd_app;
GRANT INSERT ON rctd.reminder_attempt, rctd.reminder_result TO rctd_app;
GRANT SELECT, UPDATE ON rctd.shard_lease TO rctd_app;
