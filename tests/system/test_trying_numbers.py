"""Trying identity numbers is a way to learn who takes part: each refusal is written down before it is told, without
the number, a reviewer sees how many there were, and an account is told so many within an hour and no more."""
import json

from people import ANNA, NEUTRAL, VAULT, People, numbers
import pytest
from world import World, check, key

HOUR = 30


@pytest.fixture
def people(cluster):
    with World(cluster, protocol=VAULT) as world:
        yield People(world)


def load(people, found, dry_run=True, more=""):
    table = "\n".join(["workplace,sex,identity", *(f"W0001,man,{number}" for number in found)]) + f"\n{more}"
    return people.world.post("coordinator", f"{people.path}/import?dry_run={str(dry_run).lower()}", table, key=key(),
                             headers={"Content-Type": "text/csv"})


def refusals(people):
    rows = people.world.items("auditor", f"{people.world.path}/audit")
    return [row for row in rows if row["object_kind"] == "enrolment-refusal"]


def test_each_way_of_trying_a_number_leaves_its_record_and_none_tells_the_number(people):
    code = people.add(ANNA)
    other = people.add({"name": "Bo"})
    assert NEUTRAL in people.register({"number": ANNA["number"]}).text
    assert people.change(other, number="19850101-2382").status == 409
    for dry_run in (True, False):
        answer = load(people, ["198501012382"], dry_run=dry_run)
        assert answer.status == 422 and "cannot be registered in this trial" in answer.text, answer
    assert people.change(code, number=ANNA["number"]).status == 200, "their own number is theirs"
    found = refusals(people)
    assert [row["action"] for row in found] == ["participant.add", "identity.set", "participant.import", "participant.import"]
    assert {(row["actor"], row["actor_role"], row["stream"].split(":")[0]) for row in found} == {("coordinator", "coordinator", "account")}
    told = json.dumps(found)
    stored = people.world.cluster.sql(people.world.database, "SELECT encode(number_hash, 'hex') FROM rctd_vault.identity "
                                                             "WHERE number_hash IS NOT NULL")
    assert "8501012382" not in told and stored not in told and code not in told
    for role, path in (("trial-manager", f"{people.world.path}/access"), ("administrator", "/v1/access")):
        rows = [row for row in people.world.items(role, path) if row["account"] == "coordinator" and row["trial"]]
        assert [row["enrolments_refused"] for row in rows] == [4], rows


def test_after_so_many_an_account_learns_nothing_more_of_numbers_and_goes_on_without(people):
    known = numbers(HOUR, seed=5)
    check(load(people, known, dry_run=False))
    assert load(people, known[:20]).status == 422
    for number in known[20:]:
        assert people.register({"number": number}).status == 409
    fresh = numbers(3, seed=6)
    for number in (known[0], fresh[0]):
        answer = people.register({"number": number})
        assert answer.status == 429 and "ask the trial office" in answer.text and number[2:] not in answer.text, answer
        assert load(people, [number]).status == 429
    code = people.add({"name": "Bo"})
    assert people.change(code, number=known[1]).status == 429
    assert people.change(code, number=fresh[1]).status == 429
    check(people.change(code, phone="0701740605"))
    people.world.tokens["second"] = people.world.account("second", "coordinator")
    check(people.world.post("second", people.path, {"workplace": "W0001", "attributes": {"sex": "man"},
                                                    "identity": {"number": fresh[2]}}, key=key()), 201)
    review = [row for row in people.world.items("trial-manager", f"{people.world.path}/access") if row["account"] == "coordinator"]
    assert review[0]["enrolments_refused"] == HOUR and "many-refused" in review[0]["look_at"], review


def test_a_table_of_many_known_people_is_refused_without_saying_which(people):
    known = numbers(HOUR + 1, seed=5)
    check(load(people, known, dry_run=False))
    answer = load(people, known + numbers(5, seed=6), more="W0001,neither,x\n")
    assert answer.status == 429 and not answer.json().get("errors") and "which they are is not told" in answer.text, answer
    assert json.loads(refusals(people)[-1]["new"])["met"] == HOUR + 1
    assert json.loads(refusals(people)[-1]["new"])["told"] == 0
