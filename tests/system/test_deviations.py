"""Errors in allocations that were made: they stand beside the ledger with what they mean for the analysis, the
ledger stays as it is, and who is blinded learns nothing of an arm."""
import concurrent.futures
import datetime

import designs
import harness
from locks import locked, waiting
import participants
import pytest
from world import ARM_WORDS, BLOCKS, PROTOCOL, World, assert_ledger_is_right, check, key

RULED = PROTOCOL.replace("\narms:", """
  eligible:
    - {id: staff, need: "employees >= 2"}
    - {id: region, need: "employees <= 100000"}
arms:""", 1)
MINIMISED = PROTOCOL.replace("""method: permuted-block
      ratio: {opal: 2, jade: 1, onyx: 1}
      strata: [sector, size]
      blocks: [4, 8]""", """method: minimisation
      ratio: {opal: 1, jade: 1, onyx: 1}
      factors: {sector: 1, size: 1}
      measure: range
      p: 0.8""")


@pytest.fixture(name="ruled")
def ruled_fixture(cluster):
    with World(cluster, protocol=RULED) as made:
        made.codes = made.workplaces(16)
        made.allocations = made.allocate_all(made.codes[:8], clients=1)
        yield made


def report(world, allocation, kind, daemon=None, token=None, **more):
    body = {"kind": kind, "reason": "Read off the wrong line", "arm_known": True, **more}
    its_key = body.pop("key", key())
    return (daemon or world.daemon).post(f"{world.path}/allocations/{allocation}/deviations", body,
                                         token=token or world.tokens["coordinator"], key=its_key)


def rctctl(world, role, *words):
    done = world.rctctl(role, *words)
    return done.returncode, done.stdout, done.stderr


def test_a_wrong_stratum_is_told_beside_the_allocation_which_stays(ruled):
    before = ruled.ledger()
    one = ruled.allocations[0]
    assert one["stratum"] == "sector=public|size=1-9"
    made = check(report(ruled, one["allocation"], "wrong-stratum", values={"sector": "private", "employees": "60"}), 201)
    assert made["true_stratum"] == "sector=private|size=50-249" and made["stratum"] == one["stratum"]
    assert made["allocated_levels"] == {"sector": "public", "size": "1-9"}
    assert made["true_levels"] == {"sector": "private", "size": "50-249"}
    assert made["values"] == {"sector": "private", "employees": "60"}
    assert made["arm"] == one["arm"] and made["position"] == one["position"] == 1
    assert ruled.ledger() == before
    follows = check(ruled.allocate(ruled.codes[8]), 201)
    assert follows["position"] == 2, "the position was not given again"
    assert_ledger_is_right(ruled, 9)


def test_which_stratum_is_analysed_follows_from_whether_the_arm_was_known(ruled):
    knowing = check(report(ruled, ruled.allocations[0]["allocation"], "wrong-stratum", values={"sector": "private"}), 201)
    blind = check(report(ruled, ruled.allocations[1]["allocation"], "wrong-stratum", values={"sector": "public"}, arm_known=False), 201)
    assert (knowing["analysis_stratum"], blind["analysis_stratum"]) == ("allocated", "true")
    assert knowing["intention_to_treat"] is blind["intention_to_treat"] is True
    assert knowing["primary_set"] is None, "the statistician has not decided"


@pytest.mark.parametrize("values, says", [
    ({"sector": "public"}, "belongs where it was allocated"),
    ({"sector": "communal"}, "one of public, private"),
    ({"size": "50-249"}, "give employees"),
    ({"county": "south"}, "one of sector, employees"),
    ({"employees": "many"}, "whole number"),
    ({"employees": "0"}, "1"),
])
def test_a_true_stratum_is_held_against_the_protocol(ruled, values, says):
    refused = report(ruled, ruled.allocations[0]["allocation"], "wrong-stratum", values=values)
    assert refused.status in (409, 422) and says in refused.text, refused
    assert ruled.items("auditor", f"{ruled.path}/deviations") == []


def test_a_minimised_unit_has_true_levels(cluster):
    with World(cluster, protocol=MINIMISED) as world:
        code = world.workplaces(1)[0]
        one = check(world.allocate(code), 201)
        made = check(report(world, one["allocation"], "wrong-stratum", values={"employees": "300"}), 201)
        assert made["allocated_levels"] == {"sector": "public", "size": "1-9"}
        assert made["true_levels"] == {"sector": "public", "size": "250-"}
        assert made["stratum"] == made["true_stratum"] == ""


