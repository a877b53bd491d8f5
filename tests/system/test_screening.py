"""The screening log: every CONSORT box of the enrolment can be filled, nobody types twice, and the sums hold
whatever happens."""
import datetime
import random

import pytest
from world import WITH_PEOPLE, World, check, key, said

SCREENED = WITH_PEOPLE + """\
screening:
  workplace: {declined: [no-time], not_approached: [closed]}
  participant: {declined: [no-time, no-interest], not_approached: [on-leave, no-manager]}
"""
ASKED = "  required_before_allocation: {participant: [participation/participate]}\n"
EXCLUDED = ("ineligible", "declined", "not-approached")
REASONS = {"ineligible": ("age", "employed"), "declined": ("no-time", "no-interest"),
           "not-approached": ("on-leave", "no-manager")}


@pytest.fixture
def screened(cluster):
    with World(cluster, protocol=SCREENED, phases=("main", "people")) as made:
        made.workplaces(3)
        yield made


def log(world, role="coordinator", **body):
    return world.post(role, f"{world.path}/screening", body)


def person(world, state, **more):
    return log(world, unit="participant", workplace="W0001", state=state, **more)


def go_on(world, entry, **body):
    return world.post("coordinator", f"{world.path}/screening/{entry}/events", body)


def flow(world, role="coordinator"):
    return check(world.get(role, f"{world.path}/screening/flow"))


def people(world):
    return flow(world)["people"]


def entry_of(world, code):
    (found,) = [item for item in world.items("coordinator", f"{world.path}/screening") if item["entry"] == code]
    return found


def assert_sums(shown):
    for part in (shown, *shown["phases"]):
        for box in (part["workplaces"], part["people"]):
            assert box["assessed"] == box["excluded"] + box["under_way"] + box["enrolled"]
            assert box["excluded"] == box["ineligible"] + box["declined"] + box["not_approached"]
            assert box["randomised"] + box["joined_later"] <= box["enrolled"]
            for state in EXCLUDED:
                of_state = sum(row["count"] for row in box["reasons"] if row["state"] == state)
                assert of_state == box[state.replace("-", "_")]
    for kind in ("workplaces", "people"):
        for name in ("assessed", "excluded", "ineligible", "declined", "not_approached", "under_way", "enrolled", "randomised",
                     "joined_later"):
            assert shown[kind][name] == sum(part[kind][name] for part in shown["phases"]), (kind, name)


def test_every_box_of_the_diagram_is_filled(screened):
    check(person(screened, "not-approached", reason="on-leave", people=4))
    check(person(screened, "declined", reason="no-time"))
    check(person(screened, "ineligible", reason="employed"))
    check(person(screened, "approached"))
    check(log(screened, unit="workplace", state="declined", reason="no-time"))
    codes = screened.people(3)
    screened.people(1, ready=False)
    check(screened.allocate_person(codes[0]))
    shown = flow(screened)
    assert_sums(shown)
    assert shown["people"] == {
        "assessed": 11, "excluded": 6, "ineligible": 1, "declined": 1, "not_approached": 4, "under_way": 2, "enrolled": 3,
        "randomised": 1, "joined_later": 0, "reasons": [{"state": "declined", "reason": "no-time", "count": 1},
                                     {"state": "ineligible", "reason": "employed", "count": 1},
                                     {"state": "not-approached", "reason": "on-leave", "count": 4}]}
    assert shown["workplaces"]["assessed"] == 4 and shown["workplaces"]["declined"] == 1
    assert {part["phase"] for part in shown["phases"]} == {"people", None}


def test_registration_consent_and_allocation_write_it_by_themselves(screened):
    (code,) = screened.people(1)
    events = entry_of(screened, code)["events"]
    assert [(event["state"], event["source"]) for event in events] == [("approached", "registration"), ("enrolled", "consent")]
    assert events[1]["recorded_by"] == "coordinator"
    check(screened.allocate_person(code))
    assert people(screened)["randomised"] == 1


def test_a_consent_that_is_refused_or_taken_back_excludes_with_its_reason(screened):
    refused, withdrew = screened.people(2, ready=False)
    path = f"{screened.path}/participants"
    consent = {"form": "participation", "version": 1, "signed_at": "2026-01-10T09:00:00Z", "how": "link"}
    check(screened.post("coordinator", f"{path}/{refused}/consents",
                        {**consent, "decision": "given", "scopes": {"participate": False}}), 201)
    for decision in ({"decision": "given", "scopes": {"participate": True}}, {"decision": "withdrawn"}):
        check(screened.post("coordinator", f"{path}/{withdrew}/consents", {**consent, **decision}), 201)
    assert entry_of(screened, refused)["reason"] == "no-consent"
    assert entry_of(screened, withdrew)["reason"] == "consent-withdrawn"
    assert_sums(flow(screened))


