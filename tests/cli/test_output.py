"""Tables for people, JSON for programs, CSV for spreadsheets."""
import csv
import io
import json
import subprocess

import pytest

from cli.scripted import problem
import harness

PATH = "GET /v1/trials/t/workplaces"
LEDGER = "GET /v1/trials/t/allocations"


def workplace(number, **more):
    return {"code": f"W{number:04}", "name": f"Workplace {number}", "state": "registered", "county": "se-t",
            "site": None, "attributes": {"sector": "public", "employees": "25"}, "identifiers": {},
            "head_count": None, "eligible": False, "missing": ["contract", "own-manager"], "schemes": [], **more}


def pages(server, path, *items):
    server.answers[path] = [{"items": part, "next": f"cursor {index}+" if index + 1 < len(items) else None}
                            for index, part in enumerate(items)]


def test_a_list_is_whole_across_its_pages(asked, server):
    pages(server, PATH, [workplace(1), workplace(2)], [workplace(3)], [workplace(4)])
    done = asked("workplace", "list", "t", "--json")
    assert done.returncode == 0, done.stderr
    assert [row["code"] for row in json.loads(done.stdout)] == ["W0001", "W0002", "W0003", "W0004"]
    assert [path for _, path, _, _ in server.requests] == [
        "/v1/trials/t/workplaces?limit=1000", "/v1/trials/t/workplaces?limit=1000&after=cursor%200%2B",
        "/v1/trials/t/workplaces?limit=1000&after=cursor%201%2B"]


def test_json_is_what_rctd_said(asked, server):
    row = workplace(1, name='Kafé "Å"', head_count=3)
    pages(server, PATH, [row])
    assert json.loads(asked("workplace", "list", "t", "--json").stdout) == [row]
    server.answers["GET /v1/trials/t/workplaces/W0001"] = [row]
    assert json.loads(asked("workplace", "show", "t", "W0001", "--json").stdout) == row


def test_a_list_counts_what_is_missing_and_a_workplace_says_it(asked, server):
    pages(server, PATH, [workplace(1), workplace(2, missing=[], eligible=True)])
    lines = asked("workplace", "list", "t").stdout.splitlines()
    assert "MISSING" in lines[0] and lines[1].split()[-2:] == ["no", "2"]
    server.answers["GET /v1/trials/t/workplaces/W0001"] = [workplace(1)]
    assert "contract; own-manager" in asked("workplace", "show", "t", "W0001").stdout


def test_tasks_are_in_the_order_of_their_days(asked, server):
    pages(server, "GET /v1/trials/t/tasks", [
        {"workplace": "W0002", "task": "t0", "target_on": "2026-01-01"},
        {"workplace": "W0001", "task": "t3", "target_on": "2027-02-21"},
        {"workplace": "W0001", "task": "t0", "target_on": "2026-11-21"}])
    rows = list(csv.DictReader(io.StringIO(asked("task", "list", "t", "--csv").stdout)))
    assert [(row["workplace"], row["task"]) for row in rows] == [("W0001", "t0"), ("W0001", "t3"), ("W0002", "t0")]


def test_csv_has_a_header_and_a_guard_against_formulas(asked, server):
    pages(server, PATH, [workplace(1, name='=HYPERLINK("http://evil")'), workplace(2, name="Kafé, Å")])
    rows = list(csv.DictReader(io.StringIO(asked("--csv", "workplace", "list", "t").stdout)))
    assert [row["name"] for row in rows] == ['\'=HYPERLINK("http://evil")', "Kafé, Å"]
    assert rows[0]["eligible"] == "no"
    assert rows[0]["attributes"] == "sector=public employees=25"
    assert rows[0]["missing"] == "contract; own-manager"


def test_an_empty_list_is_a_sentence_for_people_and_an_empty_list_for_programs(asked, server):
    pages(server, PATH, [])
    assert asked("workplace", "list", "t").stdout.startswith("No workplace yet")
    assert json.loads(asked("workplace", "list", "t", "--json").stdout) == []
    assert asked("workplace", "list", "t", "--csv").stdout.startswith("code,name,state")


