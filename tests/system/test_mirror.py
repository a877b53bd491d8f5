"""Two trials in which the same was done and that differ in their arms alone give a blinded person the same answers:
every route of /openapi.json, read and written to, by every role that is blinded. So nothing that depends on an arm,
not even a number or the absence of something, comes through; and no arm's name, method or block size stands anywhere."""
import difflib
import re

from crawl import body_for, fill, values, words_in
from crowd import BLINDED, Crowd
import pytest
from world import check, key

# What tells an arm because it is asked for, and is written down (tests/system/test_unblinding.py).
TOLD = ("/v1/trials/{trial}/unblindings/emergency", "/v1/trials/{trial}/unblindings/{unblinding}/arm")
# What counts requests of whoever asks, and is no answer about the trial.
COUNTS = ("/metrics", "/readyz", "/healthz", "/openapi.json")


@pytest.fixture(scope="module", name="pair")
def pair_fixture(cluster):
    with Crowd(cluster) as one, Crowd(cluster) as other:
        assert set(one.arms()) == set(other.arms())
        assert sum(one.arms()[unit] != other.arms()[unit] for unit in one.arms()) >= 5, "the two trials have the same arms"
        yield one, other


def requests(world):
    """Every request of the crawl: what it is called in both worlds, and what is sent."""
    document = check(world.get("administrator", "/openapi.json"))
    found = values(world)
    for route, methods in sorted(document["paths"].items()):
        if route in TOLD or route in COUNTS:
            continue
        for method, row in sorted(methods.items()):
            content = row.get("requestBody", {}).get("content", {})
            queries = [""]
            if method == "get":
                named = {"workplace": world.codes[0], "participant": world.persons[0], "scheme": "people", "account": "ivan", "q": "Work",
                         "days": "30", "stream": "trial", "show": "all", "unread": "true"}
                queries += ["?limit=1000"] + [f"?limit=1000&{p['name']}={value}" for p in row.get("parameters", []) if p.get("in") == "query"
                            for value in ([named[p["name"]]] if p["name"] in named else p["schema"].get("enum", []))
                            if p["name"] not in ("after", "limit")]
            bodies = [None]
            if "application/json" in content:
                bodies = body_for(content["application/json"]["schema"], world, document) + [{}]
            elif content:
                bodies = [world.table(2, 300)]
            for path, marks in fill(route, found):
                for number, query in enumerate(queries):
                    for body_number, body in enumerate(bodies):
                        yield (method, route, marks, number, body_number), method.upper(), path + query, body, bool(content) and "json" not in next(iter(content))


def crawl(world, role, methods):
    answers = {}
    for name, method, path, body, csv in requests(world):
        if (method == "GET") != (methods == "read"):
            continue
        headers = {"Content-Type": "text/csv"} if csv else None
        sent = {"key": key()} if method == "POST" else {}
        if method in ("PATCH",):
            headers = {"If-Match": '"1"'}
        answers[name] = (path, world.daemon.request(method, path, body, token=world.tokens[role], headers=headers, **sent))
    return answers


@pytest.mark.parametrize("methods", ["read", "write"])
@pytest.mark.parametrize("role", BLINDED)
def test_a_blinded_role_cannot_tell_two_trials_apart_that_differ_in_their_arms(pair, role, methods):
    one, other = (crawl(world, role, methods) for world in pair)
    assert set(one) == set(other) and len(one) > (150 if methods == "read" else 60)
    assert methods == "write" or any(answer.status < 300 for _, answer in one.values())
    differ = []
    for name, (path, answer) in one.items():
        for world, text in zip(pair, (answer, other[name][1])):
            assert words_in(text.text) == [] and words_in(str(text.headers)) == [], f"{role} {path} names an arm: {text}"
            assert not re.search("permuted-block|minimisation", text.text), f"{role} {path} names the method"
            assert text.status != 500, f"{role} {path} failed inside"
        if pair[0].plain(answer) != pair[1].plain(other[name][1]):
            lines = difflib.unified_diff(pair[0].plain(answer).split("\n"), pair[1].plain(other[name][1]).split("\n"), n=1, lineterm="")
            differ.append("\n".join([f"{role} {name[0]} {path}", *list(lines)[2:20]]))
    assert not differ, f"{len(differ)} answers tell the trials apart:\n" + "\n".join(differ[:5])


def test_a_trial_manager_reads_the_protocol_and_cannot_tell_them_apart_either(pair):
    one, other = (crawl(world, "trial-manager", "read") for world in pair)
    for name, (path, answer) in one.items():
        assert "/protocols" in path or words_in(answer.text) == [], f"trial-manager {path} names an arm: {answer}"
        assert pair[0].plain(answer) == pair[1].plain(other[name][1]), path


def test_the_same_crawl_tells_them_apart_with_a_coordinators_token(pair):
    one, other = (crawl(world, "coordinator", "read") for world in pair)
    differ = {name[1] for name, (_, answer) in one.items() if pair[0].plain(answer) != pair[1].plain(other[name][1])}
    assert {"/v1/trials/{trial}/allocations", "/v1/trials/{trial}/tasks"} <= differ
    assert any(words_in(answer.text) for _, answer in one.values())


# Lists that a trial has nothing for, and the seed, which is revealed when everything is over.
NOTHING = {"endpoints", "rotation", "reconsents", "seed", "signatures", "agreements", "reviews"}


def test_there_is_something_to_tell_on_every_route_that_the_crawl_reads(pair):
    """A new route needs a row in crowd.py: an empty list tells nobody anything."""
    found = {}
    for role in ("coordinator", "auditor", "trial-manager", "administrator", "interviewer"):
        for name, (_, answer) in crawl(pair[0], role, "read").items():
            full = answer.status < 300 and (not answer.text.startswith('{"items"') or answer.json()["items"] != [])
            found[name[1]] = found.get(name[1], False) or full
    assert {route for route, full in found.items() if not full and not NOTHING & set(route.split("/"))} == set()


def test_logs_and_metrics_of_both_name_no_arm(pair):
    for world in pair:
        assert words_in(world.daemon.log()) == [] and words_in(world.daemon.get("/metrics").text) == []
        assert not re.search("permuted-block|minimisation", world.daemon.log())
