"""People are registered under codes that tell nothing, are allocated one by one beside their workplaces, and only
where the protocol lets them: eligible, consenting, in a scheme of their own. Nobody who must not learns an arm by
way of them."""
import concurrent.futures
import itertools
import json
import re

import allocation
import minimisation
from participants import PERSON, PROTOCOL, add, allocate, answer, consent, ready
import pytest
from trail import tamper, verify
from world import ARM_WORDS, World, check, faults, key, said

ALPHABET = "23456789ACEFHJKMPQRTWXY"
MINIMISED = {"ratio": {"opal": 1, "jade": 1, "onyx": 1}, "factors": {"sex": 1, "generation": 2}, "p": 0.8, "measure": "range"}
BLOCKS = {"ratio": {"opal": 2, "jade": 1}, "blocks": [3, 6]}


@pytest.fixture
def people(cluster):
    """A trial with sixteen workplaces, the first eight in the north."""
    with World(cluster, protocol=PROTOCOL) as made:
        made.workplaces(16)
        yield made


def agree(world, code, **changes):
    """Records the employer's agreement, or its withdrawal."""
    body = {"form": "employer", "version": 1, "decision": "given", "signed_by": "A. Director", "signed_at": "2026-01-05T09:00:00Z", "how": "paper"}
    if not changes:
        body["scopes"] = {"participate": True}
    return check(world.post("coordinator", f"{world.path}/workplaces/{code}/agreements", {**body, **changes}), 201)


def site(world, code):
    """Allocates a workplace whose employer agrees."""
    agree(world, code)
    return check(world.allocate(code, "main.sites"), 201)


def show(world, code, role="coordinator"):
    return check(world.get(role, f"{world.path}/participants/{code}"))


def test_a_registered_person_has_a_code_and_nothing_else_that_names_them(people):
    made = check(add(people, **{"from": "2024-02-29"}), 201)
    code = made["code"]
    assert len(code) == 8 and code[0] == "P" and set(code) <= set(ALPHABET)
    assert sum(ALPHABET.index(c) * 5 ** n for n, c in enumerate(reversed(code[1:]))) % 23 == 1
    assert made == show(people, code)
    assert (made["state"], made["workplace"], made["employed_from"], made["employed_to"], made["county"]) == (
        "registered", "W0001", "2024-02-29", None, "north")
    assert made["attributes"] == {**PERSON, "shift_work": "false"}
    assert made["flags"] == {"under_represented": True, "high_risk": False} and made["flags_version"] is None
    assert show(people, f"{code[:4]}-{code[4:]}".lower()) == made, "as it is said over the phone"
    assert check(add(people), 201)["code"] != code


def test_what_is_wrong_with_a_registration_is_named_by_field(people):
    told = faults(add(people, "W9999", attributes={"sex": "none", "birth_year": "19x0", "colour": "red"}, **{"from": "2999-01-01"}))
    assert set(told) == {"/workplace", "/attributes/sex", "/attributes/birth_year", "/attributes/colour", "/from"}
    assert "woman, man" in told["/attributes/sex"] and "W9999" in told["/workplace"]
    bare = people.post("coordinator", f"{people.path}/participants", {"attributes": {"sex": "man", "generation": "old"}})
    assert bare.status == 422 and set(faults(bare)) == {"/workplace", "/attributes/birth_year", "/attributes/generation"}
    assert set(faults(people.post("coordinator", f"{people.path}/participants", {"workplace": "W0001", "attributes": {"sex": 3}}))) == {"/attributes/sex"}
    assert people.items("coordinator", f"{people.path}/participants") == []


def test_a_mistyped_code_is_nobodys_and_is_said_to_be_mistyped(people):
    code = check(add(people), 201)["code"]
    wrong = code[:-1] + next(c for c in ALPHABET if c != code[-1])
    for path in (f"participants/{wrong}", f"participants/{wrong}/consents"):
        found = people.get("coordinator", f"{people.path}/{path}")
        assert found.status == 404 and "check character" in found.text, found
    refused = allocate(people, wrong)
    assert refused.status == 404 and "check character" in refused.text
    assert people.get("coordinator", f"{people.path}/participants/W0001").status == 404
    assert people.get("coordinator", f"{people.path}/workplaces/{code}").status == 404
    assert allocate(people, "W0001").status == 404


