"""Who participants are is kept sealed, is read only by who may for a purpose that is written down, and nobody is
enrolled twice, whatever daemon, form or file they come by; the refusal tells nothing of the first."""
import concurrent.futures
import json
import os
import subprocess

import harness
from people import ANNA, NEUTRAL, PROTOCOL, VAULT, People, numbers
import pytest
from trail import tamper, verify
from world import World, check, key, text_of


@pytest.fixture
def people(cluster):
    with World(cluster, protocol=VAULT) as world:
        yield People(world)


@pytest.fixture
def hashed(cluster):
    with World(cluster, protocol=PROTOCOL.replace("STORE", "hash")) as world:
        yield People(world)


def test_each_purpose_reads_the_fields_that_it_needs_and_no_more(people):
    code = people.add(ANNA)
    people.consent(code)
    normal = {**ANNA, "number": "198501012382", "phone": "+46701740605"}
    needs = {"contact": ("name", "phone", "email", "address"), "linkage": ("number",),
             "verification": ("number", "name"), "safety": tuple(ANNA)}
    for purpose, fields in needs.items():
        answer = people.read(code, purpose)
        told = check(answer, 201)
        assert answer.headers["cache-control"] == "no-store"
        assert told["identity"] == {name: normal[name] if name in fields else None for name in ANNA}, purpose
    readings = people.world.items("auditor", f"{people.world.path}/identity/readings")
    assert [(r["participant"], r["purpose"], r["account"], sorted(r["fields"])) for r in readings] == [
        (code, purpose, f"reader-{purpose}", sorted(fields)) for purpose, fields in needs.items()]
    assert [r["purpose"] for r in people.world.items(
        "trial-manager", f"{people.world.path}/identity/readings?participant={code.lower()}&purpose=linkage")] == ["linkage"]
    trail = people.world.items("auditor", f"{people.world.path}/audit")
    assert sum(row["object_kind"] == "identity-reading" for row in trail) == 4
    told = json.dumps(trail) + json.dumps(readings)
    assert not [value for value in normal.values() if json.dumps(value)[1:-1] in told]


def test_nobody_reads_without_the_role_for_that_very_purpose(people):
    code = people.add(ANNA)
    people.consent(code)
    for role in ("coordinator", "researcher", "interviewer", "dispatcher", "trial-manager", "statistician", "auditor",
                 "administrator"):
        assert people.read(code, "safety", role=role).status == 403, role
    assert people.read(code, "linkage", role="contact").status == 403
    assert people.read(code, "contact", role="linkage").status == 403
    assert people.world.items("auditor", f"{people.world.path}/identity/readings") == []
    for role in ("contact", "coordinator", "interviewer", "statistician"):
        assert people.world.get(role, f"{people.world.path}/identity/readings").status == 403, role


def test_why_is_a_word_and_a_reference_cannot_say_who_it_is(people):
    code = people.add(ANNA)
    path = f"{people.path}/{code}/identity/readings"
    answer = people.read(code, "safety", reason="Anna was found unwell")
    assert answer.status == 422 and "adverse-event" in answer.text, answer
    for reference in ("850101-2382", "0701740605", "ANNA VAVARE", "Anna-1"):
        answer = people.world.post("safety", path, {"purpose": "safety", "reason": "welfare", "reference": reference})
        assert answer.status == 422 and reference not in answer.text and "Vävare" not in answer.text, answer
    check(people.world.post("safety", path, {"purpose": "safety", "reason": "welfare", "reference": "KS-2026/417"}), 201)
    listed = people.world.items("auditor", f"{people.world.path}/identity/readings")
    assert [(row["reason"], row["reference"]) for row in listed] == [("welfare", "KS-2026/417")]


def test_a_reader_of_one_county_reads_nobody_elsewhere(people):
    north, south = people.add(ANNA), people.add({"name": "Bo Quist"}, workplace="W0009")
    world = people.world
    world.tokens["south"] = world.account("southern", "identity-reader", purpose="safety", county="south")
    check(world.as_role("administrator", "POST", "/v1/accounts/southern/grants", {
        "role": "identity-reader", "purpose": "verification", "trial": world.trial, "reason": "Everywhere"}))
    assert people.read(north, "safety", role="south").status == 404
    assert check(people.read(south, "safety", role="south"), 201)["identity"]["name"] == "Bo Quist"
    assert check(people.read(north, "verification", role="south"), 201)["identity"]["name"] == ANNA["name"]


