"""What trials of whole workplaces have to hold: a roster is a list that stays, who comes late is told apart, a person
is analysed where they were, what becomes of workplaces is dated, shared staff is weighed before an allocation; and
nobody who must not learns an arm by way of any of it."""
import concurrent.futures
import hashlib
import itertools
import json

import pytest
from trail import tamper, verify
from world import ARM_WORDS, WITH_PEOPLE, World, check, faults, key

PROTOCOL = WITH_PEOPLE.replace("      blocks: [4, 8]\n", "      blocks: [4, 8]\n      roster_lock: true\n").replace(
    "      strata: [sector, size]\n", "")
CONSENT = {"form": "participation", "version": 1, "decision": "given", "scopes": {"participate": True},
           "signed_at": "2026-01-10T09:00:00Z", "how": "link"}


@pytest.fixture(name="trial")
def trial_fixture(cluster):
    with World(cluster, protocol=PROTOCOL, phases=("main", "people")) as made:
        made.workplaces(12)
        yield made


def lock(world, code, head_count=5):
    return check(world.post("coordinator", f"{world.path}/workplaces/{code}/roster-lock", {"head_count": head_count}))


def allocate(world, code, **more):
    return world.post("coordinator", f"{world.path}/allocations", {"workplace": code, "scheme": "main", **more})


def settled(world, codes):
    """Locks and allocates these; gives each one's arm."""
    arms = {}
    for code in codes:
        lock(world, code, 30)
        arms[code] = check(allocate(world, code), 201)["arm"]
    return arms


def apart(arms):
    """Two workplaces in different arms."""
    return next((a, b) for a, b in itertools.combinations(sorted(arms), 2) if arms[a] != arms[b])


def person(world, code, role="coordinator"):
    return check(world.get(role, f"{world.path}/participants/{code}"))


def enrol(world, count, workplace="W0001", **more):
    """So many people who have worked there for years, and lack everything."""
    body = {"workplace": workplace, "from": "2024-01-01", "attributes": {"sex": "man", "birth_year": "1980"}, **more}
    return [check(world.post("coordinator", f"{world.path}/participants", body), 201)["code"] for _ in range(count)]


def move(world, code, workplace, **more):
    return world.post("coordinator", f"{world.path}/participants/{code}/employments", {"workplace": workplace, **more})


def change(world, code, kind, **more):
    return world.post("coordinator", f"{world.path}/workplaces/{code}/changes", {"kind": kind, "reason": "Owner wrote", **more})


def staff(world, workplace, who, kind="manager", **more):
    return world.post("coordinator", f"{world.path}/workplaces/{workplace}/staff", {"staff": who, "kind": kind, **more})


def roster(world, code, role="coordinator"):
    return check(world.get(role, f"{world.path}/workplaces/{code}/roster"))


def test_a_locked_roster_is_a_list_that_stays(trial):
    people = enrol(trial, 3)
    assert trial.get("coordinator", f"{trial.path}/workplaces/W0001/roster").status == 404
    few = trial.post("coordinator", f"{trial.path}/workplaces/W0001/roster-lock", {"head_count": 2})
    assert few.status == 409 and "3 people are registered in W0001" in few.text
    lock(trial, "W0001", 4)
    late = enrol(trial, 1)[0]
    found = roster(trial, "W0001", "researcher")
    assert [row["code"] for row in found["members"]] == sorted(people)
    assert (found["head_count"], found["listed"]) == (4, 3)
    assert found["digest"] == hashlib.sha256("".join(f"{code}\n" for code in sorted(people)).encode()).hexdigest()
    trail = [row for row in trial.items("auditor", f"{trial.path}/audit") if row["object_kind"] == "roster"]
    assert [json.loads(row["new"])["digest"] for row in trail] == [found["digest"]]
    assert trail[0]["action"] == "workplace.lock_roster"
    check(move(trial, people[0], "W0002"), 201)
    after = roster(trial, "W0001")
    assert [row["code"] for row in after["members"]] == sorted(people) and after["digest"] == found["digest"]
    assert {row["code"]: (row["workplace"], row["cluster"]) for row in after["members"]}[people[0]] == ("W0002", "W0001")
    assert person(trial, late)["joined"] == "after-roster"