def test_who_is_not_eligible_or_has_not_consented_is_not_allocated(people):
    code = check(add(people, attributes={"birth_year": "2012"}), 201)["code"]
    path = f"{people.path}/allocations/dry-run"
    missing = check(people.post("coordinator", path, {"participant": code, "scheme": "main.people"}))["missing"]
    assert missing == ["age: the trial needs age between 18 and 66", "Employed here for three months or more: not answered yet",
                       "Consent participation: not recorded yet"]
    assert show(people, code)["missing"] == missing and show(people, code)["eligible"] is False
    refused = allocate(people, code)
    assert refused.status == 409 and [e["detail"] for e in refused.json()["errors"]] == missing
    assert {e["pointer"] for e in refused.json()["errors"]} == {"/participant"}
    code = check(add(people), 201)["code"]
    check(answer(people, code, employed=False))
    check(consent(people, code, version=1), 201)
    assert show(people, code)["missing"] == [
        "Employed here for three months or more: the answer is no, the trial needs yes",
        "Consent participation: version 1 was signed, version 2 is in force"]
    check(consent(people, code), 201)
    wanted = {"coordinator": (False, ["Employed here for three months or more: the answer is no, the trial needs yes"]), "researcher": (None, None)}
    for role, answered in wanted.items():
        may = {row["action"]: row for row in people.items(role, f"{people.path}/participants/{code}/permissions")}
        assert (may["allocate"]["allowed"], may["allocate"]["missing"], may["allocate"]["objection"]) == (*answered, None)
        assert (may["data"]["allowed"], may["data"]["missing"]) == (False, None)
    assert may["allocate"]["because"] is not None
    check(answer(people, code))
    assert people.items("coordinator", f"{people.path}/participants/{code}/permissions")[0]["allowed"] is True
    check(consent(people, code, scopes={"participate": False, "questionnaires": True}), 201)
    assert show(people, code)["missing"] == ["Consent participation: no yes to participate"]
    check(consent(people, code), 201)
    assert show(people, code)["missing"] == [] and show(people, code)["eligible"] is True
    made = check(allocate(people, code), 201)
    assert (made["participant"], made["workplace"], made["name"], made["stratum"]) == (code, None, None, "")
    attempts = people.items("auditor", f"{people.path}/attempts")
    assert [(a["kind"], a["workplace"]) for a in attempts] == [("dry-run", None), ("refused", None)]
    again = allocate(people, code)
    assert again.status == 409 and "already" in again.text
    # In another scheme of the same trial a person has a place of their own.
    assert check(allocate(people, code, "main.blocked"), 201)["stratum"] == "sex=woman|generation=old"


def test_people_and_workplaces_each_keep_to_their_own_schemes(people):
    code = ready(people)
    wrong = allocate(people, code, "main.sites")
    assert wrong.status == 409 and "allocates workplaces" in wrong.text
    wrong = people.allocate("W0001", "main.people")
    assert wrong.status == 409 and "allocates participants" in wrong.text
    both = people.post("coordinator", f"{people.path}/allocations", {"workplace": "W0001", "participant": code, "scheme": "main.people"})
    assert both.status == 422 and set(faults(both)) == {"/participant"}
    neither = people.post("coordinator", f"{people.path}/allocations", {"scheme": "main.people"})
    assert neither.status == 422 and set(faults(neither)) == {"/workplace"}
    site(people, "W0001")
    check(allocate(people, code), 201)
    listed = people.items("statistician", f"{people.path}/allocations")
    assert [(row["kind"], row["workplace"], row["participant"]) for row in listed] == [("workplace", "W0001", None), ("participant", None, code)]
    assert [row["participant"] for row in people.items("coordinator", f"{people.path}/allocations?participant={code}")] == [code]
    with pytest.raises(Exception, match="of its own kind"):
        people.cluster.sql(people.database, "INSERT INTO rctd.allocation SELECT trial_id, gen_random_uuid(), 'main.sites', 'sector=public', 2, "
                           f"(SELECT unit_id FROM rctd.unit WHERE code = '{code}'), 'opal', phase, protocol_version, 'permuted-block', "
                           "decision, now(), allocated_by, 'other' FROM rctd.allocation WHERE scheme = 'main.sites'")