def test_contact_and_linkage_ask_for_the_consent_and_stop_with_it(people):
    code = people.add(ANNA)
    assert people.read(code, "contact").status == 409
    people.consent(code, pass_on_contact=False)
    assert people.read(code, "contact").status == 409
    assert people.read(code, "linkage").status == 201
    people.consent(code, register_linkage=False)
    assert people.read(code, "contact").status == 201
    assert people.read(code, "linkage").status == 409
    check(people.world.post("coordinator", f"{people.path}/{code}/consents", {
        "form": "participation", "version": 1, "decision": "withdrawn", "signed_at": "2026-01-11T09:00:00Z", "how": "phone"}), 201)
    assert people.read(code, "contact").status == 409
    assert people.read(code, "safety").status == 201


def test_who_analyses_by_pseudonym_never_reads_identities(people):
    world = people.world
    for first, second in (("statistician", "identity-reader"), ("identity-reader", "statistician"),
                          ("auditor", "identity-reader"), ("identity-reader", "auditor")):
        name = f"{first}-then-{second}"
        both = {role: {"role": role, "trial": world.trial, "reason": "Test",
                       **({"purpose": "linkage"} if role == "identity-reader" else {})} for role in (first, second)}
        check(world.as_role("administrator", "POST", "/v1/accounts", {"name": name, "display": name}))
        check(world.as_role("administrator", "POST", f"/v1/accounts/{name}/grants", both[first]))
        answer = world.as_role("administrator", "POST", f"/v1/accounts/{name}/grants", both[second])
        assert answer.status == 409 and "pseudonym" in answer.text, answer


def test_a_grant_of_identity_reader_names_its_purpose_and_no_other_role_has_one(people):
    world = people.world
    check(world.as_role("administrator", "POST", "/v1/accounts", {"name": "eva", "display": "Eva"}))
    for body in ({"role": "identity-reader"}, {"role": "coordinator", "purpose": "contact"},
                 {"role": "identity-reader", "purpose": "curiosity"}):
        answer = world.as_role("administrator", "POST", "/v1/accounts/eva/grants",
                               {"trial": world.trial, "reason": "Test", **body})
        assert answer.status == 422 and "/purpose" in answer.text, answer
    me = check(world.get("contact", "/v1/me"))
    assert [(role["role"], role["purpose"]) for role in me["roles"]] == [("identity-reader", "contact")]


def test_a_correction_keeps_what_is_not_named_and_the_trail_says_that_not_what(people):
    code = people.add({"name": "Anna Vavare", "phone": "0701740605"})
    assert check(people.change(code, name=ANNA["name"], number=ANNA["number"])) == {
        "participant": code, "revision": 2, "changed": ["number", "name"]}
    check(people.change(code, phone=None))
    told = check(people.read(code, "safety"), 201)["identity"]
    assert told == {"number": "198501012382", "name": ANNA["name"], "phone": None, "email": None, "address": None}
    assert people.register({"number": "19850101-2382"}).text.count(NEUTRAL) == 1
    check(people.change(code, number=None))
    people.add({"number": "19850101-2382"})
    assert people.change(code, number=" 850101-2382 ").text.count(NEUTRAL) == 1
    rows = [row for row in people.world.items("auditor", f"{people.world.path}/audit")
            if row["object_kind"] in ("identity", "registration")]
    told = [json.loads(row["new"]) for row in rows]
    assert sorted(one.get("identity", one)["revision"] for one in told) == [1, 1, 2, 3, 4], rows
    text = json.dumps(rows, ensure_ascii=False)
    assert "Vävare" not in text and "8501012382" not in text and '"box"' not in text.replace("\\", "")


def test_a_code_without_an_identity_has_nothing_to_read(people):
    code = people.add()
    answer = people.read(code, "safety")
    assert answer.status == 404 and "Nothing is kept" in answer.text, answer
    check(people.change(code, name="Bo Quist"))
    assert check(people.read(code, "safety"), 201)["identity"]["name"] == "Bo Quist"