def test_late_joiners_are_tagged_when_they_come_and_kept_out_of_the_primary_set(trial):
    early = enrol(trial, 1)[0]
    assert (person(trial, early)["joined"], person(trial, early)["cluster"], person(trial, early)["primary_set"]) == (None, None, None)
    lock(trial, "W0001")
    between = enrol(trial, 1)[0]
    check(allocate(trial, "W0001"), 201)
    late = enrol(trial, 1, **{"from": "2020-01-01"})[0]
    table = "workplace,from,sex,birth_year\nW0001,2019-05-05,woman,1980\nW0002,,woman,1981\n"
    check(trial.post("coordinator", f"{trial.path}/participants/import", table, headers={"Content-Type": "text/csv"}))
    for role in ("coordinator", "researcher", "trial-manager"):
        listed = {row["code"]: (row["joined"], row["primary_set"], row["cluster"]) for row in trial.items(role, f"{trial.path}/participants")}
        assert listed[early] == ("on-roster", True, "W0001") and listed[between] == ("after-roster", True, "W0001")
        assert listed[late] == ("post_allocation", False, "W0001"), "whatever day they say they began"
        assert sorted(filter(None, (row[0] for row in listed.values()))) == ["after-roster", "on-roster", "post_allocation", "post_allocation"]
    only = trial.items("researcher", f"{trial.path}/participants?joined=post_allocation")
    assert late in {row["code"] for row in only} and len(only) == 2
    assert trial.get("researcher", f"{trial.path}/participants?joined=late").status == 422
    counts = check(trial.get("researcher", f"{trial.path}/uptake"))
    assert [counts[name] for name in ("participants", "on_roster", "after_roster", "post_allocation", "unsettled")] == [5, 1, 1, 2, 1]


def test_people_are_allocated_with_their_workplace_and_every_count_says_so(trial):
    (stays,), (elsewhere,) = trial.people(1), enrol(trial, 1, "W0002")
    unsaid, leaves = enrol(trial, 2)
    check(trial.post("coordinator", f"{trial.path}/participants/{leaves}/consents", CONSENT), 201)
    codes = (stays, elsewhere, unsaid, leaves)
    assert {person(trial, code)["state"] for code in codes} == {"registered"}
    lock(trial, "W0001", 5)
    check(move(trial, leaves, "W0003"), 201)
    check(allocate(trial, "W0001"), 201)
    (late,) = trial.people(1)
    check(move(trial, elsewhere, "W0001"), 201)
    for role in ("coordinator", "researcher", "trial-manager"):
        states = {row["code"]: row["state"] for row in trial.items(role, f"{trial.path}/participants")}
        assert states == {stays: "allocated", leaves: "allocated", elsewhere: "registered", unsaid: "registered", late: "registered"}
    shown = check(trial.get("researcher", f"{trial.path}/screening/flow"))["people"]
    assert {name: shown[name] for name in ("assessed", "under_way", "enrolled", "randomised", "joined_later")} == {
        "assessed": 5, "under_way": 2, "enrolled": 3, "randomised": 2, "joined_later": 1}
    told = check(trial.get("researcher", f"{trial.path}/recruitment"))
    main = {phase["phase"]: phase["participants_allocated"] for phase in told["phases"]}
    phases = {phase["phase"]: phase["allocated_participants"] for phase in trial.items("researcher", f"{trial.path}/phases")}
    assert (told["participants_allocated"], main["main"], phases["main"]) == (2, 2, 2)
    # They may still be allocated by themselves, and a consent that is taken back is no more than that.
    check(trial.allocate_person(stays), 201)
    check(trial.post("coordinator", f"{trial.path}/participants/{late}/consents", {
        "form": "participation", "version": 1, "decision": "withdrawn", "signed_at": "2026-01-11T09:00:00Z", "how": "phone"}), 201)
    check(trial.post("coordinator", f"{trial.path}/participants/{unsaid}/answers", {"answers": {"employed": True}}))
    check(trial.post("coordinator", f"{trial.path}/participants/{unsaid}/consents", CONSENT), 201)
    assert person(trial, unsaid)["state"] == "allocated", "as soon as they consent"
    assert person(trial, late)["state"] == "registered" and verify(trial)[:2] == (0, {})


def test_registrations_and_a_lock_at_the_same_moment_leave_nobody_between(trial):
    trial.another()

    def register(n):
        body = {"workplace": "W0001", "attributes": {"sex": "man", "birth_year": "1980"}}
        return check(trial.daemons[n % 2].request("POST", f"{trial.path}/participants", body, token=trial.tokens["coordinator"], key=key()), 201)["code"]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(register, n) for n in range(20)]
        locking = pool.submit(lock, trial, "W0001", 90)
        futures += [pool.submit(register, n) for n in range(20)]
        codes = {future.result() for future in futures}
        locking.result()
        check(allocate(trial, "W0001"), 201)
    listed = {row["code"] for row in roster(trial, "W0001")["members"]}
    tags = {row["code"]: row["joined"] for row in trial.items("coordinator", f"{trial.path}/participants")}
    assert set(tags) == codes and listed == {code for code, joined in tags.items() if joined == "on-roster"}
    assert set(tags.values()) <= {"on-roster", "after-roster"}


