"""What a blinded person can learn: every GET route of the route table, on a database full of allocations.
No arm's id or label may stand in any body, header, error or metric. The same search finds the arm with a
coordinator's token, so that it can fail."""
import re

from crawl import get_routes, paths_of, words_in
import pytest
from world import ARM_WORDS, WITH_PEOPLE, World, check, key

BLINDED = ("researcher", "interviewer", "dispatcher", "administrator")


@pytest.fixture(scope="module")
def full(cluster):
    """A world with allocations of workplaces and people, dry runs, refusals, planned tasks, due reminders and an endpoint."""
    with World(cluster, protocol=WITH_PEOPLE, phases=("main", "people"), arguments=("--rehearsal",)) as world:
        codes = world.workplaces(64)
        check(world.post("coordinator", f"{world.path}/allocations/dry-run", {"workplace": codes[0], "scheme": "main"}))
        world.allocate_all(codes[:56])
        world.allocate(codes[0])
        people = world.people(12) + world.people(1, ready=False)
        for code in people[:11]:
            check(world.allocate_person(code), 201)
        assert world.allocate_person(people[0]).status == 409 and world.allocate_person(people[12]).status == 409
        check(world.post("coordinator", f"{world.path}/allocations/dry-run", {"participant": people[11], "scheme": "people"}))
        wrong = world.items("coordinator", f"{world.path}/allocations")[0]["allocation"]
        made = check(world.post("coordinator", f"{world.path}/allocations/{wrong}/deviations", {
            "kind": "wrong-stratum", "reason": "Opal and jade were told, Onychite came", "arm_known": True, "values": {"employees": "400"}}))
        check(world.post("statistician", f"{world.path}/deviations/{made['deviation']}/decisions",
                         {"primary_set": True, "reason": "opal"}))
        check(world.post("trial-manager", f"{world.path}/endpoints", {"url": "http://127.0.0.1:9/hook"}, key=None))
        check(world.post("administrator", "/v1/rehearsal/advance", {"days": 26}))
        yield world


def crawl(world, token):
    """Every answer to every GET route, as one text each: status line, headers, body."""
    for route in get_routes(world):
        for path in paths_of(world, route):
            for query in ("", "?limit=1000", "?state=allocated", "?scheme=main", "?scheme=people", "?workplace=W0001", "?q=%27;select", "?after=zz"):
                answer = world.daemon.get(path + query, token=token)
                headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
                yield path + query, answer.status, f"{headers}\n{answer.text}"


@pytest.mark.parametrize("role", BLINDED)
def test_no_get_route_tells_a_blinded_role_an_arm(full, role):
    answers = list(crawl(full, full.tokens[role]))
    assert len(answers) > 100
    assert any(status == 200 and "W0001" in text for _, status, text in answers) or role in ("dispatcher", "administrator")
    for path, status, text in answers:
        if path.startswith("/openapi.json"):
            continue
        assert words_in(text) == [], f"GET {path} ({status}) tells a {role} an arm"
    assert words_in(full.daemon.get("/openapi.json").text) == []


def test_the_same_search_finds_the_arm_with_a_coordinators_token(full):
    found = {word for _, _, text in crawl(full, full.tokens["coordinator"]) for word in words_in(text)}
    assert found == set(ARM_WORDS)


def test_the_trial_manager_reads_the_protocol_but_no_units_arm(full):
    for path, _, text in crawl(full, full.tokens["trial-manager"]):
        if "/protocols" not in path:
            assert words_in(text) == [], f"GET {path} tells the trial manager a unit's arm"


def test_a_blinded_role_sees_no_task_that_only_some_arms_have(full):
    theirs = {item["task"] for item in full.items("researcher", f"{full.path}/tasks")}
    all_tasks = {item["task"] for item in full.items("coordinator", f"{full.path}/tasks")}
    assert theirs == {"form"} and all_tasks == {"talk", "form", "call"}
    assert {item["task"] for item in full.items("dispatcher", f"{full.path}/reminders")} == {"form"}


def test_block_sizes_and_method_are_shown_to_restricted_roles_only(full):
    for role in BLINDED + ("coordinator",):
        for path, _, text in crawl(full, full.tokens[role]):
            methods = "permuted-block|blocks" if path.startswith("/openapi.json") else "permuted-block|blocks|minimisation"
            assert not re.search(methods, text), f"GET {path} tells a {role} the method"
    assert "permuted-block" in full.get("statistician", f"{full.path}/protocols/1").text