def crowd(world, count):
    """So many who are ready, over both sexes and generations."""
    spread = list(itertools.product(("woman", "man"), ("1970", "1999")))

    def one(n):
        sex, year = spread[n % 4]
        return ready(world, f"W{n % 16 + 1:04d}", sex=sex, birth_year=year)

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, range(count)))


def rows_of(world, scheme):
    return json.loads(world.cluster.sql(world.database, f"""
        SELECT json_agg(r ORDER BY stratum, position) FROM (
            SELECT l.stratum, l.position, l.arm, l.decision, u.code, u.attributes
              FROM rctd.allocation l JOIN rctd.unit u USING (trial_id, unit_id) WHERE l.scheme = 'main.{scheme}') r"""))


def levels(attributes):
    return {"sex": attributes["sex"], "generation": "old" if int(attributes["birth_year"]) <= 1986 else "young"}


def test_16_clients_on_two_daemons_allocate_people_as_one_client_would(people):
    second = people.another()
    codes = crowd(people, 96)

    def client(number):
        daemon = (people.daemon, second)[number % 2]
        return [check(allocate(people, code, scheme, daemon), 201) for code in codes[number::16] for scheme in ("main.people", "main.blocked")]

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(itertools.chain.from_iterable(pool.map(client, range(16))))
    assert len(answers) == 192 and all(told["receipt"] for told in answers)
    rows = rows_of(people, "people")
    assert [row["position"] for row in rows] == list(range(1, 97)) and {row["code"] for row in rows} == set(codes)
    units = [levels(row["attributes"]) for row in rows]
    assert [row["decision"]["levels"] for row in rows] == units
    given = dict(MINIMISED)
    expected = minimisation.minimise(bytes.fromhex(people.seed("main.people")), "gems/main.people", given.pop("ratio"),
                                     given.pop("factors"), units, **given)
    assert [row["arm"] for row in rows] == [arm for _, _, arm in expected]
    seed = bytes.fromhex(people.seed("main.blocked"))
    for stratum, group in itertools.groupby(rows_of(people, "blocked"), key=lambda row: row["stratum"]):
        mine = list(group)
        assert len(mine) == 24 and [row["position"] for row in mine] == list(range(1, 25))
        assert {"|".join(f"{k}={v}" for k, v in levels(row["attributes"]).items()) for row in mine} == {stratum}
        sequence = allocation.sequence(seed, "gems/main.blocked", stratum, "permuted-block", BLOCKS["ratio"], {"blocks": BLOCKS["blocks"]})
        assert [row["arm"] for row in mine] == list(itertools.islice(sequence, 24))


def test_people_are_allocated_in_one_batch_and_the_ledger_of_all_is_verified_without_rctd(people, tmp_path):
    codes = crowd(people, 12)
    for code in codes[:6]:
        check(allocate(people, code), 201)
        check(allocate(people, code, "main.blocked"), 201)
    body = {"scheme": "main.teams", "units": [codes[0].lower(), *codes[1:8]]}
    made = check(people.post("coordinator", f"{people.path}/allocations/batch", body), 201)
    assert {row["participant"] for row in made["allocations"]} == set(codes[:8]) and made["assignments"] == 70
    chosen = {"participant": codes[11], "scheme": "main.volunteers", "arm": "onyx", "reason": "Asked for it"}
    assert check(people.post("coordinator", f"{people.path}/allocations", chosen), 201)["randomised"] is False
    protocol, ledger = tmp_path / "protocol.yaml", tmp_path / "ledger.csv"
    protocol.write_text(PROTOCOL)
    said(people.rctctl("statistician", "ledger", "export", "gems", "--out", str(ledger)))
    assert len(ledger.read_text().splitlines()) == 22
    for scheme in ("main.people", "main.blocked", "main.teams"):
        proof = ("verify", "--protocol", str(protocol), "--ledger", str(ledger), "--scheme", scheme, "--seed")
        said(people.rctctl("coordinator", *proof, people.seed(scheme)))
        # One wrong seed may by chance give so few units the arms that they have; not six of them.
        wrong = {people.rctctl("coordinator", *proof, f"{n:064x}").returncode for n in range(6)}
        assert 8 in wrong and wrong <= {0, 8}


