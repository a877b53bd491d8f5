"""Tasks of participants in workplaces: planned with their workplace's allocation, for who joins later too, and so
that nobody who is blinded can tell from them which arm a workplace has."""
import concurrent.futures

import harness
from locks import locked, waiting
import pytest
from world import PROTOCOL, World, ago, check

DOCUMENT = PROTOCOL.replace("arms:\n", """\
participant:
  attributes:
    sex: {levels: [woman, man]}
consent:
  forms:
    participation: {by: participant, version: 1, languages: [en], scopes: [participate, interview]}
  required_before_data: {participant: [participation/participate]}
arms:
""", 1).replace("  form: {kind: questionnaire,", "  form: {kind: questionnaire, unit: participant,").replace(
    "  call: {kind: questionnaire,", "  call: {kind: questionnaire, unit: participant,").replace(
    "tasks:\n", """tasks:
  before: {kind: questionnaire, unit: participant, anchor: allocation, at: -10d, window: [-10d, 5d]}
  weekly: {kind: message, unit: participant, anchor: allocation, every: 7d, times: 6, window: [0d, 3d]}
""")


@pytest.fixture(name="world")
def fixture_world(cluster):
    with World(cluster, DOCUMENT, arguments=("--rehearsal",)) as world:
        yield world


def people(world, workplace, count):
    return [check(world.post("coordinator", f"{world.path}/participants",
                             {"workplace": workplace, "attributes": {"sex": "woman"}}), 201)["code"] for _ in range(count)]


def planned(world, code, role="coordinator"):
    """(task, occurrence, target day) of what is planned for a participant."""
    return sorted((task["task"], task["occurrence"], task["target_on"])
                  for task in world.items(role, f"{world.path}/tasks?participant={code}"))


def names(world, code, role="coordinator"):
    return {task for task, _, _ in planned(world, code, role)}


def test_a_workplace_s_allocation_plans_what_is_its_own_and_what_is_each_participant_s(world):
    first, second = world.workplaces(2)
    inside, outside = people(world, first, 3), people(world, second, 1)
    assert names(world, inside[0]) == set()
    arm = check(world.allocate(first), 201)["arm"]
    own = {task["task"] for task in world.items("coordinator", f"{world.path}/tasks?workplace={first}")}
    assert own == ({"talk"} if arm in ("opal", "jade") else set())
    for code in inside:
        assert names(world, code) == {"before", "weekly", "form"} | ({"call"} if arm == "opal" else set())
        assert [n for task, n, _ in planned(world, code) if task == "weekly"] == [1, 2, 3, 4, 5, 6]
    assert names(world, outside[0]) == set()
    reminders = world.items("coordinator", f"{world.path}/reminders")
    assert {reminder["participant"] for reminder in reminders if reminder["task"] == "form"} == set(inside)


def test_who_joins_an_allocated_workplace_gets_what_lies_ahead_counted_from_its_allocation(world):
    workplace = world.workplaces(1)[0]
    early = people(world, workplace, 1)[0]
    check(world.allocate(workplace), 201)
    check(world.post("administrator", "/v1/rehearsal/advance", {"days": 11}))
    late = people(world, workplace, 1)[0]
    table = f"workplace,sex\n{workplace},man\n{workplace},woman\n"
    check(world.post("coordinator", f"{world.path}/participants/import", table, headers={"Content-Type": "text/csv"}))
    everyone = [item["code"] for item in world.items("coordinator", f"{world.path}/participants?workplace={workplace}")]
    assert len(everyone) == 4
    ahead = [row for row in planned(world, early) if row[0] != "before" and row[:2] != ("weekly", 1)]
    assert len(ahead) in (6, 7)
    for code in everyone:
        if code != early:
            assert planned(world, code) == ahead
    assert late in everyone


def test_blinded_roles_see_the_same_tasks_of_participants_whatever_the_arm(world):
    codes = world.workplaces(64)[::8]  # eight in one stratum: at least a block of each
    inside = {code: people(world, code, 1)[0] for code in codes}
    arms = {code: check(world.allocate(code), 201)["arm"] for code in codes}
    assert len(set(arms.values())) == 3
    seen = {frozenset((task, number) for task, number, _ in planned(world, inside[code], "researcher")) for code in codes}
    assert len(seen) == 1 and "call" not in {task for task, _ in seen.pop()}
    assert {"call" in names(world, inside[code]) for code in codes if arms[code] == "opal"} == {True}


def test_allocations_and_registrations_at_once_leave_nobody_without_tasks(world):
    codes = world.workplaces(12)
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        allocated = [pool.submit(world.allocate, code) for code in codes]
        joined = [pool.submit(people, world, code, 2) for code in codes]
        for answer in allocated:
            check(answer.result(), 201)
        everyone = [code for answer in joined for code in answer.result()]
    assert len(everyone) == 24
    for code in everyone:
        assert {"weekly", "form"} <= names(world, code), code


def test_who_moves_into_an_allocated_workplace_gets_its_tasks_and_who_has_an_arm_keeps_theirs(world):
    first, second, third = world.workplaces(3)
    newcomer, settled = people(world, third, 1)[0], people(world, first, 1)[0]
    for code in (first, second):
        check(world.allocate(code), 201)
    before = planned(world, settled)
    for code in (newcomer, settled):
        check(world.post("administrator", "/v1/rehearsal/advance", {"days": 1}))
        check(world.post("coordinator", f"{world.path}/participants/{code}/employments", {"workplace": second}), 201)
    assert {"weekly", "form"} <= names(world, newcomer)
    assert planned(world, settled) == before