def test_only_a_keyed_hash_is_kept_where_the_protocol_says_so(hashed):
    code = hashed.add(ANNA)
    hashed.consent(code)
    assert check(hashed.read(code, "safety"), 201)["identity"]["number"] is None
    assert check(hashed.read(code, "contact"), 201)["identity"]["name"] == ANNA["name"]
    assert NEUTRAL in hashed.register({"number": "198501012382"}).text
    check(hashed.change(code, name="Anna Quist"))
    assert NEUTRAL in hashed.register({"number": "198501012382"}).text


def test_a_trial_without_identities_refuses_one(cluster):
    plain = VAULT.replace("  identity: {type: se-personnummer, store: vault}\n  contact: [name, phone, email, address]\n", "")
    with World(cluster, protocol=plain) as world:
        world.workplaces(1)
        answer = world.post("coordinator", f"{world.path}/participants", {
            "workplace": "W0001", "attributes": {"sex": "man"}, "identity": {"name": "Bo"}})
        assert answer.status == 422 and "keeps no identity" in answer.text, answer


def test_wrong_values_are_refused_by_field_and_never_repeated(people):
    wrong = {"number": "850101-2383", "name": "x" * 201, "phone": "call me", "email": "anna at home", "address": "y" * 501}
    answer = people.register(wrong)
    assert answer.status == 422
    assert sorted({error["pointer"] for error in answer.json()["errors"]}) >= ["/identity/address"]
    for value in ("850101", "2383", "call me", "anna at home"):
        assert value not in text_of(answer), answer
    answer = people.register({**ANNA, "phone": "call me", "email": "anna at home", "number": "850101-2383"})
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/identity/number", "/identity/phone", "/identity/email"], answer
    answer = people.register({"shoe_size": "38"})
    assert answer.status == 422


def test_without_the_master_key_no_identity_is_taken_and_codes_still_are(cluster):
    with World(cluster, protocol=VAULT) as world:
        people = People(world)
        code = people.add(ANNA)
        world.daemon.stop()
        bare = harness.Daemon(world.database, cluster, config={"master_key_file": None})
        world.daemons.append(bare)
        world.daemon = bare
        answer = people.register({"name": "Bo"})
        assert answer.status == 503 and "master key" in answer.text, answer
        assert people.read(code, "safety").status == 503
        assert people.register().status == 201
        other = harness.Daemon(world.database, cluster)
        world.daemons.append(other)
        world.daemon = other
        answer = people.read(code, "safety")
        assert answer.status == 503 and "Anna" not in answer.text, answer


def test_one_person_typed_in_many_ways_at_two_daemons_is_enrolled_once(people):
    daemons = [people.world.daemon, people.world.another()]
    people.add()  # the keys of the vault are made at the first identity, which is raced for below
    for round_number in range(3):
        person = numbers(3, seed=7)[round_number]
        forms = (person, f"{person[:8]}-{person[8:]}", f"{person[2:8]}-{person[8:]}", f" {person} ", f" {person[2:8]}-{person[8:]} ")
        with concurrent.futures.ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda n, f=forms: people.register({"number": f[n % 5], "name": f"Name {n}"},
                                                                       daemon=daemons[n % 2]), range(10)))
        assert sorted(answer.status for answer in answers) == [201] + [409] * 9, answers
        for answer in answers:
            if answer.status == 409:
                told = answer.json()
                assert told["detail"] == NEUTRAL and "errors" not in told or not told.get("errors"), answer
                assert person[2:] not in answer.text and "Name" not in answer.text
    registered = people.world.cluster.sql(people.world.database, "SELECT count(*) FROM rctd_vault.identity").strip()
    assert registered == "3"


