"""Every scope, in every state that consent to it can be in, against every action: what the daemon answers, and what
the database lets its own roles write. What is right is worked out here, from what the issue and rctd-protocol(5)
say, and not from the product's tables."""
import pytest
from world import World, WITH_PEOPLE, check

FORMS = {
    "participation": ("participate", "questionnaires"),
    "contact": ("pass-on-contact",),
    "optional": ("interview", "audio", "sms", "register-linkage", "future-contact"),
}
SCOPES = [(form, scope) for form, scopes in FORMS.items() for scope in scopes]
STATES = ("consented", "declined", "taken back", "form withdrawn", "old version", "never asked")

# What each action needs, scope by scope.
NEEDS = {
    "allocate": {"participate"},
    "data": {"participate", "questionnaires"},
    "intervention": {"participate"},
    "interview": {"participate", "interview"},
    "audio": {"participate", "interview", "audio"},
    "contact": {"pass-on-contact"},
    "sms": {"pass-on-contact", "sms"},
    "linkage": {"participate", "register-linkage"},
    "future-contact": {"future-contact"},
    "export": {"participate"},
}
WORST_FIRST = ("withdrawn", "declined", "never-asked", "old-version")
STOPS = {  # which actions a stop ends
    "intervention": {"allocate", "intervention"},
    "questionnaires": {"data"},
    "interviews": {"interview", "audio"},
    "sms": {"sms"},
    "linkage": {"linkage"},
    "contact": {"interview", "audio", "contact", "sms", "future-contact"},
    "data-use": {"allocate", "export"},
}


def said_of(scope, form, state, asked):
    """What stands against the scope `asked` of somebody for whom only `scope` of `form` is in that state."""
    if asked not in FORMS[form]:
        return None
    whole = {"form withdrawn": "withdrawn", "old version": "old-version", "never asked": "never-asked"}.get(state)
    part = {"declined": "declined", "taken back": "withdrawn"}.get(state) if asked == scope else None
    return whole or part


def expected(form, scope, state, action, reconsent):
    objections = {said_of(scope, form, state, asked) for asked in NEEDS[action]} - {None}
    if action == "export":  # given once is enough
        objections -= {"withdrawn", "old-version"}
    elif action != "allocate" and not reconsent:  # an older version stays good
        objections -= {"old-version"}
    return next((word for word in WORST_FIRST if word in objections), None)


# What the database's roles try: the role, the role and account of who acts, the statement, what may refuse it.
PARTS = {
    "allocate": ("rctd_app", "coordinator", "coordinator", """
        INSERT INTO rctd.allocation (trial_id, allocation_id, scheme, stratum, position, unit_id, arm, phase, protocol_version,
                                     method, decision, allocated_at, allocated_by, idempotency_key)
        SELECT $1, gen_random_uuid(), 'people', '', 1, $2, 'opal', 'people', 2, 'simple', '{}', rctd.clock(), $3, gen_random_uuid()::text""",
                 {"allocation_consent"}),
    "data": ("rctd_app", "coordinator", "coordinator", """
        INSERT INTO rctd.measure (trial_id, measure_id, unit_id, instrument, collected_at, measured, arm_specific,
                                  protocol_version, recorded_at, recorded_by)
        SELECT $1, gen_random_uuid(), $2, 'mood', rctd.clock(), '{"sum": 3}', false, 2, rctd.clock(), $3""",
             {"measure_refused", "measure_quarantined"}),
    "sms": ("rctd_app", "coordinator", "coordinator", """
        INSERT INTO rctd.reminder_attempt (trial_id, reminder_id, attempt, endpoint_id, started_at)
        SELECT $1, r.reminder_id, 1, (SELECT endpoint_id FROM rctd.endpoint), rctd.clock()
          FROM rctd.reminder r WHERE r.unit_id = $2""", {"reminder_allowed"}),
    "linkage": ("rctd_vault", "identity-reader", "linker", """
        INSERT INTO rctd_vault.reading (trial_id, reading_id, unit_id, purpose, fields, account_id, reason, read_at)
        SELECT $1, gen_random_uuid(), $2, 'linkage', '{number}', $3, 'audit', rctd.clock()""", {"reading_consent"}),
    "contact": ("rctd_vault", "identity-reader", "caller", """
        INSERT INTO rctd_vault.reading (trial_id, reading_id, unit_id, purpose, fields, account_id, reason, read_at)
        SELECT $1, gen_random_uuid(), $2, 'contact', '{phone}', $3, 'audit', rctd.clock()""", {"reading_consent"}),
}
CLAIM = """
    INSERT INTO rctd.task_claim (trial_id, claim_id, task_id, unit_id, account_id, claimed_at)
    SELECT $1, gen_random_uuid(), t.task_id, $2, $3, rctd.clock() FROM rctd.task t WHERE t.unit_id = $2 AND t.task = '{}'"""
TASKS = {"interview": "meet", "audio": "recorded", "contact": "ring", "intervention": "course", "sms": "text"}
for role, actor in (("rctd_app", "coordinator"), ("rctd_blinded", "interviewer")):
    for action, task in TASKS.items():
        if action != "sms":
            PARTS[f"{action} ({actor})"] = (role, actor, actor, CLAIM.format(task), {"task_may", "task_planned"})