def test_an_answer_that_does_not_fit_excludes_and_a_mended_one_brings_back(screened):
    (code,) = screened.people(1, ready=False)
    path = f"{screened.path}/participants/{code}/answers"
    check(screened.post("coordinator", path, {"answers": {"employed": False}}))
    assert (entry_of(screened, code)["state"], entry_of(screened, code)["reason"]) == ("ineligible", "employed")
    check(screened.post("coordinator", path, {"answers": {"employed": True}}))
    assert entry_of(screened, code)["state"] == "approached"
    assert entry_of(screened, code)["events"][-1]["correction"]


def test_who_breaks_a_rule_at_registration_is_excluded_by_it_one_by_one_or_by_table(screened):
    def body(born):
        return {"workplace": "W0001", "attributes": {"sex": "man", "birth_year": str(born)}}

    year = datetime.date.today().year
    path = f"{screened.path}/participants"
    old = check(screened.post("coordinator", path, body(year - 67)), 201)["code"]
    fit = check(screened.post("coordinator", path, body(year - 66)), 201)["code"]
    table = "workplace,sex,birth_year\n" + "".join(f"W0001,woman,{year - age}\n" for age in (17, 18, 40, 67, 80))
    check(screened.post("coordinator", f"{path}/import?dry_run=true", table, headers={"Content-Type": "text/csv"}))
    check(screened.post("coordinator", f"{path}/import", table, headers={"Content-Type": "text/csv"}))
    shown = flow(screened)
    assert_sums(shown)
    assert (shown["people"]["assessed"], shown["people"]["ineligible"], shown["people"]["under_way"]) == (7, 4, 3)
    assert shown["people"]["reasons"] == [{"state": "ineligible", "reason": "age", "count": 4}]
    events = entry_of(screened, old)["events"]
    assert [(event["state"], event["source"], event["recorded_by"]) for event in events] == [
        ("approached", "registration", "coordinator"), ("ineligible", "eligibility", "coordinator")]
    assert fit not in {item["entry"] for item in screened.items("coordinator", f"{screened.path}/screening")}


def test_a_consent_makes_nobody_eligible_and_counts_once_they_are(screened):
    path = f"{screened.path}/participants"
    consent = {"form": "participation", "version": 1, "decision": "given", "scopes": {"participate": True}, "signed_at": "2026-01-10",
               "how": "paper"}
    old = check(screened.post("coordinator", path, {"workplace": "W0001", "attributes": {
        "sex": "man", "birth_year": str(datetime.date.today().year - 70)}}), 201)["code"]
    new = screened.people(1, ready=False)[0]
    check(screened.post("coordinator", f"{path}/{new}/answers", {"answers": {"employed": False}}))
    for code in (old, new):
        check(screened.post("coordinator", f"{path}/{code}/consents", consent), 201)
        assert entry_of(screened, code)["state"] == "ineligible"
    assert (people(screened)["ineligible"], people(screened)["enrolled"]) == (2, 0)
    for code in (old, new):
        check(screened.post("coordinator", f"{path}/{code}/answers", {"answers": {"employed": True}}))
    assert [entry_of(screened, code)["state"] for code in (old, new)] == ["ineligible", "enrolled"]
    assert (people(screened)["ineligible"], people(screened)["enrolled"]) == (1, 1)
    assert_sums(flow(screened))


def test_who_needs_no_consent_is_enrolled_with_their_workplace_whatever_the_log_said_before(cluster):
    unasked = SCREENED.replace(ASKED, "")
    with World(cluster, protocol=unasked, phases=("main", "people")) as world:
        world.workplaces(1)
        path = f"{world.path}/participants"
        mended, quiet = world.people(2, ready=False)
        for employed in (False, True):
            check(world.post("coordinator", f"{path}/{mended}/answers", {"answers": {"employed": employed}}))
        assert people(world)["under_way"] == 2
        check(world.allocate("W0001"), 201)
        assert {check(world.get("coordinator", f"{path}/{code}"))["state"] for code in (mended, quiet)} == {"allocated"}
        shown = flow(world)
        assert_sums(shown)
        assert (shown["people"]["enrolled"], shown["people"]["randomised"], shown["people"]["under_way"]) == (2, 2, 0)
        assert check(world.get("researcher", f"{world.path}/recruitment"))["participants_allocated"] == 2