def test_the_same_request_asked_again_registers_nobody_twice(people):
    its_key = key()
    body = {"workplace": "W0001", "attributes": PERSON}
    first, again = (people.post("coordinator", f"{people.path}/participants", body, key=its_key) for _ in range(2))
    assert first.status == 201 and first.body == again.body
    assert len(people.items("coordinator", f"{people.path}/participants")) == 1
    assert people.post("coordinator", f"{people.path}/participants", body, key=None).status == 400


def test_flags_freeze_with_the_first_allocation_and_stay_whatever_the_rules_become(people):
    code, later = ready(people), ready(people)
    check(allocate(people, code), 201)
    assert show(people, code)["flags_version"] == 1 and show(people, later)["flags_version"] is None
    people.lock(PROTOCOL.replace('under_represented: "born = elsewhere"', 'under_represented: "born = sweden"').replace(
        'high_risk: "shift_work"', 'high_risk: "shift_work or age >= 40"'))
    assert show(people, code)["flags"] == {"under_represented": True, "high_risk": False}
    assert show(people, later)["flags"] == {"under_represented": False, "high_risk": True}
    check(allocate(people, code, "main.blocked"), 201)
    check(allocate(people, later), 201)
    assert (show(people, code)["flags_version"], show(people, later)["flags_version"]) == (1, 2)
    assert show(people, code, "researcher")["flags"] == {"under_represented": True, "high_risk": False}
    for change in ("UPDATE rctd.unit_flag SET raised = false", "DELETE FROM rctd.unit_flag",
                   "INSERT INTO rctd.unit_flag (trial_id, unit_id, flag, raised, rule, protocol_version, frozen_at) "
                   "SELECT trial_id, unit_id, 'late', true, '', 1, now() FROM rctd.allocation"):
        with pytest.raises(Exception, match="takes new rows only|before allocation"):
            people.cluster.sql(people.database, change)


def test_withdrawing_takes_a_person_out_at_once_and_nobody_else(people):
    code, other = ready(people), ready(people)
    for one in (code, other):
        check(allocate(people, one), 201)
    told = check(people.post("coordinator", f"{people.path}/participants/{code}/consents",
                             {"form": "participation", "version": 2, "decision": "withdrawn", "signed_at": "2026-11-01T09:00:00Z", "how": "phone",
                              "reason": "no-time"}), 201)
    assert told["participant"] == code and told["participant_withdrawn"] is True
    assert show(people, code)["state"] == "withdrawn" and show(people, other)["state"] == "allocated"
    states = {task["state"] for task in people.items("coordinator", f"{people.path}/tasks?participant={code}")}
    assert states == {"cancelled"}
    assert {task["participant"] for task in people.items("coordinator", f"{people.path}/tasks")} == {code, other}
    events = people.items("auditor", f"{people.path}/participants/{code}/consents")
    assert [(event["decision"], event["signed_by"]) for event in events] == [("given", "participant"), ("withdrawn", "participant")]
    assert allocate(people, code, "main.blocked").status == 409


def test_nobody_is_allocated_out_of_a_workplace_that_has_withdrawn(people):
    before, waiting, elsewhere = ready(people, "W0003"), ready(people, "W0003"), ready(people, "W0004")
    site(people, "W0003")
    check(allocate(people, before), 201)
    assert agree(people, "W0003", decision="withdrawn")["workplace_withdrawn"] is True
    assert show(people, waiting)["missing"] == ["The workplace W0003 has withdrawn"]
    refused = allocate(people, waiting)
    assert refused.status == 409 and "The workplace W0003 has withdrawn" in refused.text
    late = add(people, "W0003")
    assert late.status == 422 and faults(late) == {"/workplace": "the workplace W0003 has withdrawn"}
    assert show(people, before)["state"] == "allocated"
    check(allocate(people, elsewhere), 201)