def protocol(version, reconsent):
    again = ", reconsent: {who: all, within: 42d, waits: [data, intervention, interview, contact, linkage, future-contact]}"
    lines = [f"    {form}: {{by: participant, version: {version}, from: 2026-01-01, languages: [en], scopes: [{', '.join(scopes)}]"
             f"{again if reconsent and version > 1 else ''}}}" for form, scopes in FORMS.items()]
    text = WITH_PEOPLE.replace(
        "    participation: {by: participant, version: 1, languages: [en], scopes: [participate]}", "\n".join(lines))
    assert text != WITH_PEOPLE
    return text.replace("  required_before_allocation: {participant: [participation/participate]}\n", (
        "  required_before_allocation: {participant: [participation/participate]}\n"
        "  required_before_data: {participant: [participation/participate]}\n")).replace("reminders:\n", (
            "  meet: {unit: participant, kind: interview, anchor: allocation, at: 10d, window: [-5d, 5d]}\n"
            "  recorded: {unit: participant, kind: interview, scope: audio, anchor: allocation, at: 10d, window: [-5d, 5d]}\n"
            "  ring: {unit: participant, kind: call, anchor: allocation, at: 10d, window: [-5d, 5d]}\n"
            "  course: {unit: participant, kind: session, anchor: allocation, at: 10d, window: [-5d, 5d]}\n"
            "  text: {unit: participant, kind: message, anchor: allocation, at: 10d, window: [-5d, 5d]}\n"
            "reminders:\n"))


def record(world, code, form, version, yes, decision="given"):
    body = {"form": form, "version": version, "decision": decision, "signed_at": "2026-02-01T09:00:00Z", "how": "paper"}
    if decision == "given":
        body["scopes"] = yes
    check(world.post("coordinator", f"{world.path}/participants/{code}/consents", body), 201)


def everything(form):
    return {scope: True for scope in FORMS[form]}


class Matrix:
    def __init__(self, cluster, reconsent):
        self.reconsent = reconsent
        self.world = World(cluster, protocol=protocol(1, False), phases=("main", "people"))
        self.world.workplaces(1)
        self.cells = [(form, scope, state) for form, scope in SCOPES for state in STATES]
        self.codes = dict(zip(self.cells, self.world.people(len(self.cells), ready=False)))
        self.sign()

    def sign(self):
        for (form, scope, state), code in self.codes.items():
            if state == "old version":
                record(self.world, code, form, 1, everything(form))
        self.world.lock(protocol(2, self.reconsent))
        for (form, scope, state), code in self.codes.items():
            for other in FORMS:
                if other != form:
                    record(self.world, code, other, 2, everything(other))
            if state in ("consented", "taken back", "form withdrawn"):
                record(self.world, code, form, 2, everything(form))
            if state in ("declined", "taken back"):
                record(self.world, code, form, 2, {**everything(form), scope: False})
            if state == "form withdrawn":
                record(self.world, code, form, 2, None, decision="withdrawn")

    def account(self, name):
        return f"(SELECT account_id FROM rctd.account WHERE name = '{name}')"

    def plan(self):
        """Tasks, and a reminder by text message, for everybody: what is refused is refused for the consent."""
        world = self.world
        for name, purpose in (("linker", "linkage"), ("caller", "contact")):
            world.account(name, "identity-reader", purpose=purpose)
        check(world.post("trial-manager", f"{world.path}/endpoints", {"url": "http://127.0.0.1:9/hook"}, key=None))
        kinds = {"meet": "interview", "recorded": "interview", "ring": "call", "course": "session", "text": "message"}
        for task, kind in kinds.items():
            world.cluster.sql(world.database, f"""
                INSERT INTO rctd.task (trial_id, task_id, unit_id, task, occurrence, kind, anchor, target_on, opens_at, closes_at,
                                       arm_specific, protocol_version)
                SELECT trial_id, gen_random_uuid(), unit_id, '{task}', 1, '{kind}', 'allocation', now()::date, now(), now() + interval '9 days',
                       false, 2 FROM rctd.unit WHERE kind = 'participant'""")
        world.cluster.sql(world.database, """
            INSERT INTO rctd.reminder (trial_id, reminder_id, task_id, unit_id, step, channel, template, language, due_at, next_attempt_at,
                                       arm_specific, shard)
            SELECT trial_id, gen_random_uuid(), task_id, unit_id, 1, 'sms', 'nudge', 'en', now() + interval '1 day', now() + interval '1 day',
                   false, 0 FROM rctd.task WHERE task = 'text';
            INSERT INTO rctd.stratum SELECT trial_id, 'people', '' FROM rctd.trial ON CONFLICT DO NOTHING""")

    def attempts(self):
        """Each write, tried by the role of the database that would do it: code -> write -> what came of it."""
        tried = []
        for what, (role, actor_role, account, statement, _) in PARTS.items():
            tried.append(f"('{what}', '{role}', '{actor_role}', {self.account(account)}, $q${statement}$q$)")
        rows = self.world.cluster.rows(self.world.database, f"""
            CREATE TEMP TABLE came (code text, part text, result text);
            DO $do$
            DECLARE
                one record;
                rule text;
            BEGIN
                FOR one IN SELECT u.trial_id, u.unit_id, u.code, p.* FROM rctd.unit u,
                        (VALUES {', '.join(tried)}) p (part, role, actor_role, account, statement)
                     WHERE u.kind = 'participant'
                LOOP
                    BEGIN
                        PERFORM set_config('rctd.account', one.account::text, true), set_config('rctd.actor_role', one.actor_role, true),
                                set_config('role', one.role, true);
                        EXECUTE one.statement USING one.trial_id, one.unit_id, one.account;
                        RAISE EXCEPTION USING ERRCODE = 'ZZ001';
                    EXCEPTION WHEN OTHERS THEN
                        GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
                        IF SQLSTATE = 'ZZ001' THEN
                            rule := 'written';
                        ELSIF SQLSTATE <> 'RC001' THEN
                            rule := SQLSTATE || ' ' || SQLERRM;
                        END IF;
                    END;
                    INSERT INTO came VALUES (one.code, one.part, rule);
                END LOOP;
            END
            $do$;
            SELECT code, part, result FROM came""")
        found = {}
        for code, part, result in rows:
            found.setdefault(code, {})[part] = result
        return found


