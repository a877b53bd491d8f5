"""Amended forms: who signs anew, until when, and what waits meanwhile; and texts and actions that hold together with
the daemon's tables."""
import functools
import os
import re

import harness
import pytest
from world import WITH_PEOPLE, World, check

BY = "participation: {by: participant, version: 1, languages: [en], scopes: [participate]}"


def protocol(version=1, reconsent="", scopes="participate, questionnaires", more=""):
    return WITH_PEOPLE.replace(BY, f"participation: {{by: participant, version: {version}, from: 2026-01-01, languages: [en], scopes: [{scopes}]{reconsent}}}"
                               + more).replace("  required_before_allocation", "  required_before_data: {participant: [participation/participate]}\n"
                                               "  required_before_allocation") + f"# {version}{reconsent}\n"


ALL = ", reconsent: {who: all, within: 42d, waits: [interview]}"
SOME = ", reconsent: {who: not-allocated, within: 42d, waits: [data]}"


@pytest.fixture
def world(cluster):
    with World(cluster, protocol=protocol(), phases=("main", "people"), arguments=("--rehearsal",)) as one:
        one.workplaces(2)
        yield one


def sign(world, code, version=1, **more):
    body = {"form": "participation", "version": version, "decision": "given", "signed_at": "2026-02-01T09:00:00Z", "how": "paper",
            "scopes": {"participate": True, "questionnaires": True}, **more}
    return world.post("coordinator", f"{world.path}/participants/{code}/consents", body)


def person(world):
    code = world.people(1, ready=False)[0]
    check(world.post("coordinator", f"{world.path}/participants/{code}/answers", {"answers": {"employed": True}}))
    check(sign(world, code), 201)
    return code


def may(world, code):
    return {p["action"]: p["objection"] for p in world.items("coordinator", f"{world.path}/participants/{code}/permissions")}


def due(world, query=""):
    return world.items("coordinator", f"{world.path}/reconsents{query}")


def advance(world, days):
    check(world.post("administrator", "/v1/rehearsal/advance", {"days": days}))


def test_an_amended_form_waits_until_its_day_and_what_the_protocol_names_waits_at_once(world):
    code = person(world)
    world.lock(protocol(2, ALL))
    answers = may(world, code)
    assert (answers["interview"], answers["audio"], answers["allocate"]) == ("old-version",) * 3
    assert (answers["data"], answers["intervention"]) == (None, None)
    item, = due(world)
    assert (item["code"], item["form"], item["signed_version"], item["version"]) == (code, "participation", 1, 2)
    assert sorted(item["waits"]) == ["audio", "interview"] and item["overdue"] is False
    advance(world, 41)
    assert may(world, code)["data"] is None
    advance(world, 1)
    assert may(world, code)["data"] == "old-version"
    assert due(world)[0]["overdue"] is True
    check(sign(world, code, version=2), 201)
    assert set(may(world, code).values()) == {None, "not-in-protocol"}
    assert due(world) == []


def test_without_a_word_in_the_protocol_an_older_version_is_good_for_all_but_allocation(world):
    code = person(world)
    world.lock(protocol(2))
    advance(world, 400)
    answers = may(world, code)
    assert answers.pop("allocate") == "old-version"
    assert set(answers.values()) == {None, "not-in-protocol"}
    assert due(world) == []
    refused = world.allocate_person(code)
    assert refused.status == 409 and "version 1 was signed, version 2 is in force" in str(refused.json())


def test_who_is_allocated_need_not_sign_anew_where_the_protocol_says_so(world):
    allocated, waiting = person(world), person(world)
    check(world.allocate_person(allocated), 201)
    world.lock(protocol(2, SOME))
    assert [item["code"] for item in due(world)] == [waiting]
    assert (may(world, allocated)["data"], may(world, waiting)["data"]) == (None, "old-version")
    advance(world, 50)
    assert (may(world, allocated)["data"], may(world, waiting)["intervention"]) == (None, "old-version")


def test_a_third_version_gives_nobody_more_time_for_the_second(world):
    code = person(world)
    world.lock(protocol(2, ALL))
    advance(world, 40)
    world.lock(protocol(3))
    advance(world, 2)
    assert may(world, code)["data"] == "old-version"
    item, = due(world)
    assert (item["signed_version"], item["version"], item["overdue"]) == (1, 3, True)
    check(sign(world, code, version=2), 201)
    assert may(world, code)["data"] is None
    assert due(world) == []


def test_an_amendment_elsewhere_starts_no_period_anew(world):
    code = person(world)
    world.lock(protocol(2, ALL))
    before = due(world)[0]["until"]
    advance(world, 41)
    world.lock(protocol(2, ALL).replace('en: "Gems at work"', 'en: "More gems at work"'))
    assert due(world)[0]["until"] == before
    advance(world, 1)
    assert may(world, code)["data"] == "old-version"