def counts(world):
    """What each place tells of how many are allocated, and who the list says they are."""
    told = check(world.get("researcher", f"{world.path}/recruitment"))
    (main,) = [phase["participants_allocated"] for phase in told["phases"] if phase["phase"] == "main"]
    (phase,) = [phase["allocated_participants"] for phase in world.items("researcher", f"{world.path}/phases") if phase["phase"] == "main"]
    shown = flow(world, "researcher")
    assert_sums(shown)
    listed = {item["code"] for item in world.items("researcher", f"{world.path}/participants?state=allocated")}
    of_scheme = {item["code"] for item in world.items("researcher", f"{world.path}/participants?scheme=main")}
    assert told["participants_allocated"] == main == phase == shown["people"]["randomised"] == len(of_scheme)
    assert told["participants_still_allocated"] == len(listed) and listed <= of_scheme
    assert told["participants_joined_later"] == shown["people"]["joined_later"]
    return of_scheme, listed


@pytest.mark.parametrize("consents", (True, False))
def test_every_place_counts_the_same_people_whatever_became_of_them(cluster, consents):
    protocol = (SCREENED if consents else SCREENED.replace(ASKED, "")).replace(
        "  form: {kind: questionnaire,", "  form: {kind: questionnaire, unit: participant,")
    assert (ASKED in protocol) == consents
    with World(cluster, protocol=protocol, phases=("main", "people"), arguments=("--rehearsal",)) as world:
        world.workplaces(2)
        path = f"{world.path}/participants"
        stays, moves, leaves, erased, out = world.people(5)
        body = {"workplace": "W0001", "attributes": {"sex": "man", "birth_year": str(datetime.date.today().year - 70)}}
        old = check(world.post("coordinator", path, body), 201)["code"]
        check(log(world, unit="participant", code=out, state="ineligible", reason="employed"))
        check(world.post("coordinator", f"{world.path}/workplaces/W0001/roster-lock", {"head_count": 9}))
        check(world.allocate("W0001"))
        everybody = {stays, moves, leaves, erased}
        assert counts(world) == (everybody, everybody)
        check(world.post("administrator", "/v1/rehearsal/advance", {"days": 1}))
        late = world.people(1)[0]
        late_old = check(world.post("coordinator", path, body), 201)["code"]
        check(world.post("coordinator", f"{path}/{moves}/employments", {"workplace": "W0002"}), 201)
        check(world.post("coordinator", f"{path}/{leaves}/withdrawals", {"stops": ["everything"], "how": "phone"}), 201)
        check(world.post("trial-manager", f"{path}/{erased}/erasure", {"requested_by": "participant", "how": "phone", "reason": "objection"}), 201)
        assert counts(world) == (everybody, {stays, moves})
        # What is found out after it is a deviation; and who was excluded has no tasks and is in no primary set.
        assert log(world, unit="participant", code=stays, state="ineligible", reason="age").status == 409
        check(world.post("coordinator", f"{path}/{stays}/answers", {"answers": {"employed": False}}))
        assert counts(world) == (everybody, {stays, moves})
        shown = {item["code"]: item for item in world.items("researcher", path)}
        assert {code for code, item in shown.items() if item["primary_set"]} == everybody
        tasks = {task["participant"] for task in world.items("researcher", f"{world.path}/tasks")} - {None}
        assert not tasks & {old, out, late_old} and tasks >= {stays, moves, late}
        # An exclusion that was a mistake is taken back: they are as if it had not been.
        check(log(world, unit="participant", code=out, state="enrolled", correction="It was somebody else"))
        assert counts(world) == (everybody | {out}, {stays, moves, out})
        assert out in {task["participant"] for task in world.items("researcher", f"{world.path}/tasks")}
        (item,) = [item for item in world.items("researcher", path) if item["code"] == out]
        assert item["primary_set"] is True
        printed = said(world.rctctl("researcher", "recruitment", "gems"))
        assert "8 participants registered, 5 allocated (2 of them withdrew since), 1 joined later, 2 withdrawn" in printed