def test_a_consent_is_refused_that_no_participant_can_give(people):
    code = check(add(people), 201)["code"]
    wrong = consent(people, code, form="employer", version=1)
    assert wrong.status == 422 and "participants sign participation" in wrong.text
    named = consent(people, code, signed_by="Eva Ek")
    assert named.status == 422 and set(faults(named)) == {"/signed_by"}
    assert set(faults(consent(people, code, scopes={"participate": True}))) == {"/scopes/questionnaires"}
    assert consent(people, code, role="researcher").status == 403
    assert set(faults(answer(people, code, manager=True))) == {"/answers/manager"}


def test_who_covers_one_county_sees_and_registers_the_people_of_its_workplaces(people):
    token = people.account("nora", "coordinator", county="north")
    north, south = ready(people, "W0001"), ready(people, "W0009")
    listed = people.daemon.get(f"{people.path}/participants?limit=1000", token=token).json()["items"]
    assert [(item["code"], item["county"]) for item in listed] == [(north, "north")]
    assert people.daemon.get(f"{people.path}/participants/{south}", token=token).status == 404
    outside = add(people, "W0009", token=token)
    assert outside.status == 422 and set(faults(outside)) == {"/workplace"} and "south" not in outside.text
    assert check(add(people, "W0002", token=token), 201)["county"] == "north"
    for code, status in ((south, 404), (north, 201)):
        made = people.daemon.request("POST", f"{people.path}/allocations", {"participant": code, "scheme": "main.people"}, token=token, key=key())
        assert made.status == status, made


def test_recruitment_counts_people_and_workplaces_apart(people):
    for code in [ready(people), ready(people)]:
        check(allocate(people, code), 201)
        check(allocate(people, code, "main.blocked"), 201)
    check(add(people), 201)
    site(people, "W0003")
    told = check(people.get("researcher", f"{people.path}/recruitment"))
    assert (told["registered"], told["allocated"]) == (16, 1)
    assert (told["participants_registered"], told["participants_allocated"], told["participants_withdrawn"]) == (3, 2, 0)
    phase = told["phases"][0]
    assert (phase["allocated"], phase["target"], phase["participants_allocated"], phase["participants_target"]) == (1, 50, 2, 500)
    assert [month["cumulative"] for month in phase["months"]] == [1]
    phase = people.items("researcher", f"{people.path}/phases")[0]
    assert (phase["allocated"], phase["allocated_participants"]) == (1, 2)
    assert "3 participants registered, 2 allocated" in said(people.rctctl("coordinator", "recruitment", "gems"))


def test_a_table_of_people_comes_in_whole_or_tells_every_fault(people):
    def bring(text, query=""):
        return people.post("coordinator", f"{people.path}/participants/import{query}", text, headers={"Content-Type": "text/csv"})

    wrong = bring("workplace;from;sex;birth_year;colour\nW0001;2020-01-01;woman;1980;red\nW0099;2020-13-01;he;;\n;2999-01-01;man;1990;\n")
    assert wrong.status == 422, wrong
    told = {(e["pointer"], e["line"], e["column"]) for e in wrong.json()["errors"]}
    assert told == {("colour", 1, 31), ("workplace", 3, 1), ("from", 3, 7), ("sex", 3, 18), ("birth_year", 3, 21), ("workplace", 4, 1), ("from", 4, 2)}
    assert people.items("coordinator", f"{people.path}/participants") == []
    table = "workplace,sex,birth_year,born\n" + "".join(f"W{n % 16 + 1:04d},{('woman', 'man')[n % 2]},{1950 + n % 50},sweden\n" for n in range(1200))
    assert check(bring(table, "?dry_run=true")) == {"read": 1200, "imported": 0, "first": None, "last": None, "codes": None, "encoding": "UTF-8", "delimiter": ","}
    assert check(bring(table))["imported"] == 1200
    items = people.items("coordinator", f"{people.path}/participants")
    assert len({item["code"] for item in items}) == 1200
    assert len(people.items("coordinator", f"{people.path}/participants?workplace=W0003")) == 75
    assert len(people.items("coordinator", f"{people.path}/participants?county=north")) == 600
    years = [item["attributes"]["birth_year"] for item in sorted(items, key=lambda item: item["code"])]
    assert years[:50] != [str(1950 + n % 50) for n in range(50)], "the codes have the order of the table"