@pytest.mark.parametrize("values", [{"employees": "77"}, {"sector": "private"}])
def test_a_unit_of_a_batch_in_strata_has_a_true_stratum_and_true_covariates(cluster, values):
    with World(cluster, protocol=designs.PROTOCOL) as world:
        body = {"scheme": "main.by-sector", "units": world.workplaces(12)}
        batch = check(world.daemon.post(f"{world.path}/allocations/batch", body, token=world.tokens["coordinator"], key=key()), 201)
        made = check(report(world, batch["allocations"][0]["allocation"], "wrong-stratum", values=values), 201)
        assert made["allocated_levels"] == {"sector": "public", "employees": "5"}
        assert made["true_levels"] == {"sector": "public", "employees": "5", **values}
        assert made["stratum"] == made["true_stratum"] == ""


def test_an_ineligible_unit_stays_in_the_intention_to_treat_set(ruled):
    one = ruled.allocations[2]["allocation"]
    today = datetime.date.today()
    made = check(report(ruled, one, "ineligible", rule="staff", known_on=str(today)), 201)
    assert made["intention_to_treat"] is True and made["rule"] == "staff" and made["known_on"] == str(today)
    unknown = report(ruled, one, "ineligible", rule="stuff", known_on=str(today))
    assert unknown.status == 422 and "one of staff, region" in unknown.text
    late = report(ruled, one, "ineligible", rule="region", known_on=str(today + datetime.timedelta(days=2)))
    assert late.status == 409 and "day to come" in late.text
    again = report(ruled, one, "ineligible", rule="staff", known_on=str(today))
    assert again.status == 409 and "reported already" in again.text


def test_of_a_duplicate_the_earlier_allocation_counts(ruled):
    first, second, third = (row["allocation"] for row in ruled.allocations[:3])
    made = check(report(ruled, second, "duplicate", duplicate_of=first, separate_data=False), 201)
    assert made["intention_to_treat"] is False and made["duplicate_of"] == first
    made = check(report(ruled, third, "duplicate", duplicate_of=first, separate_data=True), 201)
    assert made["intention_to_treat"] is True
    for allocation, other, says in ((first, second, "the later allocation"), (first, first, "the later allocation"),
                                    (first, key(), "no allocation")):
        refused = report(ruled, allocation, "duplicate", duplicate_of=other, separate_data=True)
        assert refused.status in (404, 409) and says in refused.text, refused


@pytest.mark.parametrize("kind, more, pointer", [
    ("wrong-stratum", {}, "/values"), ("ineligible", {"rule": "staff"}, "/known_on"), ("ineligible", {"known_on": "2026-01-01"}, "/rule"),
    ("duplicate", {"duplicate_of": "0d000000-0000-7000-8000-000000000001"}, "/separate_data"), ("no-error", {}, "/supersedes"),
    ("other", {"rule": "staff"}, "/rule"), ("other", {"values": {"sector": "public"}}, "/values")])
def test_each_kind_asks_for_its_own_fields(ruled, kind, more, pointer):
    refused = report(ruled, ruled.allocations[0]["allocation"], kind, **more)
    assert refused.status == 422 and pointer in [fault["pointer"] for fault in refused.json()["errors"]], refused


def test_a_report_that_was_not_right_is_followed_and_stays(ruled):
    one = ruled.allocations[0]["allocation"]
    first = check(report(ruled, one, "wrong-stratum", values={"sector": "private"}), 201)
    assert report(ruled, one, "wrong-stratum", values={"employees": "60"}).status == 409
    second = check(report(ruled, one, "wrong-stratum", values={"employees": "60"}, supersedes=first["deviation"]), 201)
    assert second["true_stratum"] == "sector=public|size=50-249"
    twice = report(ruled, one, "no-error", supersedes=first["deviation"])
    assert twice.status == 409 and "superseded already" in twice.text
    check(report(ruled, one, "no-error", supersedes=second["deviation"]), 201)
    listed = ruled.items("coordinator", f"{ruled.path}/allocations/{one}/deviations")
    assert [row["kind"] for row in listed] == ["wrong-stratum", "wrong-stratum", "no-error"]
    assert [row["superseded_by"] for row in listed] == [second["deviation"], listed[2]["deviation"], None]
    elsewhere = report(ruled, ruled.allocations[1]["allocation"], "no-error", supersedes=listed[2]["deviation"])
    assert elsewhere.status == 409 and "same allocation" in elsewhere.text


