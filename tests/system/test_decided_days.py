"""A day whose time nobody wrote down: a yes counts from its first moment where the trial is, a no to its last; and where
the order of two decisions of one day matters, the coordinator is asked for the time."""
import datetime
import zoneinfo

import pytest
from world import WITH_PEOPLE, World, check

FORM = "participation: {by: participant, version: 1, languages: [en], scopes: [participate]}"
PROTOCOL = WITH_PEOPLE.replace(FORM, FORM.replace("[participate]", "[participate, questionnaires]")).replace(
    "  required_before_allocation", "  required_before_data: {participant: [participation/participate]}\n  required_before_allocation")
YES = {"participate": True, "questionnaires": True}
SPRING, AUTUMN = "2026-03-29", "2026-10-25"  # the clocks change in Stockholm


@pytest.fixture(scope="module")
def world(cluster):
    with World(cluster, protocol=PROTOCOL, phases=("main", "people")) as one:
        one.workplaces(1)
        yield one


def path(world, code, what):
    return f"{world.path}/participants/{code}/{what}"


def said(world, code, signed_at, scopes=None, **more):
    return world.post("coordinator", path(world, code, "consents"), {
        "form": "participation", "version": 1, "signed_at": signed_at, "how": "paper", "decision": "given", "scopes": scopes or YES, **more})


def withdrawn(world, code, signed_at):
    return world.post("coordinator", path(world, code, "consents"), {
        "form": "participation", "version": 1, "signed_at": signed_at, "how": "phone", "decision": "withdrawn"})


def stop(world, code, decision, decided_at):
    return world.post("coordinator", path(world, code, "withdrawals"),
                      {"stops": ["questionnaires"], "decision": decision, "how": "phone", "decided_at": decided_at})


def events(world, code, what="consents"):
    return world.items("coordinator", path(world, code, what))


def refusal(answer):
    assert answer.status == 409, answer
    return answer.json()["detail"]


def fault(answer):
    assert answer.status == 422, answer
    return answer.json()["errors"][0]


def may(world, code, action):
    return {p["action"]: p["objection"] for p in world.items("coordinator", path(world, code, "permissions"))}[action]


@pytest.mark.parametrize("day, first, last", [
    (SPRING, "2026-03-28T23:00:00.000000Z", "2026-03-29T21:59:59.999999Z"),
    (AUTUMN, "2026-10-24T22:00:00.000000Z", "2026-10-25T22:59:59.999999Z"),
    ("2026-07-01", "2026-06-30T22:00:00.000000Z", "2026-07-01T21:59:59.999999Z")])
def test_a_yes_counts_from_the_days_first_moment_and_a_no_to_its_last(world, day, first, last):
    code, other = world.people(2, ready=False)
    check(said(world, code, day), 201)
    check(withdrawn(world, code, day), 201)
    assert [(e["signed_at"], e["signed_on"]) for e in events(world, code)] == [(first, day), (last, day)]
    check(stop(world, other, "stop", day), 201)
    assert [(e["decided_at"], e["decided_on"]) for e in events(world, other, "withdrawals")] == [(last, day)]
    assert (may(world, code, "data"), may(world, other, "data")) == ("withdrawn", "withdrawn")


def test_a_no_of_today_counts_until_now_and_not_until_tonight(world):
    code = world.people(1, ready=False)[0]
    today = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Stockholm")).date()
    check(said(world, code, "2026-07-01"), 201)
    check(withdrawn(world, code, today.isoformat()), 201)
    check(said(world, code, datetime.datetime.now(datetime.timezone.utc).isoformat()), 201)
    assert may(world, code, "data") is None


def test_consenting_anew_on_the_day_of_a_withdrawal_asks_for_the_time_and_takes_it(world):
    code = world.people(1, ready=False)[0]
    check(said(world, code, "2026-06-30"), 201)
    check(withdrawn(world, code, "2026-07-01T10:12"), 201)
    detail = refusal(said(world, code, "2026-07-01"))
    assert "was withdrawn on that day at 10:12:00" in detail and "write the time as well, such as 2026-07-01T17:30" in detail
    for early in ("2026-07-01T10:11", "2026-06-30"):
        assert "was withdrawn after that; only a later yes" in refusal(said(world, code, early))
    assert may(world, code, "data") == "withdrawn"
    check(said(world, code, "2026-07-01T17:30"), 201)
    assert events(world, code)[-1]["signed_at"] == "2026-07-01T15:30:00.000000Z"
    assert may(world, code, "data") is None