def test_the_few_of_very_many_of_whom_it_may_be_done_are_found(people):
    table = "workplace,sex,birth_year,born\n" + "W0001,woman,1980,sweden\n" * 1001
    check(people.post("coordinator", f"{people.path}/participants/import", table, headers={"Content-Type": "text/csv"}))
    codes = [person["code"] for person in people.items("coordinator", f"{people.path}/participants")]
    check(consent(people, codes[-1], scopes={"participate": True, "questionnaires": True}), 201)
    path = f"{people.path}/permissions?action=data&allowed"
    assert [one["code"] for one in people.items("coordinator", f"{path}=true")] == codes[-1:]
    assert [one["code"] for one in people.items("coordinator", f"{path}=false")] == codes[:-1]


def test_a_trial_without_workplaces_places_people_by_their_own_county(cluster):
    text = PROTOCOL[:PROTOCOL.index("workplace:\n")] + PROTOCOL[PROTOCOL.index("participant:\n"):]
    text = "\n".join(line for line in text.splitlines() if "sites:" not in line and "employer:" not in line) + "\n"
    text = text.replace("    born: {", "    county: {levels: [north, south]}\n    born: {").replace("workplaces: 50, ", "").replace("workplace: [employer/participate], ", "")
    with World(cluster, protocol=text) as world:
        token = world.account("nora", "coordinator", county="north")

        def register(county, **more):
            return world.daemon.request("POST", f"{world.path}/participants", {"attributes": {**PERSON, "county": county}, **more}, token=token, key=key())

        made = check(register("north"), 201)
        assert (made["county"], made["workplace"], made["employed_from"]) == ("north", None, None)
        assert set(faults(register("south"))) == {"/attributes"}
        assert set(faults(register("north", workplace="W0001"))) == {"/workplace"}
        check(answer(world, made["code"]))
        check(consent(world, made["code"]), 201)
        check(allocate(world, made["code"]), 201)


def test_no_blinded_role_learns_an_arm_by_way_of_a_person(people):
    for code in crowd(people, 12):
        check(allocate(people, code), 201)
    for n in range(1, 9):
        site(people, f"W{n:04d}")
    code = people.items("coordinator", f"{people.path}/participants")[0]["code"]
    paths = ["participants", f"participants/{code}", f"participants/{code}/consents", "allocations", f"allocations?participant={code}",
             f"tasks?participant={code}", "attempts"]
    seen = set()
    for role in ("researcher", "interviewer", "dispatcher", "trial-manager"):
        for path in paths:
            told = people.get(role, f"{people.path}/{path}")
            assert not [word for word in ARM_WORDS if word in told.text], f"GET {path} tells a {role} an arm"
            seen |= {code} if told.status == 200 and code in told.text else set()
    assert seen == {code}
    told = check(people.get("researcher", f"{people.path}/participants/{code}"))
    assert told["missing"] is None and told["eligible"] is None and told["schemes"] == ["main.people"]
    for role in ("rctd_blinded", "rctd_manager"):
        with pytest.raises(Exception, match="permission denied"):
            people.cluster.sql(people.database, f"SET ROLE {role}; INSERT INTO rctd.employment SELECT * FROM rctd.employment")


def test_a_persons_attributes_stand_in_the_trail_as_digests_only(people):
    ready(people, birth_year="1971")
    trail = people.cluster.sql(people.database, "SELECT string_agg(coalesce(old, '') || coalesce(new, ''), '') FROM rctd.audit WHERE stream LIKE 'unit:%'")
    assert not re.search(r"\b1971\b", trail) and "sha256:" in trail and "W0001" in trail