def test_the_statistician_decides_on_the_primary_set(ruled):
    made = check(report(ruled, ruled.allocations[0]["allocation"], "other"), 201)
    path = f"{ruled.path}/deviations/{made['deviation']}/decisions"
    for role in ("coordinator", "researcher", "trial-manager", "auditor"):
        assert ruled.post(role, path, {"primary_set": False, "reason": "x"}).status == 403
    check(ruled.post("statistician", path, {"primary_set": False, "reason": "Plan 4.2"}), 201)
    again = check(ruled.post("statistician", path, {"primary_set": True, "reason": "Plan 4.3"}), 201)
    assert again["primary_set"] is True and again["decided_by"] == "statistician" and again["decided_for"] == "Plan 4.3"
    rows = ruled.cluster.rows(ruled.database, "SELECT ordinal, primary_set, reason FROM rctd.deviation_decision ORDER BY ordinal")
    assert rows == [["1", "f", "Plan 4.2"], ["2", "t", "Plan 4.3"]]
    follows = check(report(ruled, ruled.allocations[0]["allocation"], "other", supersedes=made["deviation"]), 201)
    assert follows["primary_set"] is None, "a decision is on what was reported then"
    late = ruled.post("statistician", path, {"primary_set": False, "reason": "x"})
    assert late.status == 409 and "superseded" in late.text
    assert ruled.post("statistician", f"{ruled.path}/deviations/{key()}/decisions", {"primary_set": False, "reason": "x"}).status == 404


def test_who_is_blinded_learns_of_an_error_and_of_no_arm(ruled):
    one, two = ruled.allocations[0], ruled.allocations[1]
    check(report(ruled, one["allocation"], "wrong-stratum", values={"sector": "private"}, reason="Opal was given, the Jadeite sheet was read"), 201)
    made = check(report(ruled, two["allocation"], "other", reason="The onyx leaflet went out"), 201)
    check(ruled.post("statistician", f"{ruled.path}/deviations/{made['deviation']}/decisions", {"primary_set": False, "reason": "opal"}), 201)
    hidden = ("reason", "stratum", "true_stratum", "values", "allocated_levels", "true_levels", "position", "arm", "decided_for")
    for role in ("researcher", "trial-manager"):
        for path in (f"{ruled.path}/deviations", f"{ruled.path}/allocations/{one['allocation']}/deviations"):
            answer = ruled.get(role, path)
            assert answer.status == 200 and answer.json()["items"][0]["kind"] == "wrong-stratum"
            assert not [word for word in ARM_WORDS if word.lower() in answer.text.lower()], answer.text
            assert not [name for name in hidden for row in answer.json()["items"] if name in row]
            assert "sector=" not in answer.text and not any(f'"size":{size}' in answer.text for size in BLOCKS)
    shown = ruled.items("statistician", f"{ruled.path}/deviations")
    assert all(name in row for name in hidden for row in shown) and shown[0]["arm"] == one["arm"]
    for role in ("interviewer", "dispatcher", "administrator"):
        assert ruled.get(role, f"{ruled.path}/deviations").status == 403
    assert not [word for word in ARM_WORDS if word in ruled.daemon.log()]


def test_a_blinded_role_cannot_replay_a_report_by_its_key(ruled):
    its_key = key()
    check(report(ruled, ruled.allocations[0]["allocation"], "other", key=its_key), 201)
    answer = report(ruled, ruled.allocations[0]["allocation"], "other", key=its_key, token=ruled.tokens["researcher"])
    assert answer.status == 403 and not [word for word in ARM_WORDS if word in answer.text]


def test_the_same_key_reports_once(ruled):
    its_key = key()
    answers = [report(ruled, ruled.allocations[0]["allocation"], "other", key=its_key) for _ in range(2)]
    assert answers[0].status == answers[1].status == 201 and answers[0].text == answers[1].text
    assert len(ruled.items("auditor", f"{ruled.path}/deviations")) == 1


