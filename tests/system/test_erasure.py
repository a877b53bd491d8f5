"""Who asks to be erased is: from every table, index and dump, and from the files; what stays is a pseudonym with a trail
that still verifies, and the reason why it stays."""
import json
import subprocess

import harness
from people import ANNA, PROTOCOL, People
import pytest
from remains import files_with
from trail import verify
from world import World, check

VAULT = PROTOCOL.replace("STORE", "vault") + """\
tasks:
  call: {kind: call, unit: participant, anchor: allocation, at: 30d, window: [-5d, 5d]}
"""
ERASE = {"requested_by": "participant", "how": "phone", "reason": "objection", "reference": "DNR-2026-9"}
# In every form in which it was typed or is kept.
TRACES = ("Vävare", "Quist", "0701740605", "46701740605", "70 174 06 05", "anna.vavare", "Väverivägen",
          "198501012382", "19850101-2382", "850101-2382", "8501012382")


@pytest.fixture
def people(cluster):
    with World(cluster, protocol=VAULT) as world:
        yield People(world)


def erase(people, code, **more):
    return people.world.post("trial-manager", f"{people.path}/{code}/erasure", {**ERASE, **more})


def tables(world):
    return [f"{schema}.{name}" for schema, name in world.cluster.rows(
        world.database, "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                        "WHERE n.nspname IN ('rctd', 'rctd_vault') AND c.relkind = 'r'")]


def test_nothing_of_an_erased_person_is_in_a_table_an_index_a_dump_or_a_file(people):
    world, cluster, database = people.world, people.world.cluster, people.world.database
    code, other = people.add(ANNA), people.add({"name": "Bo Stays", "number": "189001019802"})
    people.consent(code)
    check(people.change(code, phone="0701740605"))
    check(people.read(code, "safety"), 201)
    check(people.read(code, "contact"), 201)
    where = f"(SELECT unit_id FROM rctd.unit WHERE code = '{code}')"
    box, number_hash = cluster.rows(database, "SELECT encode(box, 'hex'), encode(number_hash, 'hex') FROM rctd_vault.identity "
                                              f"WHERE unit_id = {where}")[0]
    cluster.sql(database, "ANALYZE")  # what the planner remembers of the values counts too
    assert files_with(cluster, database, bytes.fromhex(number_hash)), "the test looks in the wrong place"
    made = check(erase(people, code), 201)
    assert (made["participant"], made["kept_under"], made["requested_by"]) == (code, "gdpr-17-3-d", "participant")
    harness.wait_until(lambda: check(world.get("auditor", f"{world.path}/identity/erasures"))["items"][0]["off_disk_at"],
                       "the files to be written anew", seconds=120)
    cluster.sql(database, "ANALYZE")
    found = []
    for table in tables(world):
        text = cluster.sql(database, f"SELECT t::text FROM {table} t")
        found += [(table, trace) for trace in (*TRACES, box, number_hash) if trace in text]
    assert not found
    dump = subprocess.run([f"{harness.pg_bin()}/pg_dump", "-d", cluster.superuser(database)], capture_output=True, text=True,
                          check=True).stdout
    assert code in dump and not [trace for trace in (*TRACES, box, number_hash) if trace in dump]
    stored = [bytes.fromhex(box)[:48], bytes.fromhex(box)[-48:], bytes.fromhex(number_hash),
              *(trace.encode() for trace in TRACES)]
    for needle in stored:
        assert not files_with(cluster, database, needle), needle
    assert check(people.read(other, "safety"), 201)["identity"]["name"] == "Bo Stays"
    assert people.read(code, "safety").status == 404
    assert verify(world)[:2] == (0, {})


def test_an_erasure_stops_everything_and_leaves_the_pseudonymous_record(people):
    world = people.world
    code = people.add(ANNA)
    people.consent(code)
    check(world.allocate_person(code, "main.people"), 201)
    assert [task["state"] for task in world.items("coordinator", f"{world.path}/tasks?participant={code}")] == ["planned"]
    check(erase(people, code, requested_by="representative", kept_under="gdpr-17-3-c"), 201)
    assert {task["state"] for task in world.items("coordinator", f"{world.path}/tasks?participant={code}")} == {"cancelled"}
    card = check(world.get("coordinator", f"{people.path}/{code}"))
    assert card["state"] == "withdrawn" and card["attributes"] == {"sex": "woman"} and card["schemes"] == ["main.people"]
    unit = f"(SELECT unit_id FROM rctd.unit WHERE code = '{code}')"
    trial = "(SELECT trial_id FROM rctd.trial WHERE name = 'gems')"
    for action in ("allocate", "data", "intervention", "interview", "contact", "sms", "linkage", "future-contact"):
        assert world.cluster.sql(world.database, f"SELECT rctd.may({trial}, {unit}, '{action}')").strip() == "erased", action
    stops = world.cluster.sql(world.database, f"SELECT count(DISTINCT stop) FROM rctd.stop WHERE unit_id = {unit}").strip()
    assert stops == world.cluster.sql(world.database, "SELECT count(*) FROM rctd.consent_stop").strip()
    listed = check(world.get("trial-manager", f"{world.path}/identity/erasures"))["items"]
    assert [(row["participant"], row["kept_under"], row["requested_by"]) for row in listed] == [
        (code, "gdpr-17-3-c", "representative")]
    rows = [row for row in world.items("auditor", f"{world.path}/audit") if row["action"] == "identity.erase"]
    assert {"erasure", "identity", "stop", "unit"} <= {row["object_kind"] for row in rows}
    assert {row["reason"] for row in rows} == {ERASE["reason"]}
    assert "Vävare" not in json.dumps(rows, ensure_ascii=False)
    assert verify(world)[:2] == (0, {})


def test_who_was_erased_is_not_entered_again_under_that_code_and_may_come_anew(people):
    code = people.add(ANNA)
    check(erase(people, code), 201)
    answer = people.change(code, name="Anna")
    assert answer.status == 409 and "erased" in answer.text, answer
    assert erase(people, code).status == 409
    assert people.register(ANNA).status == 201


def test_a_code_of_who_was_erased_takes_no_consent_in(people):
    code = people.add(ANNA)
    check(erase(people, code), 201)
    event = {"form": "participation", "version": 1, "decision": "given", "how": "paper", "signed_at": "2026-01-10T09:00:00Z",
             "scopes": {"participate": True, "pass-on-contact": True, "register-linkage": True}}
    answer = people.world.post("coordinator", f"{people.path}/{code}/consents", event)
    assert answer.status == 409 and "erased" in answer.text, answer
    assert people.world.items("coordinator", f"{people.path}/{code}/consents") == []
    verified = verify(people.world)
    assert verified[:2] == (0, {})


def test_only_a_trial_manager_erases_and_the_database_holds_to_it(people):
    code = people.add(ANNA)
    for role in ("coordinator", "auditor", "statistician", "administrator", "safety"):
        assert people.world.post(role, f"{people.path}/{code}/erasure", ERASE).status == 403, role
    done = subprocess.run([harness.PSQL, "-XqAt", "-d", people.world.cluster.superuser(people.world.database)], text=True,
                          input="SET ROLE rctd_app; INSERT INTO rctd.erasure SELECT trial_id, unit_id, 'participant', 'phone', "
                                "'gdpr-17-3-d', 'x', NULL, now(), registered_by FROM rctd.participant;",
                          capture_output=True, check=False)
    assert "permission denied" in done.stderr, done
    assert check(people.read(code, "safety"), 201)["identity"]["name"] == ANNA["name"]


def test_files_are_written_anew_only_when_no_older_transaction_can_see_the_person(people):
    world, cluster, database = people.world, people.world.cluster, people.world.database
    code = people.add(ANNA)
    number_hash = bytes.fromhex(cluster.sql(database, "SELECT encode(number_hash, 'hex') FROM rctd_vault.identity").strip())
    with subprocess.Popen([harness.PSQL, "-XqAt", "-d", cluster.superuser(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as reader:
        reader.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM rctd.unit WHERE kind = 'participant';\n")
        reader.stdin.flush()
        assert reader.stdout.readline().strip() == "1"
        check(erase(people, code), 201)
        harness.wait_until(lambda: "an open transaction still sees" in world.daemon.log(), "a first attempt", seconds=60)
        assert files_with(cluster, database, number_hash)
        assert check(world.get("auditor", f"{world.path}/identity/erasures"))["items"][0]["off_disk_at"] is None
        reader.stdin.write("SELECT count(*) FROM rctd_vault.identity;\n")
        reader.stdin.flush()
        assert reader.stdout.readline().strip() == "1", "what an older snapshot may see is there for it"
        reader.communicate("COMMIT;\n")
    harness.wait_until(lambda: check(world.get("auditor", f"{world.path}/identity/erasures"))["items"][0]["off_disk_at"],
                       "the files to be written anew", seconds=120)
    assert not files_with(cluster, database, number_hash)
