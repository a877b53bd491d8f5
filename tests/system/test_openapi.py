"""Answers keep to the description that the daemon itself gives: each is held against the JSON Schema of its
route in /openapi.json, by a validator that is not ours."""
import json
import re

import crawl
import jsonschema
import pytest
from shapes import hold, schema_of
from world import WITH_PEOPLE, World, check, key


@pytest.fixture(scope="module")
def full(cluster):
    with World(cluster, protocol=WITH_PEOPLE, phases=("main", "people"), arguments=("--rehearsal",)) as world:
        codes = world.workplaces(20)
        check(world.post("coordinator", f"{world.path}/allocations/dry-run", {"workplace": codes[0], "scheme": "main"}))
        world.allocate_all(codes[:12])
        world.allocate(codes[0])
        check(world.allocate_person(world.people(2)[0]), 201)
        check(world.post("trial-manager", f"{world.path}/endpoints", {"url": "http://127.0.0.1:9/hook"}, key=None))
        yield world


def test_every_answer_to_a_get_route_has_the_shape_that_is_described(full):
    document = check(full.get("administrator", "/openapi.json"))
    held = 0
    for role in ("administrator", "coordinator", "researcher", "auditor", "trial-manager", "dispatcher"):
        for route in crawl.get_routes(full):
            for path in crawl.paths_of(full, route):
                answer = full.get(role, path)
                schema = schema_of(document, route, "get", answer.status)
                if "json" not in answer.headers["content-type"] or schema is None:
                    continue
                hold(document, schema, answer.json(), f"GET {path} as {role}: {answer.status}")
                held += 1
    assert held > 150


def test_answers_to_changes_have_the_shape_that_is_described(full):
    document = check(full.get("administrator", "/openapi.json"))
    code = full.workplaces(1, first=900)[0]
    made = key()[:8]
    person = full.people(1)[0]
    people = "/v1/trials/{trial}/participants"
    calls = [
        ("coordinator", "post", people, f"{full.path}/participants", {"workplace": "W0001", "attributes": {"sex": "man"}}),
        ("coordinator", "post", people + "/{participant}/answers", f"{full.path}/participants/{person}/answers", {"answers": {"employed": True}}),
        ("coordinator", "post", people + "/{participant}/consents", f"{full.path}/participants/{person}/consents",
         {"form": "participation", "version": 1, "decision": "given", "scopes": {"participate": True}, "signed_at": "2026-01-10T09:00:00Z", "how": "paper"}),
        ("coordinator", "post", "/v1/trials/{trial}/allocations/dry-run", f"{full.path}/allocations/dry-run", {"participant": person, "scheme": "people"}),
        ("coordinator", "post", "/v1/trials/{trial}/allocations", f"{full.path}/allocations", {"participant": person, "scheme": "people"}),
        ("administrator", "post", "/v1/accounts", "/v1/accounts", {"name": made, "display": "N"}),
        ("administrator", "post", "/v1/accounts/{account}/tokens", f"/v1/accounts/{made}/tokens", {"name": "t", "days": 3}),
        ("administrator", "post", "/v1/accounts/{account}/grants", f"/v1/accounts/{made}/grants",
         {"role": "researcher", "trial": "gems", "reason": "r"}),
        ("administrator", "post", "/v1/trials", "/v1/trials", {"trial": made, "title": "T"}),
        ("coordinator", "post", "/v1/trials/{trial}/allocations/dry-run", f"{full.path}/allocations/dry-run",
         {"workplace": code, "scheme": "main"}),
        ("coordinator", "post", "/v1/trials/{trial}/workplaces/{workplace}/roster-lock",
         f"{full.path}/workplaces/{code}/roster-lock", {"head_count": 3}),
        ("coordinator", "post", "/v1/trials/{trial}/allocations", f"{full.path}/allocations", {"workplace": code, "scheme": "main"}),
        ("administrator", "post", "/v1/rehearsal/advance", "/v1/rehearsal/advance", {"days": 1}),
        ("trial-manager", "post", "/v1/trials/{trial}/protocols", f"{full.path}/protocols",
         {"document": full.protocol, "reason": "r"}),
        ("trial-manager", "post", "/v1/trials/{trial}/protocols/{version}/lock", f"{full.path}/protocols/2/lock", {"reason": "r"}),
        ("trial-manager", "post", "/v1/trials/{trial}/phases/{phase}/close", f"{full.path}/phases/main/close", {"reason": "r"}),
    ]
    for role, method, route, path, body in calls:
        answer = full.as_role(role, method.upper(), path, body)
        assert answer.status in (200, 201), (path, answer)
        hold(document, schema_of(document, route, method, answer.status), answer.json(), f"{method} {path}")