@pytest.mark.parametrize("path, words, narrower", [
    ("workplaces", ["workplace", "list", "t"], ["--county", "se-x"]),
    ("allocations", ["ledger", "list", "t"], ["--scheme", "rtc"]),
    ("tasks", ["task", "list", "t"], ["--workplace", "W9"]),
    ("reminders", ["reminder", "list", "t"], ["--state", "dead"]),
    ("audit", ["audit", "list", "t"], ["--stream", "tiral"])])
def test_a_mistyped_filter_is_not_answered_as_if_there_were_nothing_at_all(asked, server, path, words, narrower):
    pages(server, f"GET /v1/trials/t/{path}", [])
    whole, narrow = asked(*words).stdout, asked(*words, *narrower).stdout
    assert whole != narrow
    assert "yet" not in narrow and "empty" not in narrow and "planned" not in narrow


def test_the_columns_of_csv_are_the_same_with_and_without_rows(asked, server):
    pages(server, PATH, [])
    empty = asked("workplace", "list", "t", "--csv").stdout
    pages(server, PATH, [workplace(1, roster_locked_at=None, ended=None, registered_at="x", changed_at="x")])
    assert asked("workplace", "list", "t", "--csv").stdout.split("\n")[0] == empty.rstrip("\n")


def test_a_narrow_terminal_has_no_lines_of_blanks(asked, server):
    pages(server, PATH, [workplace(1, name="The regional office of the employer that has agreed", schemes=["pilot"]),
                         workplace(2)])
    for line in asked.terminal("workplace", "list", "t", columns=50)[1].replace("\r", "").rstrip("\n").split("\n"):
        assert line != "" and not line.endswith(" ")


def test_reminders_are_in_the_order_in_which_they_are_due(asked, server):
    pages(server, "GET /v1/trials/t/reminders", [
        {"workplace": "W0001", "task": "t12", "due_at": "2027-10-25T07:00:00.000000Z"},
        {"workplace": "W0002", "task": "t3", "due_at": "2027-02-07T08:00:00.000000Z"},
        {"workplace": "W0001", "task": "t3", "due_at": "2027-02-07T08:00:00.000000Z"}])
    rows = list(csv.DictReader(io.StringIO(asked("reminder", "list", "t", "--csv").stdout)))
    assert [(row["workplace"], row["task"]) for row in rows] == [("W0001", "t3"), ("W0002", "t3"), ("W0001", "t12")]


def test_a_table_shows_names_in_utf8_whatever_the_locale(asked, server):
    pages(server, PATH, [workplace(1, name="Åkeri Öst"), workplace(2)])
    for locale in ({}, {"LC_ALL": "C"}, {"LC_ALL": "C.UTF-8"}):
        lines = asked("workplace", "list", "t", **locale).stdout.splitlines()
        assert lines[0].split() == ["CODE", "NAME", "STATE", "COUNTY", "ELIGIBLE", "MISSING"]
        assert "Åkeri Öst" in lines[1]
        assert lines[1].index("registered") == lines[2].index("registered")


def test_a_blinded_list_has_no_column_for_what_was_not_sent(asked, server):
    seen = {"allocation": "a-1", "scheme": "rct", "workplace": "W0001", "phase": "rct",
            "allocated_at": "2026-11-22T08:30:00.000000Z", "protocol_version": 1}
    pages(server, LEDGER, [seen])
    for form in ([], ["--csv"]):
        text = asked("ledger", "list", "t", *form).stdout.lower()
        assert "w0001" in text
        for word in ("arm", "stratum", "position", "receipt"):
            assert word not in text
    pages(server, LEDGER, [{**seen, "arm": "existing", "stratum": "sector=public", "position": 1}])
    assert "existing" in asked("ledger", "list", "t").stdout
    assert "ARM" in asked("ledger", "list", "t").stdout


def test_times_are_readable_and_say_utc(asked, server):
    pages(server, LEDGER, [{"allocation": "a-1", "workplace": "W0001", "allocated_at": "2026-11-22T08:30:00.000000Z"}])
    assert "2026-11-22 08:30 UTC" in asked("ledger", "list", "t").stdout
    assert "2026-11-22T08:30:00.000000Z" in asked("ledger", "list", "t", "--csv").stdout