def test_who_moves_is_analysed_where_they_were(trial):
    arms = settled(trial, [f"W{n:04d}" for n in range(2, 10)])
    one, other = apart(arms)
    code = enrol(trial, 1, "W0001")[0]
    lock(trial, "W0001")
    told = faults(move(trial, code, "W0001", **{"from": "2999-01-01"}))
    assert set(told) == {"/workplace", "/from"} and "already" in told["/workplace"]
    assert "no workplace W0999" in faults(move(trial, code, "W0999"))["/workplace"]
    assert "since 2024-01-01" in faults(move(trial, code, one, **{"from": "2024-01-01"}))["/from"]
    moved = check(move(trial, code, one, **{"from": "2024-03-01"}), 201)
    assert moved == {"workplace": one, "name": moved["name"], "from": "2024-03-01", "to": None, "cluster": False, "crossed": False}
    assert check(move(trial, code, other, **{"from": "2024-05-01"}), 201)["crossed"] is False, "its cluster has no arm yet"
    mine = check(allocate(trial, "W0001"), 201)["arm"]
    shown = person(trial, code)
    assert (shown["workplace"], shown["cluster"], shown["joined"], shown["primary_set"]) == (other, "W0001", "on-roster", True)
    path = f"{trial.path}/participants/{code}/employments"
    rows = check(trial.get("coordinator", path))["items"]
    assert [(row["workplace"], row["from"], row["to"], row["cluster"]) for row in rows] == [
        ("W0001", "2024-01-01", "2024-02-29", True), (one, "2024-03-01", "2024-04-30", False), (other, "2024-05-01", None, False)]
    assert [row["crossed"] for row in rows] == [False, arms[one] != mine, arms[other] != mine] and any(row["crossed"] for row in rows)
    for role in ("researcher", "interviewer", "trial-manager"):
        assert check(trial.get(role, path))["items"] == [{name: row[name] for name in row if name != "crossed"} for row in rows]
    assert move(trial, code, "W0002", **{"from": "2023-01-01"}).status == 422
    assert trial.post("researcher", path, {"workplace": one}).status == 403
    ways = trial.items("statistician", f"{trial.path}/contamination?kind=move")
    assert {(way["who"], way["workplace"], way["arm"]) for way in ways} <= {(code, "W0001", mine)}
    assert (other in {way["other"] for way in ways}) == (arms[other] != mine)


def test_who_was_registered_in_the_wrong_workplace_is_put_right_on_the_same_day(trial):
    """Before anything rests on it: one employment, no move, and the trail has both; behind that, it is a move."""
    settled(trial, ["W0009"])
    body = {"workplace": "W0001", "attributes": {"sex": "man", "birth_year": "1980"}}
    code = check(trial.post("coordinator", f"{trial.path}/participants", body), 201)["code"]
    today = person(trial, code)["employed_from"]
    assert "allocated" in faults(move(trial, code, "W0009"))["/from"]
    assert check(move(trial, code, "W0002"), 201)["from"] == today
    shown = person(trial, code)
    assert (shown["workplace"], shown["employed_from"], shown["cluster"]) == ("W0002", today, None)
    path = f"{trial.path}/participants/{code}/employments"
    assert [(row["workplace"], row["to"]) for row in check(trial.get("coordinator", path))["items"]] == [("W0002", None)]
    since = enrol(trial, 1)[0]
    check(move(trial, since, "W0002", **{"from": "2024-01-01"}), 201)
    assert (person(trial, since)["workplace"], person(trial, since)["employed_from"]) == ("W0002", "2024-01-01")
    lock(trial, "W0002")
    assert {row["code"] for row in roster(trial, "W0002")["members"]} == {code, since}
    told = faults(move(trial, code, "W0003"))["/from"]
    assert f"in W0002 since {today}" in told and "roster locked" in told
    trail = [row for row in trial.items("auditor", f"{trial.path}/audit") if row["object_kind"] == "employment"]
    assert len(trail) == 2 and all(json.loads(row["old"])["workplace_id"] != json.loads(row["new"])["workplace_id"] for row in trail)
    assert verify(trial)[:2] == (0, {})