@pytest.fixture(scope="module", params=[True, False], ids=["signed-anew", "old-version-good"])
def matrix(cluster, request):
    made = Matrix(cluster, request.param)
    with made.world:
        yield made


def test_every_list_of_whom_something_may_be_done_with_has_the_same_cells(matrix):
    world = matrix.world
    for action in NEEDS:
        path = f"{world.path}/permissions?action={action}"
        if action == "allocate":  # the lists of units say who is ready
            assert world.get("coordinator", path).status == 422
            continue
        wanted = {matrix.codes[cell]: expected(*cell, action, matrix.reconsent) for cell in matrix.cells}
        listed = world.items("coordinator", path)
        assert {row["code"]: row["objection"] for row in listed} == wanted
        assert all(row["allowed"] is (row["objection"] is None) and row["workplace"] == "W0001" for row in listed)
        assert world.items("researcher", path) == listed
        for allowed in (True, False):
            some = world.items("statistician", f"{path}&allowed={str(allowed).lower()}")
            assert [row["code"] for row in some] == sorted(code for code, word in wanted.items() if (word is None) is allowed)


def test_every_cell_is_answered_by_the_one_function(matrix):
    seen = set()
    for (form, scope, state), code in matrix.codes.items():
        answers = {p["action"]: p["objection"] for p in
                   matrix.world.items("coordinator", f"{matrix.world.path}/participants/{code}/permissions")}
        assert set(answers) == set(NEEDS)
        for action, objection in answers.items():
            assert objection == expected(form, scope, state, action, matrix.reconsent), (form, scope, state, action)
            seen.add(objection)
    assert seen == {None, "declined", "withdrawn", "never-asked", "old-version"}


def test_the_database_refuses_each_forbidden_write_and_takes_the_others(matrix):
    matrix.plan()
    came = matrix.attempts()
    counts = {"written": 0, "refused": 0}
    for (form, scope, state), code in matrix.codes.items():
        for part, (_, _, _, _, rules) in PARTS.items():
            action = part.split(" ")[0]
            wanted = expected(form, scope, state, action, matrix.reconsent)
            result = came[code][part]
            if wanted is None:
                assert result == "written", (form, scope, state, part, result)
            else:
                assert result in rules, (form, scope, state, part, wanted, result)
            counts["written" if wanted is None else "refused"] += 1
    assert min(counts.values()) > 100


def test_a_role_without_the_privilege_writes_nothing_whatever_was_consented(matrix):
    for table in ("allocation", "measure", "reminder_attempt", "consent", "stop"):
        for role in ("rctd_blinded", "rctd_manager", "rctd_link"):
            assert matrix.world.cluster.sql(
                matrix.world.database, f"SELECT has_table_privilege('{role}', 'rctd.{table}', 'INSERT')").strip() == "f"


def test_each_stop_ends_its_actions_and_no_other(matrix):
    world = matrix.world
    codes = [code for (_, _, state), code in matrix.codes.items() if state == "consented"]
    for stop, code in zip(STOPS, codes):
        world.cluster.sql(world.database, f"""
            INSERT INTO rctd.stop (trial_id, unit_id, ordinal, stop, decision, decided_by, how, decided_at, recorded_at, recorded_by)
            SELECT trial_id, unit_id, 1, '{stop}', 'stop', 'participant', 'phone', now(), now(), {matrix.account('coordinator')}
              FROM rctd.unit WHERE code = '{code}'""")
        answers = {p["action"]: p["objection"] for p in world.items("coordinator", f"{world.path}/participants/{code}/permissions")}
        assert {action for action, objection in answers.items() if objection == "withdrawn"} == STOPS[stop], stop
        assert {objection for objection in answers.values()} == {"withdrawn", None}