def of_stockholm(*items, zone="Europe/Stockholm"):
    return [(200, {"items": list(items), "next": None}, {"X-Time-Zone": zone})]


def test_moments_of_a_trial_are_shown_by_its_clocks_in_winter_and_in_summer(asked, server):
    rows = [{"allocation": "a-1", "workplace": "W0001", "allocated_at": "2026-11-22T08:30:00.000000Z"},
            {"allocation": "a-2", "workplace": "W0002", "allocated_at": "2026-06-30T22:15:00.000000Z"}]
    server.answers[LEDGER] = of_stockholm(*rows)
    shown = asked("ledger", "list", "t", TZ="Asia/Tokyo").stdout
    assert "2026-11-22 09:30 CET" in shown and "2026-07-01 00:15 CEST" in shown
    assert json.loads(asked("ledger", "list", "t", "--json").stdout) == rows
    assert "2026-11-22T08:30:00.000000Z" in asked("ledger", "list", "t", "--csv").stdout


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "../../../etc/passwd", "/etc/localtime", "x" * 300])
def test_a_zone_that_this_machine_does_not_know_leaves_times_in_utc(asked, server, zone):
    server.answers[LEDGER] = of_stockholm({"allocation": "a-1", "workplace": "W0001", "allocated_at": "2026-11-22T08:30:00Z"}, zone=zone)
    assert "2026-11-22 08:30 UTC" in asked("ledger", "list", "t").stdout


def test_what_was_told_as_a_day_is_shown_as_that_day(asked, server):
    event = {"form": "employer", "version": 1, "decision": "given", "signed_by": "Anna Berg", "how": "paper"}
    server.answers["GET /v1/trials/t/workplaces/W0001/agreements"] = of_stockholm(
        {**event, "signed_at": "2026-11-19T23:00:00.000000Z", "signed_on": "2026-11-20"},
        {**event, "signed_at": "2026-11-20T13:30:00.000000Z", "signed_on": None})
    lines = asked("workplace", "agreements", "t", "W0001").stdout.splitlines()
    assert "2026-11-20  " in lines[1] and "2026-11-20 14:30 CET" in lines[2]
    row = list(csv.DictReader(io.StringIO(asked("workplace", "agreements", "t", "W0001", "--csv").stdout)))[0]
    assert (row["signed_at"], row["signed_on"]) == ("2026-11-19T23:00:00.000000Z", "2026-11-20")


def test_windows_are_shown_from_their_first_day_to_their_last(asked, server):
    server.answers["GET /v1/trials/t/tasks"] = of_stockholm(
        {"workplace": "W0001", "task": "t12", "opens_at": "2027-03-27T23:00:00Z", "closes_at": "2027-04-03T22:00:00Z"})
    heading, row = asked("task", "list", "t").stdout.splitlines()
    assert heading.split() == ["WORKPLACE", "TASK", "OPENS", "LAST", "DAY"]
    assert row.split() == ["W0001", "t12", "2027-03-28", "2027-04-03"]


def test_data_of_a_day_is_shown_with_that_day_and_data_of_a_moment_with_its_time(asked, server):
    server.answers["GET /v1/trials/t/measures"] = of_stockholm(
        {"participant": "PK7H3WAT", "collected_at": "2027-05-03T22:00:00Z"}, {"participant": "PK7H3WAT", "collected_at": "2027-05-04T11:00:00Z"})
    _, day, time = asked("measure", "list", "t").stdout.splitlines()
    assert day.split() == ["PK7H3WAT", "2027-05-04"] and time.split() == ["PK7H3WAT", "2027-05-04", "13:00", "CEST"]


def test_an_appointment_is_confirmed_with_its_weekday_day_time_and_zone(asked, server):
    task = {"task": "interview", "participant": "PK7H3WAT", "appointment_at": "2027-05-04T07:30:00.000000Z", "booked": 1}
    server.answers["POST /v1/trials/t/tasks/x/bookings"] = [(201, task, {"X-Time-Zone": "Europe/Stockholm"})]
    done = asked("task", "book", "t", "x", "--at", "2027-05-04T09:30")
    assert done.stdout == "interview with PK7H3WAT is booked for Tue 4 May 2027 at 09:30 (Europe/Stockholm).\n", done.stderr
    assert server.sent() == {"at": "2027-05-04T09:30"}, "rctd knows where the trial is"
    for typed in ("2027-05-04", "noon"):
        refused = asked("task", "book", "t", "x", "--at", typed)
        assert refused.returncode == 2 and "write 2026-12-01T13:30, by the clocks where the trial is" in refused.stderr