def test_a_no_without_a_time_is_not_ended_by_any_time_of_its_day(world):
    code = world.people(1, ready=False)[0]
    check(said(world, code, "2026-06-30"), 201)
    check(withdrawn(world, code, "2026-07-01"), 201)
    for signed in ("2026-07-01", "2026-07-01T23:30"):
        assert "nobody wrote down at what time, so that it counts until the end of that day" in refusal(said(world, code, signed))
    check(said(world, code, "2026-07-02"), 201)


def test_a_part_answered_with_no_on_a_day_asks_for_the_time_of_a_yes_of_that_day(world):
    code = world.people(1, ready=False)[0]
    check(said(world, code, "2026-07-01", scopes={"participate": True, "questionnaires": False}), 201)
    assert "answered with no on 2026-07-01, nobody wrote down" in refusal(said(world, code, "2026-07-01T17:30"))
    check(said(world, code, "2026-07-02"), 201)


def test_letting_go_on_on_the_day_of_a_stop_asks_for_the_time(world):
    code = world.people(1, ready=False)[0]
    check(stop(world, code, "stop", "2026-07-01T10:12"), 201)
    assert "They stopped questionnaires on that day at 10:12:00" in refusal(stop(world, code, "resume", "2026-07-01"))
    check(stop(world, code, "resume", "2026-07-01T11:00"), 201)
    check(stop(world, code, "stop", "2026-07-02"), 201)
    assert "until the end of that day" in refusal(stop(world, code, "resume", "2026-07-02T23:00"))
    check(stop(world, code, "resume", "2026-07-03"), 201)


def test_a_time_that_the_clocks_skipped_or_showed_twice_is_asked_for_again(world):
    code = world.people(1, ready=False)[0]
    assert "put forward" in fault(said(world, code, f"{SPRING}T02:30"))["detail"]
    twice = fault(said(world, code, f"{AUTUMN} 02:30"))
    assert "twice" in twice["detail"] and "2026-10-25T00:30:00.000000Z for the first, 2026-10-25T01:30:00.000000Z" in twice["remedy"]
    for signed, counts in ((f"{SPRING}T03:00", "2026-03-29T01:00:00.000000Z"), (f"{AUTUMN}T03:00", "2026-10-25T02:00:00.000000Z")):
        check(said(world, code, signed), 201)
        assert (events(world, code)[-1]["signed_at"], events(world, code)[-1]["signed_on"]) == (counts, None)


def test_a_yes_of_a_day_comes_after_the_information_of_that_day(world):
    code = world.people(1, ready=False)[0]
    check(said(world, code, "2026-07-01", shown_at="2026-07-01T09:00"), 201)
    assert events(world, code)[-1]["signed_at"] == "2026-07-01T07:00:00.000000Z"
    check(said(world, code, "2026-07-02T08:00", shown_at="2026-07-02"), 201)
    assert fault(said(world, code, "2026-07-03", shown_at="2026-07-04"))["pointer"] == "/shown_at"


@pytest.mark.parametrize("signed", ["2999-01-01", "2999-01-01T10:00", "2026-02-30", "2026-07-01T25:00", "2026-07-01T10", "1999-01-01"])
def test_a_day_in_the_future_or_in_no_calendar_is_refused(world, signed):
    code = world.people(1, ready=False)[0]
    assert fault(said(world, code, signed))["pointer"] == "/signed_at"