def test_a_scope_that_an_older_version_did_not_have_was_never_agreed_to(world):
    code = person(world)
    world.lock(protocol(2, scopes="participate, questionnaires, interview"))
    assert may(world, code)["interview"] == "old-version"
    old = sign(world, code, scopes={"participate": True, "questionnaires": True, "interview": True})
    assert old.status == 422, "version 1 did not ask for interviews"
    check(sign(world, code), 201)
    check(sign(world, code, version=2, scopes={"participate": True, "questionnaires": True, "interview": True}), 201)
    assert may(world, code)["interview"] is None


def test_the_list_is_paged_narrowed_and_for_those_who_may_see_consents(world):
    codes = sorted(person(world) for _ in range(3))
    world.lock(protocol(2, ALL))
    page = check(world.get("coordinator", f"{world.path}/reconsents?limit=2"))
    assert [item["code"] for item in page["items"]] == codes[:2]
    rest = check(world.get("coordinator", f"{world.path}/reconsents?limit=2&after={page['next']}"))
    assert [item["code"] for item in rest["items"]] == codes[2:] and rest["next"] is None
    fault = check(world.get("coordinator", f"{world.path}/reconsents?form=participaton"), 422)["errors"][0]
    assert fault["pointer"] == "?form" and "did you mean `participation`" in fault["remedy"]
    check(sign(world, codes[0], version=1, decision="withdrawn", scopes=None), 422)
    assert world.get("interviewer", f"{world.path}/reconsents").status == 403


def test_who_has_withdrawn_is_asked_for_nothing(world):
    code = person(world)
    check(world.allocate_person(code), 201)
    world.lock(protocol(2, ALL))
    assert len(due(world)) == 1
    body = {"form": "participation", "version": 1, "decision": "withdrawn", "signed_at": "2026-03-01T09:00:00Z", "how": "phone"}
    made = check(world.post("coordinator", f"{world.path}/participants/{code}/consents", body), 201)
    assert made["participant_withdrawn"] is True
    assert due(world) == []
    answers = may(world, code)
    assert answers.pop("export") is None
    assert set(answers.values()) == {"out"}


def test_a_workplace_answers_for_itself(world):
    assert world.items("coordinator", f"{world.path}/workplaces/W0001/permissions") == [], \
        "this protocol asks nothing of workplaces"


def test_the_daemon_and_the_database_have_the_same_actions_and_stops(cluster):
    with open(os.path.join(harness.ROOT, "rctd/trial/consent.h"), encoding="utf-8") as file:
        text = file.read()

    def rows(name):
        return re.search(rf"#define {name}\(X\)(.*?)\n\n|#define {name}\(X\)(.*?)/\* clang", text, re.DOTALL).group(0)
    actions = re.findall(r'X\((\w+),\s*"([\w-]+)",.*?(true|false), ', rows("CONSENT_ACTIONS"))
    stops = re.findall(r'X\((\w+),\s*"([\w-]+)"', rows("CONSENT_STOPS"))
    named, halted = {n: name for n, name, _ in actions}, dict(stops)
    stopped = {(named[a], halted[s]) for a, s in re.findall(r"X\((\w+),\s*(\w+)\)", rows("CONSENT_STOPPED"))}
    database = cluster.database()
    assert [[name, str(n + 1), ever[0]] for n, (_, name, ever) in enumerate(actions)] == \
        cluster.rows(database, "SELECT action, ordinal, ever FROM rctd.consent_action ORDER BY ordinal")
    assert [[name] for _, name in stops] == cluster.rows(database, "SELECT stop FROM rctd.consent_stop ORDER BY ordinal")
    assert stopped == {tuple(row) for row in cluster.rows(database, "SELECT action, stop FROM rctd.consent_stopped")}
    cluster.drop(database)
    assert len(actions) == 10 and len(stops) == 7 and len(stopped) == 14


def choices(document, route, method, name):
    """Every value that a field of that name may have in a route's body or answer."""
    found, open_parts, seen = set(), [document["paths"][route][method]], set()
    while open_parts:
        part = open_parts.pop()
        if isinstance(part, list):
            open_parts += part
        elif isinstance(part, dict):
            reference = part.get("$ref")
            if reference is not None and reference not in seen:
                seen.add(reference)
                open_parts.append(functools.reduce(dict.__getitem__, reference.split("/")[1:], document))
            field = part.get("properties", {}).get(name, {})
            found |= set(field.get("enum", [])) | set(field.get("items", {}).get("enum", []))
            open_parts += part.values()
    return found - {None}


PERSON = "/v1/trials/{trial}/participants/{participant}"