def test_an_import_and_a_registration_of_one_person_at_two_daemons_enrol_them_once(people):
    daemons = [people.world.daemon, people.world.another()]
    for round_number, person in enumerate(numbers(4, seed=8)):
        others = numbers(150, seed=100 + round_number)
        row = "W0002,man,{},Name"
        tables = ["\n".join(["workplace,sex,identity,name", *(row.format(other) for other in others[75 * n:75 * n + 75]),
                            row.format(f"{person[2:8]}-{person[8:]}" if n else person)]) + "\n" for n in range(2)]

        def load(n, tables=tables):
            return daemons[n].request("POST", f"{people.path}/import", tables[n], token=people.world.tokens["coordinator"],
                                      key=key(), headers={"Content-Type": "text/csv"})
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            waiting = [pool.submit(load, 0), pool.submit(load, 1),
                       pool.submit(people.register, {"number": f" {person[:8]}-{person[8:]} "}, daemon=daemons[1])]
            answers = [one.result() for one in waiting]
        won = [answer for answer in answers if answer.status in (200, 201)]
        assert len(won) == 1, answers
        for answer in answers:
            if answer not in won:
                assert answer.status in (409, 422) and "person cannot be registered in this trial" in answer.text, answer
                assert person[2:] not in answer.text
    twice = people.world.cluster.sql(people.world.database, "SELECT count(*) - count(DISTINCT number_hash) FROM rctd_vault.identity")
    assert twice.strip() == "0"


def test_a_request_with_an_identity_leaves_no_digest_that_could_be_guessed_back(people):
    import hashlib  # pylint: disable=import-outside-toplevel
    same = key()
    body = {"workplace": "W0001", "attributes": {"sex": "woman"}, "identity": ANNA}
    first = people.world.post("coordinator", people.path, body, key=same)
    again = people.world.post("coordinator", people.path, body, key=same)
    assert first.status == 201 and again.json() == first.json() and again.headers["idempotency-replayed"] == "true"
    other = people.world.post("coordinator", people.path, {**body, "identity": {**ANNA, "name": "Bo"}}, key=same)
    assert other.status == 422
    stored = people.world.cluster.sql(people.world.database,
                                      f"SELECT encode(request, 'hex') FROM rctd.idempotency WHERE key = '{same}'").strip()
    target = people.path
    guesses = [hashlib.sha256(b"POST\0" + target.encode() + b"\0" + text.encode()).hexdigest()
               for text in (json.dumps(body), json.dumps(body, separators=(",", ":")), json.dumps(body, ensure_ascii=False))]
    assert len(stored) == 64 and stored not in guesses


def test_the_trail_is_whole_with_identities_in_it(people):
    code = people.add(ANNA)
    people.consent(code)
    check(people.change(code, email=None))
    check(people.read(code, "contact"), 201)
    assert verify(people.world)[:2] == (0, {})


def test_the_database_lets_no_other_role_read_the_vault_or_a_box_be_moved(people):
    world = people.world
    first, second = people.add(ANNA), people.add({"name": "Bo Quist"})
    sql = lambda text: subprocess.run(  # noqa: E731
        [harness.PSQL, "-XqAt", "-d", world.cluster.superuser(world.database), "-v", "ON_ERROR_STOP=1"], input=text,
        capture_output=True, text=True, check=False)
    for role in ("rctd_app", "rctd_manager", "rctd_blinded"):
        for table in ("identity", "data_key", "lookup_key", "reading"):
            done = sql(f"SET ROLE {role}; SELECT * FROM rctd_vault.{table}")
            assert "permission denied" in done.stderr, (role, table, done)
    assert "permission denied" in sql("SET ROLE rctd_vault; SELECT number_hash FROM rctd_vault.identity").stderr
    # A superuser who swaps two boxes, or moves one under another version, gets nobody's data out.
    done = sql("SET session_replication_role = replica; UPDATE rctd_vault.identity a SET box = b.box FROM rctd_vault.identity b "
               "WHERE a.unit_id <> b.unit_id")
    assert done.returncode == 0, done
    for code in (first, second):
        answer = people.read(code, "safety")
        assert answer.status == 503 and "Quist" not in answer.text, answer