def test_who_was_anonymous_and_is_registered_counts_once(screened):
    entry = check(person(screened, "approached"))["entry"]
    assert "only who is registered" in check(go_on(screened, entry, state="enrolled"), 422)["detail"]
    code, other = screened.people(2)
    assert check(go_on(screened, entry, state="enrolled", registered_as=code))["state"] == "linked"
    shown = people(screened)
    assert (shown["assessed"], shown["enrolled"], shown["under_way"]) == (2, 2, 0)
    second = check(person(screened, "approached"))["entry"]
    assert go_on(screened, second, state="enrolled", registered_as=code).status == 409
    check(go_on(screened, second, state="enrolled", registered_as=other))
    assert go_on(screened, second, state="declined", reason="no-time").status == 409, "closed"


def test_states_go_forward_and_a_step_back_says_why(screened):
    entry = check(person(screened, "declined", reason="no-time"))["entry"]
    back = check(go_on(screened, entry, state="approached"), 409)
    assert "correction" in back["detail"]
    check(go_on(screened, entry, state="approached", correction="It was somebody else"))
    check(go_on(screened, entry, state="ineligible", reason="age"))
    assert check(go_on(screened, entry, state="void"), 422)["errors"][0]["pointer"] == "/correction"
    check(go_on(screened, entry, state="void", correction="Entered twice"))
    assert people(screened)["assessed"] == 0
    (item,) = screened.items("auditor", f"{screened.path}/screening?unit=participant")
    assert [event["state"] for event in item["events"]] == ["declined", "approached", "ineligible", "void"]


def test_who_is_randomised_stays_enrolled(screened):
    (code,) = screened.people(1)
    check(screened.allocate_person(code))
    for more in ({}, {"correction": "Found out later"}):
        answer = log(screened, unit="participant", code=code, state="ineligible", reason="age", **more)
        assert "stays enrolled" in check(answer, 409)["detail"]


def test_reasons_are_the_protocols_and_faults_are_named(screened):
    for body, pointer in (({"state": "declined"}, "/reason"), ({"state": "declined", "reason": "bad-mood"}, "/reason"),
                          ({"state": "approached", "reason": "no-time"}, "/reason"),
                          ({"state": "ineligible", "reason": "no-time"}, "/reason"),
                          ({"state": "enrolled"}, "/state"), ({"state": "approached", "phase": "none"}, "/phase"),
                          ({"state": "approached", "workplace": "W0099"}, "/workplace")):
        answer = check(log(screened, **{"unit": "participant", "workplace": "W0001", **body}), 422)
        assert pointer in [error["pointer"] for error in answer["errors"]], (body, answer)
    check(person(screened, "declined", reason="not-said"))
    late = (datetime.date.today() + datetime.timedelta(days=2)).isoformat()
    assert person(screened, "approached", on=late).status == 409
    assert log(screened, unit="workplace", state="approached", people=2).status == 422
    assert log(screened, unit="participant", state="approached").status == 422, "people are in a workplace"


def test_a_file_comes_in_whole_or_not_at_all(screened):
    def send(text, query=""):
        return screened.post("coordinator", f"{screened.path}/screening/import{query}", text, headers={"Content-Type": "text/csv"})
    good = "unit;workplace;people;state;reason;on\nparticipant;W0001;12;not-approached;on-leave;2026-01-02\n" \
           "participant;W0002;;declined;no-time;\nworkplace;;;declined;no-time;2026-01-03\n"
    bad = good + "participant;W0099;;declined;no-time;\nparticipant;W0001;0;asleep;;2026-13-01\n"
    answer = check(send(bad), 422)
    assert [error["line"] for error in answer["errors"]] == [5, 6, 6, 6]
    assert check(send(good, "?dry_run=true")) == {"read": 3, "imported": 0} and people(screened)["assessed"] == 0
    assert check(send(good)) == {"read": 3, "imported": 3}
    shown = flow(screened)
    assert shown["people"]["not_approached"] == 12 and shown["people"]["declined"] == 1
    assert shown["workplaces"]["declined"] == 1
    assert_sums(shown)


def test_blinded_roles_see_the_flow_and_no_arm(screened):
    codes = screened.people(6)
    for code in codes:
        check(screened.allocate_person(code))
    expected = flow(screened)
    for role in ("researcher", "interviewer", "statistician", "auditor", "trial-manager"):
        answer = screened.get(role, f"{screened.path}/screening/flow")
        assert check(answer) == expected
        for word in ("opal", "jade", "onyx"):
            assert word not in str(answer.body)
        assert log(screened, role, unit="participant", workplace="W0001", state="approached").status == 403
    assert screened.get("dispatcher", f"{screened.path}/screening/flow").status == 403