def test_what_becomes_of_workplaces_is_dated_and_changes_no_cluster(trial):
    arms = settled(trial, [f"W{n:04d}" for n in range(1, 9)])
    one, other = apart(arms)
    code = enrol(trial, 1, one)[0]
    assert "/other" in faults(change(trial, one, "merged")) and "/name" in faults(change(trial, one, "renamed"))
    assert set(faults(change(trial, one, "closed", other=other, name="X", on="2999-01-01"))) == {"/other", "/name", "/on"}
    assert change(trial, one, "reopened").status == 409
    name = check(trial.get("coordinator", f"{trial.path}/workplaces/{one}"))["name"]
    renamed = check(change(trial, one, "renamed", name="New name", on="2024-02-01"), 201)
    assert (renamed["former_name"], renamed["name"], renamed["on"]) == (name, "New name", "2024-02-01")
    assert check(trial.get("researcher", f"{trial.path}/workplaces/{one}"))["name"] == "New name"
    merged = check(change(trial, one, "merged", other=other, on="2024-06-01"), 201)
    assert merged["crossed"] is True and merged["reason"] == "Owner wrote"
    ended = check(trial.get("researcher", f"{trial.path}/workplaces/{one}"))["ended"]
    assert ended == f"merged into {other} on 2024-06-01"
    assert change(trial, one, "closed").status == 409 and change(trial, other, "split", other=one).status == 409
    body = {"workplace": one, "attributes": {"sex": "man", "birth_year": "1980"}}
    assert "is no more" in faults(trial.post("coordinator", f"{trial.path}/participants", body))["/workplace"]
    check(change(trial, "W0009", "closed", on="2024-06-01"), 201)
    lock(trial, "W0009")
    dry = check(trial.post("coordinator", f"{trial.path}/allocations/dry-run", {"workplace": "W0009", "scheme": "main"}))
    assert dry["missing"] == ["The workplace is no more: closed on 2024-06-01"]
    refused = allocate(trial, "W0009")
    assert refused.status == 409 and "no more" in refused.text
    assert "is no more" in faults(move(trial, code, "W0009"))["/workplace"]
    assert check(change(trial, "W0009", "closed", on="2024-07-01"), 409)
    check(change(trial, "W0009", "reopened", on="2024-08-01"), 201)
    check(allocate(trial, "W0009"), 201)
    assert person(trial, code)["cluster"] == one
    changes = trial.items("coordinator", f"{trial.path}/workplaces/changes")
    assert [row["kind"] for row in changes] == ["renamed", "merged", "closed", "reopened"]
    assert [row["kind"] for row in trial.items("coordinator", f"{trial.path}/workplaces/changes?workplace={other}")] == ["merged"]
    for role in ("researcher", "trial-manager"):
        theirs = trial.items(role, f"{trial.path}/workplaces/changes")
        assert theirs == [{n: row[n] for n in row if n not in ("crossed", "reason")} for row in changes]
    ways = trial.items("auditor", f"{trial.path}/contamination?kind=merged")
    assert [(way["workplace"], way["arm"], way["other"], way["other_arm"]) for way in ways] == [(one, arms[one], other, arms[other])]
    assert len(check(trial.get("coordinator", f"{trial.path}/workplaces/changes?limit=1"))["items"]) == 1
    assert verify(trial)[:2] == (0, {})