def test_answers_about_errors_closing_and_reveal_have_the_shape_that_is_described(full):
    document = check(full.get("administrator", "/openapi.json"))
    allocation = full.items("coordinator", f"{full.path}/allocations")[0]["allocation"]

    def ask(role, method, route, body=None, **named):
        path = route.replace("{trial}", full.trial)
        for name, value in named.items():
            path = path.replace("{" + name + "}", value)
        answer = full.as_role(role, method.upper(), path, body)
        hold(document, schema_of(document, route, method, answer.status), answer.json(), f"{method} {path} as {role}: {answer.status}")
        return check(answer)

    trial = "/v1/trials/{trial}"
    made = ask("coordinator", "post", f"{trial}/allocations/{{allocation}}/deviations", allocation=allocation, body={
        "kind": "wrong-stratum", "reason": "r", "arm_known": False, "values": {"employees": "400"}})
    ask("coordinator", "post", f"{trial}/allocations/{{allocation}}/deviations", {"kind": "other", "reason": "r", "arm_known": True},
        allocation=allocation)
    ask("statistician", "post", f"{trial}/deviations/{{deviation}}/decisions", {"primary_set": True, "reason": "r"}, deviation=made["deviation"])
    for role in ("researcher", "statistician", "trial-manager"):
        assert len(ask(role, "get", f"{trial}/deviations")["items"]) == 2
        ask(role, "get", f"{trial}/allocations/{{allocation}}/deviations", allocation=allocation)
    with World(full.cluster) as other:
        for role, verb in (("trial-manager", "close"), ("trial-manager", "reveal"), ("statistician", "reveal")):
            check(other.post(role, f"{other.path}/schemes/main/{verb}", {"reason": "r"}))
        for role, end in (("researcher", ""), ("auditor", "/reveal"), ("auditor", "/seed")):
            answer = other.get(role, f"{other.path}/schemes/main{end}")
            hold(document, schema_of(document, f"{trial}/schemes/{{scheme}}{end}", "get", answer.status), check(answer), f"schemes{end}")


def test_requests_that_the_schema_refuses_are_refused_by_the_daemon(full):
    """And what it accepts is at least read: the validator's verdict and the schema's are the same."""
    document = check(full.get("administrator", "/openapi.json"))
    schema = document["paths"]["/v1/trials"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    validator = jsonschema.Draft202012Validator(whole)
    bodies = [{"trial": "x", "title": "t"}, {"trial": "X", "title": "t"}, {"trial": "x"}, {}, {"trial": "x", "title": ""},
              {"trial": "x", "title": "t", "extra": 1}, {"trial": 3, "title": "t"}, {"trial": "x", "title": None},
              {"trial": "x", "title": "t", "organisation": "o"}, {"trial": "-x", "title": "t"}, {"trial": "x" * 64, "title": "t"}]
    for body in bodies:
        body = json.loads(json.dumps(body).replace('"x"', json.dumps("x" + key()[:6])))
        answer = full.post("administrator", "/v1/trials", body)
        assert validator.is_valid(body) == (answer.status == 201), (body, answer)
    assert re.match(r"3\.1\.", document["openapi"])