TAMPERED = {
    "unit": "UPDATE rctd.unit SET attributes = attributes || '{\"sex\": \"man\"}' WHERE kind = 'participant'",
    "employment": "UPDATE rctd.employment SET workplace_id = (SELECT unit_id FROM rctd.unit WHERE code = 'W0002')",
    "flag": "UPDATE rctd.unit_flag SET raised = NOT raised WHERE flag = 'under_represented'",
    "participant": "UPDATE rctd.participant SET registered_by = (SELECT account_id FROM rctd.account WHERE name = 'auditor')",
    "consent": "UPDATE rctd.consent SET scopes = '{\"participate\": true, \"questionnaires\": true}'",
}


@pytest.mark.parametrize("kind", TAMPERED)
def test_what_is_changed_of_a_person_behind_the_trails_back_is_found(people, kind):
    code = ready(people)
    check(allocate(people, code), 201)
    assert verify(people)[:2] == (0, {})
    tamper(people, TAMPERED[kind])
    status, findings, _ = verify(people)
    assert status == 8 and len(findings) == 1, findings


def test_a_coordinator_takes_a_person_all_the_way_with_rctctl(people, tmp_path):
    made = said(people.rctctl("coordinator", "participant", "add", "gems", "--workplace", "W0001", "--from", "2020-05-01", "sex=man", "birth_year=1980"))
    code = re.search(r"^(P\w{7}) is registered in W0001\. Still missing: .*Consent participation: not recorded yet", made).group(1)
    typed = f"{code[:4]} {code[4:]}".lower()
    assert "1 answer recorded" in said(people.rctctl("coordinator", "participant", "answer", "gems", code, "employed=yes"))
    agreed = ("--form", "participation", "--version", "2", "--scope", "participate=yes", "--scope", "questionnaires=no", "--signed", "2026-01-10", "--how", "paper")
    assert "consent recorded on form participation" in said(people.rctctl("coordinator", "participant", "consent", "gems", code, *agreed))
    shown = said(people.rctctl("coordinator", "participant", "show", "gems", typed))
    assert re.search(rf"^Code +{code}$", shown, re.MULTILINE) and re.search(r"^Workplace +W0001$", shown, re.MULTILINE)
    assert re.search(r"^Eligible +yes$", shown, re.MULTILINE), shown
    allocated = said(people.rctctl("coordinator", "allocate", "gems", typed, "--scheme", "main.people", "--yes"))
    assert re.search(rf"^Participant +{code}$", allocated, re.MULTILINE) and re.search(r"^Receipt +\w{4}-", allocated, re.MULTILINE)
    listed = said(people.rctctl("coordinator", "ledger", "list", "gems"))
    assert "PARTICIPANT" in listed and code in listed and "WORKPLACE" not in listed
    assert code in said(people.rctctl("coordinator", "task", "list", "gems", "--participant", code))
    assert code in said(people.rctctl("coordinator", "participant", "list", "gems", "--scheme", "main.people"))
    left = said(people.rctctl("coordinator", "participant", "withdraw", "gems", code, "--form", "participation", "--how", "phone", "--yes"))
    assert "They are out of the trial from now on" in left
    assert "withdrawn" in said(people.rctctl("coordinator", "participant", "consents", "gems", code))
    wrong = said(people.rctctl("coordinator", "participant", "add", "gems", "--workplace", "W0001", "sex=he"), 6)
    assert "woman, man" in wrong and "birth_year is missing" in wrong
    table = tmp_path / "people.csv"
    table.write_text("workplace,sex,birth_year\nW0002,man,1970\nW0003,woman,1971\n")
    assert "2 participants read, without a fault" in said(people.rctctl("coordinator", "participant", "import", "gems", str(table), "--dry-run"))
    assert "2 participants imported into gems." in said(people.rctctl("coordinator", "participant", "import", "gems", str(table)))
    table.write_text("workplace,sex,birth_year\nW0002,man,1970\nW0099,woman,1971\n")
    assert re.search(rf"^{re.escape(str(table))}:3:.*\bworkplace.*: there is no workplace W0099", said(people.rctctl("coordinator", "participant", "import", "gems", str(table)), 6), re.MULTILINE)