def test_staff_that_a_workplace_shares_is_weighed_before_it_is_allocated(trial):
    arms = settled(trial, [f"W{n:04d}" for n in range(1, 9)])
    one, other = apart(arms)
    lock(trial, "W0009")
    check(staff(trial, "W0009", "M014", **{"from": "2024-01-01"}), 201)
    assert "never" in staff(trial, one, "Anna Berg").text or "/staff" in faults(staff(trial, one, "Anna Berg"))
    assert set(faults(staff(trial, one, "ANNA"))) == {"/staff"}
    check(staff(trial, one, "M014", **{"from": "2024-02-01"}), 201)
    assert staff(trial, one, "M014", **{"from": "2024-03-01"}).status == 409
    check(staff(trial, other, "M014", "coach"), 201)
    check(staff(trial, other, "C02", "coach"), 201)
    dry = check(trial.post("coordinator", f"{trial.path}/allocations/dry-run", {"workplace": "W0009", "scheme": "main"}))
    assert dry["eligible"] and dry["warnings"] == sorted([
        f"M014 (manager) of W0009 also serves {one}, which is allocated already",
        f"M014 (manager) of W0009 also serves {other} (coach), which is allocated already"])
    assert not any(word in json.dumps(dry) for word in ARM_WORDS)
    refused = allocate(trial, "W0009")
    assert refused.status == 409 and "acknowledge" in refused.text and not any(word in refused.text for word in ARM_WORDS)
    arms["W0009"] = check(allocate(trial, "W0009", acknowledge=True), 201)["arm"]
    kept = [json.loads(row["new"]) for row in trial.items("auditor", f"{trial.path}/audit") if row["object_kind"] == "contamination"]
    assert [(row["scheme"], {shared["workplace"] for shared in row["shared"]}) for row in kept] == [("main", {one, other})]
    ways = {(way["workplace"], way["other"]): way for way in trial.items("coordinator", f"{trial.path}/contamination?kind=staff")}
    assert set(ways) == {pair for pair in itertools.combinations(sorted([one, other, "W0009"]), 2) if arms[pair[0]] != arms[pair[1]]}
    assert all(way["arm"] != way["other_arm"] and way["who"].startswith("M014 ") and way["to"] is None for way in ways.values())
    for role in ("researcher", "interviewer", "trial-manager", "administrator"):
        assert trial.get(role, f"{trial.path}/contamination").status == 403
    end = f"{trial.path}/workplaces/{one}/staff/M014"
    assert trial.as_role("coordinator", "DELETE", f"{end}?kind=coach").status == 404
    assert trial.as_role("coordinator", "DELETE", f"{end}?kind=manager&to=2023-01-01").status == 409
    assert check(trial.as_role("coordinator", "DELETE", f"{end}?kind=manager&to=2024-04-01"))["to"] == "2024-04-01"
    assert one not in {place for pair in (set(w) for w in ((way["workplace"], way["other"])
                       for way in trial.items("coordinator", f"{trial.path}/contamination"))) for place in pair}
    listed = trial.items("researcher", f"{trial.path}/staff?staff=M014")
    assert [(row["workplace"], row["kind"]) for row in listed] == sorted([(one, "manager"), (other, "coach"), ("W0009", "manager")])
    assert verify(trial)[:2] == (0, {})


def test_a_trial_that_refuses_shared_staff_takes_no_acknowledgement(cluster):
    with World(cluster, protocol=PROTOCOL.replace("calendar:", "contamination: refuse\ncalendar:"), phases=("main",)) as world:
        world.workplaces(2)
        settled(world, ["W0001"])
        lock(world, "W0002")
        for code in ("W0001", "W0002"):
            check(staff(world, code, "HS01", "health-service"), 201)
        dry = check(world.post("coordinator", f"{world.path}/allocations/dry-run", {"workplace": "W0002", "scheme": "main"}))
        assert not dry["eligible"] and "no workplaces that share staff" in dry["missing"][0]
        assert allocate(world, "W0002", acknowledge=True).status == 409
        check(world.as_role("coordinator", "DELETE", f"{world.path}/workplaces/W0002/staff/HS01?kind=health-service&to=2999-01-01"))
        assert allocate(world, "W0002").status == 409, "it goes on until then"


def test_workplaces_that_are_allocated_together_and_share_staff_are_told_so(cluster):
    scheme = "      method: constrained\n      ratio: {opal: 1, jade: 1}\n      factors: {employees: 1}\n      accept: 0.5\n"
    start = PROTOCOL.index("      method: permuted-block")
    protocol = PROTOCOL[:start] + scheme + PROTOCOL[PROTOCOL.index("  people:\n"):]
    with World(cluster, protocol=protocol, phases=("main",)) as world:
        codes = world.workplaces(6)
        for code in codes[:2]:
            check(staff(world, code, "M014"), 201)
        body = {"scheme": "main", "units": codes}
        dry = check(world.post("coordinator", f"{world.path}/allocations/batch/dry-run", body))
        assert [text for text in dry["warnings"] if "M014" in text] == [
            f"M014 (manager) of {a} also serves {b}, which is allocated with it" for a, b in (("W0001", "W0002"), ("W0002", "W0001"))]
        refused = world.post("coordinator", f"{world.path}/allocations/batch", body)
        assert refused.status == 409 and {fault["pointer"] for fault in refused.json()["errors"]} == {"/units/0", "/units/1"}
        check(world.post("coordinator", f"{world.path}/allocations/batch", {**body, "acknowledge": True}), 201)