@pytest.mark.parametrize("route, method, name, table, column", [
    (f"{PERSON}/consents", "post", "how", "rctd.consent", "how"),
    (f"{PERSON}/consents", "post", "decision", "rctd.consent", "decision"),
    (f"{PERSON}/withdrawals", "post", "how", "rctd.stop", "how"),
    (f"{PERSON}/withdrawals", "post", "decision", "rctd.stop", "decision"),
    (f"{PERSON}/withdrawals", "post", "decided_by", "rctd.stop", "decided_by"),
    ("/v1/trials/{trial}/measures", "get", "quarantine", "rctd.measure", "quarantine"),
    (f"{PERSON}/erasure", "post", "requested_by", "rctd.erasure", "requested_by"),
    (f"{PERSON}/erasure", "post", "how", "rctd.erasure", "how")])
def test_a_choice_is_the_same_for_the_daemon_and_the_database(world, route, method, name, table, column):
    rule = world.cluster.sql(world.database, f"""
        SELECT pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
         WHERE c.conrelid = '{table}'::regclass AND c.contype = 'c' AND a.attname = '{column}'""")
    taken = set(re.findall(r"'([^']+)'::text", rule))
    assert len(taken) > 1 and choices(check(world.get("administrator", "/openapi.json")), route, method, name) == taken


def test_the_words_of_what_functions_answer_are_the_daemons(world):
    def words(function):
        return set(re.findall(r"'([a-z][a-z-]+)'", world.cluster.sql(
            world.database, f"SELECT string_agg(prosrc, ' ') FROM pg_proc WHERE proname = '{function}' AND pronamespace = 'rctd'::regnamespace")))
    document = check(world.get("administrator", "/openapi.json"))
    objections = choices(document, f"{PERSON}/permissions", "get", "objection")
    assert len(objections) == 7 and objections <= words("objections") and words("refuses_for_good") == objections - {"never-asked", "old-version", "not-in-protocol"}
    assert choices(document, "/v1/trials/{trial}/measures", "get", "state") == words("measure_state") - {"export"}
    stops = {row[0] for row in world.cluster.rows(world.database, "SELECT stop FROM rctd.consent_stop")}
    assert choices(document, f"{PERSON}/withdrawals", "post", "stops") == stops | {"everything"}
    assert choices(document, f"{PERSON}/withdrawals", "get", "stop") == stops
    actions = {row[0] for row in world.cluster.rows(world.database, "SELECT action FROM rctd.consent_action")}
    [query] = [one for one in document["paths"]["/v1/trials/{trial}/permissions"]["get"]["parameters"] if one.get("name") == "action"]
    assert set(query["schema"]["enum"]) == actions - {"allocate"}


def test_a_database_of_an_older_rctd_gets_the_rules_of_its_protocols(world):
    code = person(world)
    before = world.cluster.rows(world.database, "SELECT version, kind, action, form, scope FROM rctd.consent_rule ORDER BY 1, 2, 3, 4, 5")
    world.daemon.stop()
    world.cluster.sql(world.database, "SET session_replication_role = replica; DELETE FROM rctd.consent_rule; DELETE FROM rctd.consent_task; "
                                      "DELETE FROM rctd.consent_form; DELETE FROM rctd.consent_set; DELETE FROM rctd.calendar")
    world.daemon = world.another()
    world.daemons = [world.daemon]
    assert world.cluster.rows(world.database, "SELECT version, kind, action, form, scope FROM rctd.consent_rule ORDER BY 1, 2, 3, 4, 5") == before
    assert may(world, code)["data"] is None


def test_who_is_allocated_with_a_workplace_that_they_have_left_need_not_sign_anew_and_who_waits_with_theirs_must(world):
    left, waits = world.people(2, ready=False)
    for code in (left, waits):
        check(sign(world, code), 201)
    advance(world, 1)
    allocated, other = "W0001", "W0002"
    check(world.post("coordinator", f"{world.path}/participants/{waits}/employments", {"workplace": other}), 201)
    check(world.post("coordinator", f"{world.path}/workplaces/{other}/roster-lock", {"head_count": 5}))
    check(world.allocate(allocated), 201)
    advance(world, 1)
    for code, workplace in ((left, other), (waits, allocated)):
        check(world.post("coordinator", f"{world.path}/participants/{code}/employments", {"workplace": workplace}), 201)
    states = [check(world.get("coordinator", f"{world.path}/participants/{code}"))["state"] for code in (left, waits)]
    assert states == ["allocated", "registered"]
    world.lock(protocol(2, SOME))
    assert [item["code"] for item in due(world)] == [waits]
    assert (may(world, left)["data"], may(world, waits)["data"]) == (None, "old-version")