def test_refused_writes_tell_a_blinded_role_nothing(full):
    person = full.items("coordinator", f"{full.path}/participants")[0]["code"]
    attempts = [("POST", f"{full.path}/allocations", {"workplace": "W0001", "scheme": "main"}),
                ("POST", f"{full.path}/allocations", {"participant": person, "scheme": "people"}),
                ("POST", f"{full.path}/participants", {"workplace": "W0001", "attributes": {"sex": "man"}}),
                ("POST", f"{full.path}/participants/{person}/answers", {"answers": {"employed": False}}),
                ("POST", f"{full.path}/participants/{person}/consents",
                 {"form": "participation", "version": 1, "decision": "withdrawn", "signed_at": "2026-01-10T09:00:00Z", "how": "link"}),
                ("POST", f"{full.path}/allocations/dry-run", {"workplace": "W0001", "scheme": "main"}),
                ("POST", f"{full.path}/allocations", {"workplace": "W0001", "scheme": "nope"}),
                ("POST", f"{full.path}/workplaces/W0001/roster-lock", {"head_count": 3})]
    for role in BLINDED:
        for method, path, body in attempts:
            answer = full.as_role(role, method, path, body)
            assert answer.status == 403 and words_in(answer.text) == [], answer


def test_a_blinded_role_cannot_replay_a_coordinators_answer_by_its_key(full):
    its_key = key()
    code = full.items("coordinator", f"{full.path}/workplaces?state=registered")[0]["code"]
    check(full.allocate(code, key=its_key), 201)
    for role in BLINDED:
        answer = full.allocate(code, key=its_key, token=full.tokens[role])
        assert answer.status == 403 and words_in(answer.text) == []


def test_log_and_metrics_name_no_arm(full):
    assert words_in(full.daemon.get("/metrics").text) == []
    assert words_in(full.daemon.log()) == []


def test_the_database_itself_refuses_arms_to_the_blinded_role(full):
    """A handler that asked would get an error: the privilege is missing, not the will."""
    for role in ("rctd_blinded", "rctd_manager"):
        for column in ("arm", "position", "stratum", "decision", "method"):
            with pytest.raises(Exception, match="permission denied"):
                full.cluster.sql(full.database, f"SET ROLE {role}; SELECT {column} FROM rctd.allocation")
        assert full.cluster.sql(full.database, f"SET ROLE {role}; SELECT count(*) FROM rctd.task WHERE arm_specific") == "0"
        assert full.cluster.sql(full.database, f"SET ROLE {role}; SELECT count(*) FROM rctd.idempotency WHERE restricted") == "0"
    assert int(full.cluster.sql(full.database, "SET ROLE rctd_app; SELECT count(arm) FROM rctd.allocation")) >= 56


def test_a_coordinator_of_one_county_sees_and_allocates_only_there(full):
    token = full.account("nora", "coordinator", county="north")
    listed = full.daemon.get(f"{full.path}/workplaces?limit=1000", token=token).json()["items"]
    assert {item["county"] for item in listed} == {"north"}
    south = next(item["code"] for item in full.items("coordinator", f"{full.path}/workplaces") if item["county"] == "south")
    assert full.daemon.get(f"{full.path}/workplaces/{south}", token=token).status == 404
    assert full.allocate(south, token=token).status == 404
    shown = full.daemon.get(f"{full.path}/allocations?limit=1000", token=token).json()["items"]
    assert shown and south not in {item["workplace"] for item in shown}




def test_a_list_read_in_small_pages_is_the_whole_list(full):
    document = check(full.get("administrator", "/openapi.json"))["paths"]
    lists = [route for route in get_routes(full) if any(p.get("$ref", "").endswith("/after") for p in document[route]["get"]["parameters"])]
    paged = set()
    for route in [route for route in lists if "/access" not in route]:
        for path in paths_of(full, route):
            role = "administrator" if path.startswith(("/v1/accounts", "/v1/audit")) else "statistician" if "/measures" in path else "auditor"
            answer = full.get(role, f"{path}?limit=1000")
            whole = answer.json()["items"] if answer.status == 200 else []
            size, pages, after = max(1, len(whole) // 3), [], ""
            while len(whole) > 1 and after is not None:
                page = check(full.get(role, f"{path}?limit={size}{after and '&after=' + after}"))
                assert len(page["items"]) <= size or "/records" in path, path
                pages, after = pages + page["items"], page["next"]
            assert pages[:len(whole)] == whole or len(whole) < 2, path
            paged |= {route} if pages else set()
    assert {"{trial}/phases", "{trial}/schemes", "{trial}/participants", "{trial}/tasks", "{trial}/allocations",
            "{trial}/audit"} <= {route.removeprefix("/v1/trials/") for route in paged}