def test_data_of_a_day_on_which_the_consent_changed_asks_for_the_time(world):
    code = world.people(1, ready=False)[0]

    def measure(collected):
        return world.post("coordinator", path(world, code, "measures"),
                          {"instrument": "mood", "collected_at": collected, "values": {"1": "3", "2": "4", "3": "5"}})
    check(said(world, code, "2026-07-01T12:00"), 201)
    assert "changed on that day" in fault(measure("2026-07-01"))["detail"]
    assert check(measure("2026-07-01T11:00"), 201)["quarantine"] == "before-consent"
    assert check(measure("2026-07-01T13:00"), 201)["quarantine"] is None
    assert check(measure("2026-07-02"), 201)["quarantine"] is None
    assert check(measure("2026-06-30"), 201)["quarantine"] == "before-consent"
    # Of a withdrawal's day nobody knows which part of it was consented to.
    check(withdrawn(world, code, "2026-07-10"), 201)
    check(said(world, code, "2026-07-11"), 201)
    assert check(measure("2026-07-10T11:00"), 201)["quarantine"] == "before-consent"
    assert check(measure("2026-07-11"), 201)["quarantine"] is None


def amended(world, version, more=""):
    world.lock(PROTOCOL.replace("participation: {by: participant, version: 1", f"participation: {{by: participant, version: {version}{more}"))


def test_nobody_has_signed_a_version_before_it_came_into_force(cluster):
    with World(cluster, protocol=PROTOCOL, phases=("main", "people")) as world:
        world.workplaces(1)
        code = world.people(1, ready=False)[0]
        check(said(world, code, "2026-07-01"), 201)  # since when the first version is signed rctd does not know
        amended(world, 2)
        today = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Stockholm"))
        for early in ("2026-07-02", (today - datetime.timedelta(hours=1)).isoformat()):
            detail = refusal(said(world, code, early, version=2))
            assert "Version 2 of the form participation came into force on 2" in detail and "signed another version" in detail
        check(said(world, code, "2026-07-02", version=1), 201)
        check(said(world, code, datetime.datetime.now(datetime.timezone.utc).isoformat(), version=2), 201)
        assert events(world, code)[-1]["version"] == 2
        # The ethics board approved the third before it was locked here.
        amended(world, 3, ", from: 2026-10-25")
        assert "came into force on 2026-10-25 at 00:00" in refusal(said(world, world.people(1, ready=False)[0], "2026-10-24", version=3))
        check(said(world, world.people(1, ready=False)[0], "2026-10-25", version=3), 201)


def test_a_no_is_taken_whatever_version_it_names(cluster):
    with World(cluster, protocol=PROTOCOL, phases=("main", "people")) as world:
        world.workplaces(1)
        code = world.people(1, ready=False)[0]
        check(said(world, code, "2026-07-01"), 201)
        amended(world, 2)
        check(world.post("coordinator", path(world, code, "consents"), {
            "form": "participation", "version": 2, "signed_at": "2026-07-02", "how": "phone", "decision": "withdrawn"}), 201)
        assert may(world, code, "data") == "withdrawn"


def test_a_yes_earlier_on_the_day_of_a_no_does_not_outlast_that_no_in_data(world):
    code, other = world.people(2, ready=False)

    def measure(who, collected):
        return check(world.post("coordinator", path(world, who, "measures"),
                                {"instrument": "mood", "collected_at": collected, "values": {"1": "3", "2": "4", "3": "5"}}), 201)
    check(said(world, code, "2026-07-01T12:00"), 201)
    check(withdrawn(world, code, "2026-07-01"), 201)
    check(said(world, code, "2026-07-05"), 201)
    for collected in ("2026-07-01T13:00", "2026-07-02", "2026-07-04T12:00"):
        assert measure(code, collected)["quarantine"] == "before-consent", collected
    assert measure(code, "2026-07-05")["quarantine"] is None
    # A part that was answered with no on a day whose time nobody wrote down.
    check(said(world, other, "2026-07-01T12:00"), 201)
    check(said(world, other, "2026-07-01", scopes={"participate": False, "questionnaires": True}), 201)
    check(said(world, other, "2026-07-05"), 201)
    for collected in ("2026-07-01T13:00", "2026-07-02"):
        assert measure(other, collected)["quarantine"] == "before-consent", collected
    assert measure(other, "2026-07-05")["quarantine"] is None