def test_consent_is_held_against_the_reveal_by_rctds_time(trial):
    def consent(code):
        check(trial.post("coordinator", f"{trial.path}/participants/{code}/consents", CONSENT), 201)

    arms = settled(trial, [f"W{n:04d}" for n in range(3, 11)])
    one, other = apart(arms)
    before, after, never = enrol(trial, 3, "W0001")
    waiting = enrol(trial, 1, "W0002")[0]
    lock(trial, "W0001")
    consent(before)
    consent(waiting)
    trial_arm = check(allocate(trial, "W0001"), 201)["arm"]
    consent(after)
    consent(before)
    late = enrol(trial, 1, "W0001")[0]
    consent(late)
    no = {**CONSENT, "scopes": {"participate": False}}
    check(trial.post("coordinator", f"{trial.path}/participants/{never}/consents", no), 201)
    counts = check(trial.get("researcher", f"{trial.path}/uptake"))
    assert [counts[name] for name in ("before", "after", "waiting")] == [1, 2, 1], "signed in January, recorded now"
    assert set(counts) == {"participants", "on_roster", "after_roster", "post_allocation", "unsettled", "before", "after", "waiting"}
    full = check(trial.get("statistician", f"{trial.path}/uptake"))
    assert {name: full[name] for name in counts} == counts
    row = next(row for row in full["workplaces"] if row["workplace"] == "W0001")
    assert row == {"workplace": "W0001", "people": 5, "registered": 3, "late": 1, "before": 1, "after": 2, "waiting": 0}
    arm = next(row for row in full["arms"] if row["arm"] == trial_arm)
    assert (arm["consented"], arm["after"], arm["late"], arm["rate"]) == (2, 1, 1, 2 / arm["people"])
    assert sum(row["people"] for row in full["arms"]) == 8 * 30 + 5
    assert {scheme["scheme"]: scheme["alert"] for scheme in full["schemes"]} == {"main": False}
    events = [event["after_reveal"] for event in trial.items("coordinator", f"{trial.path}/participants/{before}/consents")]
    assert events == [False, True]
    for code in (one, other):
        assert arms[code]


def test_unequal_uptake_between_arms_is_told_to_roles_that_know_arms(trial):
    arms = {}
    people = {}
    for n in range(1, 9):
        code = f"W{n:04d}"
        people[code] = enrol(trial, 3, code)
        lock(trial, code, 20)
        arms[code] = check(allocate(trial, code), 201)["arm"]
    eager = arms["W0001"]
    for code in (code for code in arms if arms[code] == eager):
        for who in people[code]:
            check(trial.post("coordinator", f"{trial.path}/participants/{who}/consents", CONSENT), 201)
    told = check(trial.get("auditor", f"{trial.path}/uptake"))["schemes"]
    assert [(row["scheme"], row["highest"], round(row["difference"], 6), row["alert"]) for row in told] == [("main", eager, 0.15, True)]
    assert told[0]["people"] >= 20
    assert "schemes" not in check(trial.get("researcher", f"{trial.path}/uptake"))


def blinded_answers(world, people):
    paths = [f"{world.path}/{rest}" for rest in (
        "uptake", "workplaces/changes", "workplaces/changes?workplace=W0001", "staff", "participants?limit=1000", "workplaces?limit=1000", "contamination",
        "participants?joined=on-roster", "workplaces/W0001/roster", "workplaces/W0002", *(f"participants/{p}/employments" for p in people),
        *(f"participants/{p}" for p in people))]
    return {(role, path): world.get(role, path).text.split('"instance"')[0] for path in paths
            for role in ("researcher", "interviewer", "dispatcher", "trial-manager", "administrator")}


def test_a_blinded_roles_answers_are_the_same_whatever_the_arms_are(trial):
    codes = [f"W{n:04d}" for n in range(1, 9)]
    people = enrol(trial, 2, "W0001") + enrol(trial, 1, "W0002")
    arms = settled(trial, codes)
    one, other = apart(arms)
    for code in codes:
        check(staff(trial, code, "M014"), 201)
    for n, who in enumerate(people):
        check(move(trial, who, codes[n + 3]), 201)
    check(change(trial, one, "merged", other=other), 201)
    late = enrol(trial, 1, other)
    check(trial.post("coordinator", f"{trial.path}/participants/{late[0]}/consents", CONSENT), 201)
    first = blinded_answers(trial, people + late)
    known = check(trial.get("coordinator", f"{trial.path}/contamination?limit=1000"))["items"]
    assert {way["kind"] for way in known} >= {"staff", "merged"}
    for shuffled in ("'opal'", "(ARRAY['opal', 'jade', 'onyx'])[1 + position % 3]"):
        trial.cluster.sql(trial.database, f"SET session_replication_role = replica; UPDATE rctd.allocation SET arm = {shuffled}")
        assert blinded_answers(trial, people + late) == first
        assert check(trial.get("coordinator", f"{trial.path}/contamination?limit=1000"))["items"] != known, "who knows arms sees the difference"
    for text in first.values():
        assert not any(word in text for word in ARM_WORDS)