def test_a_coordinator_of_one_county_sees_and_writes_their_own(screened):
    screened.workplaces(8, first=100)
    token = screened.account("south", "coordinator", county="south")
    listed = {w["code"]: w["county"] for w in screened.items("coordinator", f"{screened.path}/workplaces")}
    north = next(code for code, county in listed.items() if county == "north")
    body = {"unit": "participant", "workplace": north, "state": "approached"}
    assert screened.daemon.request("POST", f"{screened.path}/screening", body, token=token, key=key()).status == 422
    check(log(screened, **body))
    mine = check(screened.daemon.request("GET", f"{screened.path}/screening/flow", token=token))
    assert mine["people"]["assessed"] == 0
    assert mine["workplaces"]["assessed"] == sum(county == "south" for county in listed.values())


def step(world, chance, entries, codes):
    """One random thing that a coordinator does; gives whether it was taken."""
    act = chance.randrange(9)
    state = chance.choice(EXCLUDED + ("approached",))
    reason = {"reason": chance.choice(REASONS[state])} if state in REASONS else {}
    if act < 3:
        answer = person(world, state, people=chance.choice((1, 1, 1, 5)), **reason)
        if answer.status == 201:
            entries.append(answer.json()["entry"])
    elif act == 3 and entries:
        answer = go_on(world, chance.choice(entries), state=state, **reason)
    elif act == 4 and entries:
        more = {"state": "void"} if chance.random() < 0.3 else {"state": state, **reason}
        answer = go_on(world, chance.choice(entries), correction="A correction", **more)
    elif act == 5:
        codes += world.people(1, ready=chance.random() < 0.6)
        return True
    elif act == 6 and entries and codes:
        answer = go_on(world, chance.choice(entries), state="enrolled", registered_as=chance.choice(codes))
    elif act == 7 and codes:
        answer = log(world, unit="participant", code=chance.choice(codes), state=state, **reason)
    elif codes:
        answer = world.allocate_person(chance.choice(codes))
    else:
        return False
    assert answer.status in (200, 201, 409, 422), answer
    return answer.status in (200, 201)


@pytest.mark.parametrize("seed", range(4))
def test_after_any_sequence_of_events_the_sums_hold(screened, seed):
    chance = random.Random(seed)
    entries, codes, taken = [], [], 0
    for number in range(60):
        taken += step(screened, chance, entries, codes)
        if number % 10 == 9:
            assert_sums(flow(screened))
    shown = flow(screened)
    assert_sums(shown)
    assert taken > 20
    # Counted another way, out of the events alone: the last of each entry, and who has none.
    latest = screened.cluster.rows(screened.database, """
        SELECT coalesce(v.state, 'approached'), sum(coalesce(e.people, 1)) FROM rctd.screening_entry e
          FULL JOIN rctd.participant p ON p.trial_id = e.trial_id AND p.unit_id = e.unit_id
          LEFT JOIN LATERAL (SELECT v.state FROM rctd.screening_event v
               WHERE v.trial_id = e.trial_id AND v.entry_id = e.entry_id ORDER BY v.ordinal DESC LIMIT 1) v ON true
         WHERE e.kind = 'participant' OR e.kind IS NULL GROUP BY 1""")
    counts = {state: int(count) for state, count in latest}
    assert shown["people"]["assessed"] == sum(count for state, count in counts.items() if state not in ("void", "linked"))
    assert shown["people"]["declined"] == counts.get("declined", 0)
    assert shown["people"]["ineligible"] == counts.get("ineligible", 0)


def test_rctctl_adds_lists_imports_and_draws_it(screened, tmp_path):
    def rctctl(*arguments, role="coordinator"):
        return said(screened.rctctl(role, *arguments))
    assert "S1" in rctctl("screening", "add", "gems", "--people-of", "W0001", "--count", "7", "--state", "not-approached",
                          "--reason", "on-leave")
    assert "S2" in rctctl("screening", "add", "gems", "--people-of", "W0002", "--state", "approached")
    rctctl("screening", "note", "gems", "S2", "--state", "declined", "--reason", "no-time")
    table = tmp_path / "log.csv"
    table.write_text("unit,workplace,state,reason\nparticipant,W0001,ineligible,age\n")
    rctctl("screening", "import", "gems", str(table))
    assert "no-time" in rctctl("screening", "list", "gems", "--state", "declined")
    drawn = rctctl("screening", "flow", "gems", role="researcher")
    assert "Assessed" in drawn and "on-leave" in drawn