def test_two_reports_of_one_error_at_once_are_one(ruled):
    second = ruled.another()
    one = ruled.allocations[0]["allocation"]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        with locked(ruled, "SELECT FROM rctd.unit FOR UPDATE"):
            answers = [pool.submit(report, ruled, one, "wrong-stratum", daemon=daemon, values={"sector": "private"})
                       for daemon in (ruled.daemon, second)]
            harness.wait_until(lambda: waiting(ruled, 2), "both to wait")
        assert sorted(answer.result().status for answer in answers) == [201, 409]


def test_two_statisticians_who_decide_at_once_decide_one_after_the_other(ruled):
    second = ruled.another()
    made = check(report(ruled, ruled.allocations[0]["allocation"], "other"), 201)
    path = f"{ruled.path}/deviations/{made['deviation']}/decisions"
    other = ruled.account("other-statistician", "statistician")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        with locked(ruled, "SELECT FROM rctd.unit FOR UPDATE"):
            answers = [pool.submit(daemon.post, path, {"primary_set": choice, "reason": "x"}, token=token, key=key())
                       for daemon, token, choice in ((ruled.daemon, ruled.tokens["statistician"], True), (second, other, False))]
            harness.wait_until(lambda: waiting(ruled, 2), "both to wait")
        assert [answer.result().status for answer in answers] == [201, 201]
    assert ruled.cluster.sql(ruled.database, "SELECT array_agg(ordinal ORDER BY ordinal) FROM rctd.deviation_decision") == "{1,2}"


def test_a_coordinator_of_one_county_reports_only_there(ruled):
    token = ruled.account("nora", "coordinator", county="north")
    north = ruled.allocations[0]["allocation"]
    south = check(ruled.allocate(ruled.codes[8]), 201)["allocation"]
    assert report(ruled, south, "other", token=token).status == 404
    assert report(ruled, north, "duplicate", duplicate_of=south, separate_data=True, token=token).status == 404
    check(report(ruled, south, "other"), 201)
    check(report(ruled, north, "other", token=token), 201)
    listed = ruled.daemon.get(f"{ruled.path}/deviations", token=token).json()["items"]
    assert [row["allocation"] for row in listed] == [north]
    assert ruled.daemon.get(f"{ruled.path}/allocations/{south}/deviations", token=token).status == 404


def test_an_error_is_held_against_the_protocol_of_its_allocation(ruled):
    """An amendment after the allocation changes nothing about what its stratum was."""
    one = ruled.allocations[0]["allocation"]
    ruled.lock(RULED.replace("id: staff", "id: people"), reason="Another name")
    today = str(datetime.date.today())
    assert report(ruled, one, "ineligible", rule="people", known_on=today).status == 422
    check(report(ruled, one, "ineligible", rule="staff", known_on=today), 201)
    new = check(ruled.allocate(ruled.codes[9]), 201)
    check(report(ruled, new["allocation"], "ineligible", rule="people", known_on=today), 201)


def test_every_report_and_decision_is_in_the_trail_and_held_against_it(ruled):
    made = check(report(ruled, ruled.allocations[0]["allocation"], "wrong-stratum", values={"sector": "private"}), 201)
    check(ruled.post("statistician", f"{ruled.path}/deviations/{made['deviation']}/decisions", {"primary_set": True, "reason": "Plan"}), 201)
    rows = ruled.cluster.rows(ruled.database, "SELECT action, actor, reason FROM rctd.audit WHERE object_kind LIKE 'deviation%' ORDER BY at")
    assert rows == [["deviation.add", "coordinator", "Read off the wrong line"], ["deviation.decide", "statistician", "Plan"]]
    assert rctctl(ruled, "auditor", "audit", "verify", "gems")[0] == 0
    for table, change in (("allocation_deviation", "reason = 'x'"), ("deviation_decision", "primary_set = false")):
        ruled.cluster.sql(ruled.database, f"SET session_replication_role = replica; UPDATE rctd.{table} SET {change}")
        status, said, _ = rctctl(ruled, "auditor", "audit", "verify", "gems")
        assert status == 8 and "was altered" in said, said