def test_who_covers_a_county_learns_no_arm_of_another(cluster):
    with World(cluster, protocol=WITH_PEOPLE.replace("      strata: [sector, size]\n", ""), phases=("main",)) as world:
        codes = world.workplaces(16)  # eight in the north, in which there are all arms, and eight in the south
        arms = {code: check(world.allocate(code), 201)["arm"] for code in codes}
        north, south = next((a, b) for a in codes[:8] for b in codes[8:] if arms[a] != arms[b])
        token = world.account("nora", "coordinator", county="north")
        mine = enrol(world, 1, south)[0]
        check(move(world, mine, north), 201)
        check(staff(world, north, "M014"), 201)
        check(staff(world, south, "M014"), 201)
        assert check(change(world, south, "merged", other=north), 201)["crossed"] is True

        def get(path):
            return check(world.daemon.get(f"{world.path}/{path}", token=token))

        assert [row["crossed"] for row in get(f"participants/{mine}/employments")["items"]] == [None, None]
        assert [(row["workplace"], row["crossed"]) for row in get("workplaces/changes")["items"]] == [(south, None)]
        assert get("contamination")["items"] == [] and len(world.items("coordinator", f"{world.path}/contamination")) == 3
        assert {row["workplace"] for row in get("uptake")["workplaces"]} <= set(codes[:8])
        assert [row["workplace"] for row in get("staff")["items"]] == [north]
        beyond = f"{world.path}/participants/{mine}/employments"
        assert world.daemon.request("POST", beyond, {"workplace": codes[9]}, token=token, key=key()).status == 422


def test_a_roster_that_was_changed_behind_the_trails_back_is_found(trial):
    people = enrol(trial, 2)
    lock(trial, "W0001")
    check(move(trial, people[0], "W0002"), 201)
    check(change(trial, "W0003", "closed"), 201)
    check(staff(trial, "W0004", "M014"), 201)
    assert verify(trial)[:2] == (0, {})
    tamper(trial, f"DELETE FROM rctd.roster_member WHERE unit_id = (SELECT unit_id FROM rctd.unit WHERE code = '{people[0]}')")
    status, found, _ = verify(trial)
    assert status == 8 and len(found) == 1
    tamper(trial, "UPDATE rctd.staff_link SET staff = 'M015'")
    tamper(trial, "UPDATE rctd.workplace_change SET on_day = on_day - 1")
    assert len(verify(trial)[1]) == 3


def test_people_are_allocated_one_by_one_beside_their_workplaces_in_one_trial(trial):
    """The workplaces' scheme and the people's run at once: each keeps its gates, its ledger and its arms."""
    ready = trial.people(6, "W0001") + trial.people(3, "W0002")
    refused = enrol(trial, 2, "W0001")
    body = {"attributes": {"sex": "man", "birth_year": "2015"}, "workplace": "W0001"}
    young = check(trial.post("coordinator", f"{trial.path}/participants", body), 201)["code"]
    lock(trial, "W0001", 20)
    settled_first = check(allocate(trial, "W0001"), 201)
    after = trial.people(2, "W0001")
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        places = pool.map(lambda n: (lock(trial, f"W{n:04d}", 20), allocate(trial, f"W{n:04d}"))[1], range(2, 8))
        persons = pool.map(trial.allocate_person, ready + after)
        assert {made.status for made in [*places, *persons]} == {201}
    for code, why in ((refused[0], "not answered yet"), (refused[1], "Consent participation: not recorded yet"), (young, "age between 18 and 66")):
        answer = trial.allocate_person(code)
        assert answer.status == 409 and why in answer.text
    assert trial.allocate_person(ready[0]).status == 409, "nobody is allocated twice"
    assert allocate(trial, "W0001").status == 409
    # Each scheme has its own positions without a gap, and nobody of the one kind stands in the other's.
    rows = trial.cluster.rows(trial.database, "SELECT l.scheme, l.position, u.kind FROM rctd.allocation l JOIN rctd.unit u USING (trial_id, unit_id) ORDER BY 1, 2")
    assert [(scheme, int(position), kind) for scheme, position, kind in rows] == [
        *(("main", n, "workplace") for n in range(1, 8)), *(("people", n, "participant") for n in range(1, 12))]
    # Those of an allocated workplace have their own arm beside the cluster's, which their own allocation does not move.
    for code in ready[:6]:
        shown = person(trial, code)
        assert (shown["state"], shown["cluster"], shown["joined"], shown["schemes"]) == ("allocated", "W0001", "on-roster", ["people"])
    assert [person(trial, code)["primary_set"] for code in after] == [False, False]
    arms = {row["participant"]: row["arm"] for row in trial.items("statistician", f"{trial.path}/allocations?scheme=people")}
    assert len(arms) == 11 and set(arms.values()) <= set(ARM_WORDS[:3]) and settled_first["arm"] in ARM_WORDS
    counts = check(trial.get("researcher", f"{trial.path}/recruitment"))
    assert (counts["allocated"], counts["participants_allocated"]) == (7, 11)
    # A consent that is withdrawn takes the person out of their own allocation and leaves the workplace in its own.
    check(trial.post("coordinator", f"{trial.path}/participants/{ready[0]}/consents", {
        "form": "participation", "version": 1, "decision": "withdrawn", "signed_at": "2026-01-11T09:00:00Z", "how": "phone"}), 201)
    assert person(trial, ready[0])["state"] == "withdrawn"
    assert check(trial.get("coordinator", f"{trial.path}/workplaces/W0001"))["state"] == "allocated"
    assert verify(trial)[:2] == (0, {})