def test_what_nobody_did_in_its_window_is_missed_and_what_somebody_holds_is_theirs_to_end(world):
    workplace = next(code for code in world.workplaces(12) if people(world, code, 1) and check(world.allocate(code), 201)["arm"] != "onyx")
    (code,) = [item["code"] for item in world.items("coordinator", f"{world.path}/participants?workplace={workplace}")]
    check(world.post("coordinator", f"{world.path}/participants/{code}/consents", {
        "form": "participation", "version": 1, "decision": "given", "signed_at": ago(1), "how": "link",
        "scopes": {"participate": True, "interview": True}}), 201)

    def tasks(role="researcher"):
        found = world.items(role, f"{world.path}/tasks?participant={code}") + world.items(role, f"{world.path}/tasks?workplace={workplace}")
        return {(task["task"], task["occurrence"]): task for task in found}

    talk = f"{world.path}/tasks/{tasks('coordinator')['talk', 1]['task_id']}"
    check(world.post("coordinator", f"{talk}/claim"))
    check(world.post("administrator", "/v1/rehearsal/advance", {"days": 20}))
    world.another()
    harness.wait_until(lambda: tasks()["weekly", 2]["state"] == "missed", "a window that is over")
    states = {name: task["state"] for name, task in tasks("coordinator").items() if name[0] != "call"}
    assert states.pop(("talk", 1)) == "planned" and states.pop(("form", 1)) == "planned"
    assert states == {("before", 1): "missed", **{("weekly", n): "missed" if n < 3 else "planned" for n in range(1, 7)}}
    missed = [row for row in world.items("auditor", f"{world.path}/audit") if row["object_kind"] == "task" and '"missed"' in row["new"]]
    assert {(row["actor"], row["action"]) for row in missed} == {("rctd", "housekeeping")}
    assert len(world.items("researcher", f"{world.path}/tasks?state=missed")) == len(missed)
    # The holder says how it ended, late as it is; data that come in late still end a questionnaire.
    assert check(world.post("coordinator", f"{talk}/outcome", {"outcome": "done"}))["state"] == "done"
    check(world.post("administrator", "/v1/rehearsal/advance", {"days": 30}))
    world.another()
    harness.wait_until(lambda: tasks()["form", 1]["state"] == "missed", "the questionnaire's window")
    check(world.post("coordinator", f"{world.path}/participants/{code}/measures", {
        "instrument": "mood", "collected_at": ago(0), "values": {"1": "3", "2": "4", "3": "5"},
        "task": tasks()["form", 1]["task_id"]}), 201)
    assert tasks()["form", 1]["state"] == "done"


# Who looks for windows that are over is two months ahead of everybody else, and looks at the clock with its statement
# under way: what is claimed meanwhile it has not seen.
AHEAD = """CREATE OR REPLACE FUNCTION rctd.clock() RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    IF current_query() NOT LIKE '%SKIP LOCKED%' OR current_setting('rctd.action', true) <> 'housekeeping' THEN
        RETURN now() + (SELECT i.ahead FROM rctd.instance i);
    END IF;
    IF current_setting('rctd.planned', true) = now()::text THEN
        PERFORM pg_advisory_xact_lock_shared(42);
    END IF;
    PERFORM set_config('rctd.planned', now()::text, true); -- the planner asks first
    RETURN now() + interval '60 days' + (SELECT i.ahead FROM rctd.instance i);
END $$"""


def test_a_task_that_is_claimed_as_its_window_ends_is_not_missed(world):
    workplace = next(code for code in world.workplaces(12) if people(world, code, 1) and check(world.allocate(code), 201)["arm"] != "onyx")
    (code,) = [item["code"] for item in world.items("coordinator", f"{world.path}/participants?workplace={workplace}")]
    check(world.post("coordinator", f"{world.path}/participants/{code}/consents", {
        "form": "participation", "version": 1, "decision": "given", "signed_at": ago(1), "how": "link",
        "scopes": {"participate": True, "interview": True}}), 201)

    def tasks():
        found = world.items("coordinator", f"{world.path}/tasks?workplace={workplace}") + world.items(
            "coordinator", f"{world.path}/tasks?participant={code}")
        return {(task["task"], task["occurrence"]): task for task in found}

    talk = f"{world.path}/tasks/{tasks()['talk', 1]['task_id']}"
    world.daemon.stop()
    world.cluster.sql(world.database, AHEAD)
    with locked(world, "SELECT pg_advisory_xact_lock(42)"):
        world.daemon = world.another()
        harness.wait_until(lambda: waiting(world), "whoever looks for windows that are over")
        check(world.post("coordinator", f"{talk}/claim"))
    harness.wait_until(lambda: tasks()["weekly", 6]["state"] == "missed", "a window that is over")
    assert (tasks()["talk", 1]["state"], tasks()["talk", 1]["claimed_by"]) == ("planned", "coordinator")
    assert check(world.post("coordinator", f"{talk}/outcome", {"outcome": "missed"}))["state"] == "missed"