def test_rctctl_reports_lists_and_decides(ruled):
    status, said, err = rctctl(ruled, "coordinator", "deviation", "add", "gems", ruled.codes[0], "--kind", "wrong-stratum",
                               "--value", "sector=private", "--value", "employees=60", "--arm-known", "no", "--reason", "Wrong line")
    assert status == 0 and "stays as it is" in said, err
    status, said, _ = rctctl(ruled, "coordinator", "deviation", "add", "gems", ruled.codes[1], "--kind", "duplicate",
                             "--duplicate-of", ruled.codes[0], "--separate-data", "no", "--arm-known", "yes", "--reason", "One workplace")
    assert status == 0 and "counted once" in said
    status, _, err = rctctl(ruled, "coordinator", "deviation", "add", "gems", ruled.codes[1], "--kind", "wrong-stratum", "--value", "sector",
                            "--arm-known", "no", "--reason", "x")
    assert status == 2 and "ATTRIBUTE=VALUE" in err
    status, said, _ = rctctl(ruled, "statistician", "deviation", "list", "gems", "--csv")
    lines = said.strip().split("\n")
    assert status == 0 and len(lines) == 3 and "sector=private|size=50-249" in lines[1]
    status, said, _ = rctctl(ruled, "researcher", "deviation", "list", "gems", "--csv")
    assert status == 0 and "wrong-stratum" in said and "Wrong line" not in said and "sector=" not in said
    status, said, _ = rctctl(ruled, "coordinator", "ledger", "show", "gems", ruled.codes[0])
    assert status == 0 and "There is 1 report of an error" in said
    status, said, _ = rctctl(ruled, "coordinator", "ledger", "show", "gems", ruled.codes[2])
    assert status == 0 and "report" not in said
    deviation = ruled.items("statistician", f"{ruled.path}/deviations")[0]["deviation"]
    status, said, _ = rctctl(ruled, "statistician", "deviation", "decide", "gems", deviation, "--primary-set", "excluded", "--reason", "Plan 4.2")
    assert status == 0 and f"{ruled.codes[0]} is left out of the primary analysis set" in said


def test_a_person_of_another_age_belongs_to_another_level(cluster):
    with World(cluster, protocol=participants.PROTOCOL) as world:
        world.workplaces(1)
        one = check(participants.allocate(world, participants.ready(world), "main.blocked"), 201)
        assert one["stratum"] == "sex=woman|generation=old"
        refused = report(world, one["allocation"], "wrong-stratum", values={"age": "30"})
        assert refused.status == 422 and "one of sex, birth_year" in refused.text
        made = check(report(world, one["allocation"], "wrong-stratum", values={"birth_year": "2000"}), 201)
        assert made["true_stratum"] == "sex=woman|generation=young" and made["workplace"] is None
        assert made["participant"] == one["participant"]
        other = check(participants.allocate(world, one["participant"], "main.people"), 201)
        made = check(report(world, other["allocation"], "wrong-stratum", values={"birth_year": "2000", "sex": "man"}), 201)
        assert made["true_levels"] == {"sex": "man", "generation": "young"}


def test_a_unit_of_a_batch_has_true_values_and_a_closed_batch_scheme_takes_no_more(cluster):
    with World(cluster, protocol=designs.PROTOCOL) as world:
        codes = world.workplaces(8)
        check(designs.batch(world, codes[:6]), 201)
        one = world.items("coordinator", f"{world.path}/allocations?workplace={codes[0]}")[0]
        made = check(report(world, one["allocation"], "wrong-stratum", values={"employees": "60"}), 201)
        assert made["true_levels"]["employees"] == "60" and made["true_levels"]["size"] == "50-249"
        assert made["allocated_levels"] == {**made["true_levels"], "employees": "5", "size": "1-9"}
        for number in (1, 2):
            answer = world.post("trial-manager", f"{world.path}/schemes/main.at-once/close", {"reason": "All are in"})
            assert answer.status == (200 if number == 1 else 409)
        refused = designs.batch(world, codes[6:])
        assert refused.status == 409 and "main.at-once is closed for good" in refused.text, refused


def test_where_nothing_was_randomised_by_factors_no_stratum_is_wrong(cluster):
    with World(cluster, protocol=designs.PROTOCOL) as world:
        code = world.workplaces(1)[0]
        one = check(designs.compare(world, code, arm="jade", reason="The neighbour"), 201)
        refused = report(world, one["allocation"], "wrong-stratum", values={"sector": "private"})
        assert refused.status == 409 and "record it as other" in refused.text, refused