def test_two_workplaces_that_share_staff_are_not_allocated_past_each_other(cluster):
    with World(cluster, protocol=WITH_PEOPLE, phases=("main",)) as world:
        world.another()
        codes = world.workplaces(16)
        pairs = list(zip(codes[::2], codes[1::2]))
        for n, pair in enumerate(pairs):
            for code in pair:
                check(staff(world, code, f"M{n:03d}"), 201)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for pair in pairs:  # of two strata, by two daemons
                made = list(pool.map(lambda code, daemon: world.allocate(code, daemon=daemon).status, pair, world.daemons))
                assert sorted(made) == [201, 409]
        assert len(world.ledger()) == len(pairs)


def test_rctctl_does_all_of_it(trial):
    def run(*words, role="coordinator", status=0):
        done = trial.rctctl(role, *words)
        assert done.returncode == status, (words, done)
        return done.stdout

    people = enrol(trial, 3)
    lock(trial, "W0001")
    shown = run("workplace", "roster", "gems", "W0001")
    listed = run("--csv", "workplace", "roster", "gems", "W0001").split()[1:]
    digest = hashlib.sha256("".join(f"{line.split(',')[0]}\n" for line in listed).encode()).hexdigest()
    assert len(listed) == 3 and digest in shown
    for code in ("W0001", "W0002"):
        assert "M014 serves" in run("staff", "add", "gems", code, "M014", "--kind", "manager")
    run("allocate", "gems", "W0001", "--scheme", "main", "--yes")
    lock(trial, "W0002")
    dry = run("allocate", "gems", "W0002", "--scheme", "main", "--dry-run")
    assert "can be allocated" in dry and "Warning: M014 (manager) of W0002 also serves W0001" in dry
    run("allocate", "gems", "W0002", "--scheme", "main", "--yes", status=2)
    run("allocate", "gems", "W0002", "--scheme", "main", "--yes", "--acknowledge")
    assert "cluster or arm that they have stays" in run("participant", "move", "gems", people[0], "--workplace", "W0002")
    assert run("--csv", "participant", "employments", "gems", people[0], role="researcher").count("W000") == 2
    assert "OTHER ARM" not in run("participant", "employments", "gems", people[0], role="researcher")
    assert "is part of W0003" in run("workplace", "merge", "gems", "W0004", "--into", "W0003", "--reason", "One owner")
    run("workplace", "rename", "gems", "W0003", "Both together", "--reason", "One owner")
    run("workplace", "close", "gems", "W0005", "--reason", "Moved abroad")
    run("workplace", "close", "gems", "W0005", "--reason", "Moved abroad", status=4)
    run("workplace", "reopen", "gems", "W0005", "--reason", "Came back")
    assert run("--csv", "workplace", "changes", "gems", role="researcher").count("\n") == 5
    assert "Both together" in run("workplace", "changes", "gems", "--workplace", "W0003")
    run("staff", "end", "gems", "W0001", "M014", "--kind", "manager")
    assert run("--csv", "staff", "list", "gems", "--staff", "M014").count("M014") == 2
    late = enrol(trial, 1)[0]
    assert late in run("participant", "list", "gems", "--joined", "post_allocation")
    run("contamination", "gems", role="statistician")
    run("contamination", "gems", role="researcher", status=5)
    assert "Came after allocation" in run("uptake", "gems", role="researcher")
    assert run("--csv", "uptake", "gems", "--by", "arm").startswith("scheme,arm,")
    assert "W0001" in run("uptake", "gems", "--by", "workplace")
    run("uptake", "gems", "--by", "arm", role="researcher", status=5)
    assert json.loads(run("--json", "uptake", "gems"))["post_allocation"] == 1