@pytest.mark.parametrize("command, option", [("merge", "--into"), ("split", "--to")])
def test_what_is_wrong_with_the_other_workplace_is_said_of_its_option(asked, server, command, option):
    server.answers["POST /v1/trials/t/workplaces/W0001/changes"] = [
        problem("invalid-fields", 422, "/other: is no workplace", errors=[{"pointer": "/other", "detail": "is no workplace"}])]
    done = asked("workplace", command, "t", "W0001", option, "W0099", "--reason", "x")
    assert f"{option}: is no workplace" in done.stderr


def test_fields_that_rctctl_does_not_know_are_shown_all_the_same(asked, server):
    server.answers["GET /v1/trials/t"] = [{"trial": "t", "title": "T", "steering_group": "SG 4", "inner": {"x": 1}}]
    text = asked("trial", "show", "t").stdout
    assert "Steering group  SG 4" in text
    assert "inner" not in text.lower()


def test_control_characters_in_names_are_not_sent_to_the_terminal(asked, server):
    pages(server, PATH, [workplace(1, name="bad\x1b[31mname\r\n")])
    assert "\x1b" not in asked("workplace", "list", "t").stdout
    server.answers["GET /v1/trials/t/workplaces/W0001"] = [workplace(1, name="bad\x1b[31mname")]
    assert "\x1b" not in asked("workplace", "show", "t", "W0001").stdout


def test_a_narrow_terminal_breaks_long_text_instead_of_losing_it(asked, server):
    pages(server, PATH, [workplace(1, name="Regional office of the employer that has agreed, roster not locked")])
    status, screen = asked.terminal("workplace", "list", "t", columns=70)
    assert status == 0
    lines = [line for line in screen.replace("\r", "").split("\n") if line]
    assert len(lines) > 2
    together = "".join("".join(lines).split())
    for word in "employer agreed roster locked".split():
        assert word in together


def test_no_color_takes_the_colours_away(asked, server):
    pages(server, PATH, [workplace(1)])
    assert "\x1b[" in asked.terminal("workplace", "list", "t")[1]
    assert "\x1b[" not in asked.terminal("workplace", "list", "t", NO_COLOR="1")[1]
    assert "\x1b[" not in asked.terminal("workplace", "list", "t", TERM="dumb")[1]
    assert "\x1b[" not in asked("workplace", "list", "t").stdout


def test_output_that_cannot_be_written_is_not_success(asked, server):
    pages(server, PATH, [workplace(1)])
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([harness.RCTCTL, "workplace", "list", "t", "--json"], env=asked.environment,
                              stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert "could not be written" in done.stderr


@pytest.mark.parametrize("option", ["--json", "--csv"])
def test_output_options_may_stand_before_and_behind_the_command(asked, server, option):
    pages(server, PATH, [workplace(1)])
    assert asked(option, "workplace", "list", "t").stdout == asked("workplace", "list", "t", option).stdout


def test_the_last_try_of_a_reminder_is_in_its_row(asked, server):
    pages(server, "GET /v1/trials/t/reminders", [{
        "reminder": "r-1", "task": "t0", "workplace": "W0001", "channel": "email", "state": "dead",
        "due_at": "2026-11-22T08:30:00Z",
        "attempts": [{"attempt": 1, "status": None, "problem": "time-out"},
                     {"attempt": 2, "status": 503, "problem": "the receiver is closed"}]}])
    rows = list(csv.DictReader(io.StringIO(asked("reminder", "list", "t", "--csv").stdout)))
    assert rows[0]["attempt_count"] == "2"
    assert rows[0]["last_status"] == "503"
    assert rows[0]["last_problem"] == "the receiver is closed"