def test_an_identity_is_given_by_file_or_terminal_and_never_as_an_argument(people, tmp_path):
    world = people.world
    token = tmp_path / "token"
    token.write_text(world.tokens["coordinator"] + "\n")
    token.chmod(0o600)
    file = tmp_path / "anna"
    file.write_text("number: 850101-2382\nname: Anna Vävare-Quist\nphone: 0701740605\n", encoding="utf-8")
    base = [harness.RCTCTL, "--url", world.daemon.url, "--token-file", str(token), "--json"]
    file.chmod(0o644)
    add = [*base, "participant", "add", "gems", "--workplace", "W0001", "sex=woman"]
    refused = subprocess.run([*add, "--identity-file", str(file)], capture_output=True, text=True, check=False)
    assert refused.returncode != 0 and "chmod 600" in refused.stderr, refused
    file.chmod(0o600)
    made = subprocess.run([*add, "--identity-file", str(file)], capture_output=True, text=True, check=True)
    code = json.loads(made.stdout)["code"]
    assert check(people.read(code, "safety"), 201)["identity"]["phone"] == "0701740605"
    given = subprocess.run([*base, "identity", "set", "gems", code, "--identity-file", "-"],
                           input='{"email": "anna@example.se", "phone": null}', capture_output=True, text=True, check=True)
    assert json.loads(given.stdout)["changed"] == ["phone", "email"], given
    reader = tmp_path / "reader"
    reader.write_text(world.tokens["safety"] + "\n")
    reader.chmod(0o600)
    read = subprocess.run([harness.RCTCTL, "--url", world.daemon.url, "--token-file", str(reader), "identity", "read", "gems",
                           code, "--purpose", "safety", "--reason", "welfare"], capture_output=True, text=True, check=True)
    assert "Anna Vävare-Quist" in read.stdout and "anna@example.se" in read.stdout and "19850101" in read.stdout, read
    helped = subprocess.run([harness.RCTCTL, "help", "identity", "set"], capture_output=True, text=True, check=True).stdout
    assert not [word for word in ("--name", "--number", "--phone", "--email", "--address") if word in helped], helped


def test_no_word_of_the_vault_is_in_the_daemons_log(people):
    code = people.add(ANNA)
    people.register(ANNA)
    people.register({"number": "850101-2383"})
    people.consent(code)
    people.read(code, "contact")
    log = people.world.daemon.log()
    for value in ("Vävare", "850101-238", "850101238", "701740605", "anna.vavare", "Väverivägen"):
        assert value not in log, value
    assert os.path.getsize(f"{people.world.daemon.directory}/log") > 0


def test_an_identity_or_a_reading_that_comes_or_goes_behind_the_trails_back_is_named(people):
    code, other = people.add(ANNA), people.add({"name": "Bo"})
    bare = people.add()
    check(people.change(other, phone="0701740605"))
    check(people.read(code, "safety"), 201)
    people.register(ANNA)
    check(people.world.post("trial-manager", f"{people.path}/{people.add({'name': 'Eva'})}/erasure", {
        "requested_by": "participant", "how": "phone", "reason": "objection"}), 201)
    world = people.world
    assert verify(world)[:2] == (0, {})
    unit = {name: world.cluster.sql(world.database, f"SELECT unit_id FROM rctd.unit WHERE code = '{name}'") for name in (code, other, bare)}
    for sql, name, fault in (
            (f"DELETE FROM rctd_vault.identity WHERE unit_id = '{unit[other]}'", other, "lost"),
            (f"INSERT INTO rctd_vault.identity (trial_id, unit_id, key_version, box) SELECT trial_id, '{unit[bare]}', key_version, box "
             f"FROM rctd_vault.identity WHERE unit_id = '{unit[code]}'", bare, "unrecorded"),
            ("DELETE FROM rctd_vault.reading", code, "lost")):
        before = verify(world)[1]
        tamper(world, sql)
        status, findings, _ = verify(world)
        assert status == 8 and {stream: told[1] for stream, told in findings.items() if stream not in before} == {
            f"unit:{unit[name]}": fault}, (sql, findings)
    account = world.cluster.sql(world.database, "SELECT 'account:' || account_id FROM rctd.enrolment_refusal")
    tamper(world, "DELETE FROM rctd.enrolment_refusal; DELETE FROM rctd.erasure")
    assert verify(world)[1][account][1] == "lost" and len(verify(world)[1]) == 5
