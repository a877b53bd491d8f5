"""What the commands send, and what they do with the answer."""
import json
import os
import re
import stat

import pytest

import harness
from cli.scripted import problem

DRY_RUN = "POST /v1/trials/t/allocations/dry-run"
ALLOCATIONS = "POST /v1/trials/t/allocations"
ALLOCATE = ["allocate", "t", "W0001", "--scheme", "rct"]
RECEIPT = {"allocation": "a-1", "workplace": "W0001", "scheme": "rct", "arm": "existing",
           "stratum": "sector=public|size=10-49", "receipt": "0102 0304"}


def dry_run(eligible, missing=()):
    return {"workplace": "W0001", "scheme": "rct", "stratum": "sector=public|size=10-49", "eligible": eligible,
            "missing": list(missing)}


def posts(server, path):
    return [request for request in server.requests if f"{request[0]} {request[1]}" == path]


def test_a_dry_run_shows_stratum_and_eligibility_and_allocates_nothing(asked, server):
    server.answers[DRY_RUN] = [dry_run(True)]
    done = asked(*ALLOCATE, "--dry-run")
    assert done.returncode == 0
    assert "sector=public|size=10-49" in done.stdout and "can be allocated" in done.stdout
    assert posts(server, ALLOCATIONS) == []


def test_what_is_missing_is_listed_and_nothing_is_allocated(asked, server):
    server.answers[DRY_RUN] = [dry_run(False, ["The employer has not agreed", "The roster is not locked"])]
    for more in ([], ["--yes"], ["--dry-run"]):
        done = asked(*ALLOCATE, *more)
        assert done.returncode == 4
        assert "- The employer has not agreed\n  - The roster is not locked" in done.stdout
    assert posts(server, ALLOCATIONS) == []


def test_nobody_is_allocated_without_a_yes(asked, server):
    server.answers[DRY_RUN] = [dry_run(True)]
    server.answers[ALLOCATIONS] = [(201, RECEIPT, {})]
    done = asked(*ALLOCATE)
    assert done.returncode == 2 and "add --yes" in done.stderr
    status, screen = asked.terminal(*ALLOCATE, typed="n\n")
    assert status == 2 and "not allocated" in screen
    assert posts(server, ALLOCATIONS) == []
    status, screen = asked.terminal(*ALLOCATE, typed="y\n")
    assert status == 0 and "existing" in screen and "0102 0304" in screen
    assert len(posts(server, ALLOCATIONS)) == 1


def test_no_phase_is_closed_for_good_without_its_name(asked, server):
    path = "POST /v1/trials/t/phases/rct/close"
    close = ["phase", "close", "t", "rct", "--reason", "All are in"]
    server.answers[path] = [{"phase": "rct", "state": "closed"}]
    done = asked(*close)
    assert done.returncode == 2 and "add --yes" in done.stderr
    for typed in ("\n", "y\n", "feasibility\n"):
        status, screen = asked.terminal(*close, typed=typed)
        assert status == 2 and "nothing is done" in screen
    assert posts(server, path) == []
    assert asked.terminal(*close, typed="rct\n")[0] == 0
    assert asked(*close, "--yes").returncode == 0
    assert len(posts(server, path)) == 2


OF_A_UNIT = [
    (["participant", "withdraw", "t", "PK7H3WAT", "--how", "phone"], "withdrawals", "They leave the trial"),
    (["participant", "withdraw", "t", "PK7H3WAT", "--form", "optional", "--how", "phone"], "consents", "form optional"),
    (["workplace", "withdraw", "t", "W0001", "--form", "employer", "--by", "B", "--how", "phone"], "agreements", "form employer"),
    (["workplace", "lock-roster", "t", "W0001", "--head-count", "25"], "roster-lock", "locked with 25 people"),
    (["identity", "erase", "t", "PK7H3WAT", "--requested-by", "participant", "--how", "phone", "--reason", "objection"], "erasure",
     "contact are erased"),
    (["unblind", "emergency", "t", "W0001", "--reason", "R"], None, "You are told the arm"),
    (["unblind", "told", "t", "PK7H3WAT", "--source", "other"], None, "You count as knowing"),
    (["unblind", "told", "t", "PK7H3WAT", "--source", "other", "--account", "rut"], None, "rut counts as knowing"),
]


@pytest.mark.parametrize("arguments, sent, warning", OF_A_UNIT, ids=lambda value: value[-1] if isinstance(value, list) else None)
def test_what_is_done_to_people_for_good_is_told_and_asked_for_by_code(asked, server, arguments, sent, warning):
    code = arguments[3]
    kind = "participants" if code[0] == "P" else "workplaces"
    unit = {"code": code, "state": "allocated", "name": "Lund Bakery", "missing": [], "attributes": {"employees": "24"}}
    path = f"/v1/trials/t/{kind}/{code}"
    posted = f"{path}/{sent}" if sent else "/v1/trials/t/" + {"emergency": "unblindings/emergency", "told": "knowledge"}[arguments[1]]
    server.answers[f"GET {path}"] = [unit]
    server.answers[f"GET {path}/{sent}"] = [{"items": [{"form": form, "version": 1, "decision": "given"}
                                                       for form in ("optional", "employer")], "next": None}]
    server.answers[f"POST {posted}"] = [(201, {**unit, "participant": code, "account": "rut", "arm_of": code, "allocations": []}, {})]

    done = asked(*arguments)
    assert done.returncode == 2 and "add --yes" in done.stderr and warning in done.stderr
    assert server.requests == []

    status, screen = asked.terminal(*arguments, typed="y\n", columns=200)
    assert status == 2 and "nothing is done" in screen and f"{code}, Lund Bakery: allocated." in screen and warning in screen
    assert ("It was registered with employees=24." in screen) == (code[0] == "W"), "a head count of 2400 is seen to be wrong"
    assert posts(server, f"POST {posted}") == []

    for typed in (f"{code}\n", f"{code[:4].lower()} {code[4:].lower()}\n"):
        assert asked.terminal(*arguments, typed=typed)[0] == 0
    assert asked(*arguments, "--yes").returncode == 0
    assert len(posts(server, f"POST {posted}")) == 3


def test_a_roster_that_is_locked_unasked_still_shows_what_the_workplace_was_registered_with(asked, server):
    server.answers["POST /v1/trials/t/workplaces/W0001/roster-lock"] = [
        {"code": "W0001", "state": "roster-locked", "attributes": {"employees": "24"}, "missing": []}]
    done = asked("workplace", "lock-roster", "t", "W0001", "--head-count", "2400", "--yes")
    assert done.stdout == "W0001: the roster is locked with 2400 people. It was registered with employees=24.\n"


def test_a_workplace_that_is_no_more_does_not_look_registered_in_the_list(asked, server):
    rows = [{"code": "W0001", "name": "A", "state": "registered", "ended": "merged into W0002 on 2026-11-01", "missing": []},
            {"code": "W0002", "name": "B", "state": "registered", "ended": None, "missing": []}]
    server.answers["GET /v1/trials/t/workplaces"] = [{"items": rows, "next": None}]
    shown = asked("workplace", "list", "t").stdout.splitlines()
    assert "merged into W0002" in shown[1] and "registered" not in shown[1] and "registered" in shown[2]
    assert json.loads(asked("workplace", "list", "t", "--json").stdout) == rows


@pytest.mark.parametrize("more, told", [
    ({"head_count": 24}, "12003 people of W0001 stand in the log now, MORE than the 24 of its roster."),
    ({"head_count": None}, "12003 people of W0001 stand in the log now.")])
def test_a_wrong_count_of_people_shows_beside_the_roster(asked, server, more, told):
    entry = {"entry": "S1", "unit": "participant", "state": "declined", "people": 12000, "events": []}
    server.answers["POST /v1/trials/t/screening"] = [(201, entry, {})]
    server.answers["GET /v1/trials/t/workplaces/W0001"] = [{"code": "W0001", **more}]
    server.answers["GET /v1/trials/t/screening"] = [{"items": [
        entry, {**entry, "people": 3}, {**entry, "state": "void"}, {**entry, "unit": "workplace", "people": 1}], "next": None}]
    done = asked("screening", "add", "t", "--people-of", "W0001", "--count", "12000", "--state", "declined")
    assert done.returncode == 0 and done.stdout.splitlines()[-1] == told


def test_an_account_shows_how_narrow_its_roles_are(asked, server):
    roles = [{"role": "coordinator", "trial": "t", "county": "se-t", "site": "a", "purpose": None},
             {"role": "identity-reader", "trial": "t", "county": None, "site": None, "purpose": "contact"},
             {"role": "administrator", "trial": None, "county": None, "site": None, "purpose": None}]
    server.answers["GET /v1/accounts/anna"] = [{"name": "anna", "roles": roles}]
    shown = asked("account", "show", "anna").stdout
    for words in ("coordinator in t (county se-t, site a)", "identity-reader in t (for contact)", "administrator"):
        assert words in shown
    assert json.loads(asked("account", "show", "anna", "--json").stdout)["roles"] == roles


def test_a_code_that_is_nobodys_is_told_before_anything_is_asked(asked, server):
    status, screen = asked.terminal("workplace", "lock-roster", "t", "W0009", "--head-count", "25", typed="W0009\n")
    assert status == 3 and "no such thing" in screen and "write W0009" not in screen
    assert [request[0] for request in server.requests] == ["GET"]


@pytest.mark.parametrize("named", ["W0002", "86cd-85f1-b9a7-5c0d", "01938c5e-7a10-7cc3-98c4-dc0c0c07398f"])
def test_an_allocation_is_found_by_what_stands_on_paper(asked, server, named):
    ledger = "GET /v1/trials/t/allocations"
    rows = [{"allocation": "01938c5e-7a10-7cc3-98c4-dc0c0c07398e", "workplace": "W0001", "receipt": "0000-0000-0000-0001"},
            {"allocation": "01938c5e-7a10-7cc3-98c4-dc0c0c07398f", "workplace": "W0002", "receipt": "86cd-85f1-b9a7-5c0d"}]
    server.answers[ledger] = [{"items": rows, "next": None}]
    server.answers[ledger + "/01938c5e-7a10-7cc3-98c4-dc0c0c07398f"] = [rows[1]]
    done = asked("ledger", "show", "t", named, "--json")
    assert json.loads(done.stdout) == rows[1]
    missed = asked("ledger", "show", "t", "W0099")
    assert missed.returncode == 3 and "W0099" in missed.stderr


def test_a_narrow_grant_says_how_narrow_it_is(asked, server):
    server.answers["POST /v1/accounts/anna/grants"] = [(201, {"grant": "g"}, {})]
    done = asked("grant", "add", "anna", "--role", "coordinator", "--trial", "t", "--county", "se-t", "--reason", "x")
    assert done.stdout == "anna is coordinator in t, for county se-t.\n"


def test_a_table_without_workplaces_is_not_called_right(asked, server, tmp_path):
    path = tmp_path / "workplaces.csv"
    path.write_text("name\n")
    server.answers["POST /v1/trials/t/workplaces/import"] = [{"read": 0, "imported": 0, "first": None, "last": None}]
    for more in ([], ["--dry-run"]):
        assert "no workplaces" in asked("workplace", "import", "t", str(path), *more).stdout


def test_a_script_gets_the_receipt_as_json_and_nothing_else(asked, server):
    server.answers[DRY_RUN] = [dry_run(True)]
    server.answers[ALLOCATIONS] = [(201, RECEIPT, {})]
    assert json.loads(asked(*ALLOCATE, "--yes", "--json").stdout) == RECEIPT
    assert json.loads(asked(*ALLOCATE, "--dry-run", "--json").stdout)["eligible"] is True


def test_an_agreement_is_sent_as_it_was_typed(asked, server):
    server.answers["POST /v1/trials/t/workplaces/W0001/agreements"] = [(201, {"form": "employer"}, {})]
    done = asked("workplace", "agree", "t", "W0001", "--form", "employer", "--version", "1", "--scope",
                 "participate=yes", "--scope", "paid-time=no", "--by", "Anna Berg", "--signed", "2026-11-20",
                 "--how", "paper", "--shown", "2026-11-19T10:00:00+01:00", "--language", "sv")
    assert done.returncode == 0, done.stderr
    assert server.sent() == {
        "form": "employer", "version": 1, "language": "sv", "decision": "given",
        "scopes": {"participate": True, "paid-time": False}, "signed_by": "Anna Berg",
        "shown_at": "2026-11-19T09:00:00.000000Z", "signed_at": "2026-11-20", "how": "paper"}
    assert server.header("Idempotency-Key")


def test_a_withdrawal_is_one_step_with_the_version_that_was_agreed_to(asked, server):
    server.answers["GET /v1/trials/t/workplaces/W0001/agreements"] = [{"next": None, "items": [
        {"form": "employer", "version": 1, "language": "sv", "decision": "given", "scopes": {"participate": True}},
        {"form": "employer", "version": 2, "language": "en", "decision": "given", "scopes": {"participate": True}},
        {"form": "other", "version": 9, "language": "en", "decision": "given", "scopes": {}}]}]
    server.answers["POST /v1/trials/t/workplaces/W0001/agreements"] = [(201, {"workplace_withdrawn": True}, {})]
    arguments = ["workplace", "withdraw", "t", "W0001", "--form", "employer", "--by", "Anna Berg", "--how", "phone", "--yes"]
    done = asked(*arguments)
    assert done.returncode == 0, done.stderr
    assert "out of the trial from now on" in done.stdout
    sent = server.sent()
    assert sent.pop("signed_at").endswith("Z")
    assert sent == {"form": "employer", "version": 2, "language": "en", "decision": "withdrawn",
                    "signed_by": "Anna Berg", "how": "phone"}
    server.answers["GET /v1/trials/t/workplaces/W0001/agreements"] = [{"items": [], "next": None}]
    done = asked(*arguments)
    assert done.returncode == 4 and "never agreed to form employer" in done.stderr


def test_the_moment_of_a_withdrawal_is_by_the_clock_of_rctd(asked, server):
    given = {"form": "employer", "version": 1, "language": "sv", "decision": "given", "scopes": {}}
    server.answers["GET /v1/trials/t/workplaces/W0001/agreements"] = [
        (200, {"items": [given], "next": None}, {"Date": "Sun, 22 Nov 2015 08:30:00 GMT"})]
    server.answers["POST /v1/trials/t/workplaces/W0001/agreements"] = [(201, {}, {})]
    asked("workplace", "withdraw", "t", "W0001", "--form", "employer", "--by", "B", "--how", "phone", "--yes")
    assert server.sent()["signed_at"] == "2015-11-22T08:30:00.000000Z"


def test_answers_are_booleans_by_question(asked, server):
    server.answers["POST /v1/trials/t/workplaces/W0001/answers"] = [{"code": "W0001"}]
    done = asked("workplace", "answer", "t", "W0001", "own-manager=yes", "contract=true", "closing=no", "--by", "Bo")
    assert done.returncode == 0, done.stderr
    assert server.sent() == {"answers": {"own-manager": True, "contract": True, "closing": False}, "answered_by": "Bo"}


def test_a_token_goes_into_a_file_that_only_its_owner_reads_and_is_in_no_output(asked, server, tmp_path):
    made = {"token_id": "t-1", "name": "laptop", "token": "secret-token", "expires_at": "2027-02-20T00:00:00Z"}
    server.answers["POST /v1/accounts/anna/tokens"] = [(201, made, {})]
    path = tmp_path / "anna.token"
    add = ["token", "add", "anna", "--name", "laptop", "--days", "90"]
    done = asked(*add, "--out", str(path))
    assert done.returncode == 0, done.stderr
    assert path.read_text() == "secret-token\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "secret-token" not in done.stdout + done.stderr
    assert server.sent() == {"name": "laptop", "days": 90}
    before = len(server.requests)
    done = asked(*add, "--out", str(path))
    assert done.returncode == 4 and "there already" in done.stderr
    assert len(server.requests) == before  # no token is made that has no place
    done = asked(*add)
    assert done.stdout == "secret-token\n"
    assert "secret-token" not in done.stderr


def test_no_empty_token_file_is_left_where_rctd_refused(asked, server, tmp_path):
    server.answers["POST /v1/accounts/anna/tokens"] = [problem("forbidden", 403, "Not you")]
    path = tmp_path / "anna.token"
    assert asked("token", "add", "anna", "--name", "x", "--out", str(path)).returncode == 5
    assert not path.exists()


def test_a_secret_in_a_file_is_not_in_the_json_as_well(asked, server, tmp_path):
    server.answers["POST /v1/trials/t/endpoints"] = [(201, {"endpoint": "e-1", "url": "http://h", "secret": "whsec_x"}, {})]
    path = tmp_path / "hook.secret"
    done = asked("endpoint", "add", "t", "http://h", "--out", str(path), "--json")
    assert done.returncode == 0, done.stderr
    assert path.read_text() == "whsec_x\n"
    assert json.loads(done.stdout) == {"endpoint": "e-1", "url": "http://h"}
    assert "whsec_x" in asked("endpoint", "add", "t", "http://h").stdout


@pytest.mark.parametrize("form, found", [([], "whsec_x\n"), (["--csv"], "e-1,whsec_x\n")])
def test_a_secret_is_in_the_output_where_no_file_takes_it(asked, server, form, found):
    server.answers["POST /v1/trials/t/endpoints/e-1/rotate"] = [{"endpoint": "e-1", "secret": "whsec_x"}]
    done = asked("endpoint", "rotate", "t", "e-1", *form)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(found)
    assert server.requests[0][3] == b""  # that address takes no body


def test_an_endpoint_is_disabled_only_as_it_was_seen(asked, server):
    server.answers["GET /v1/trials/t/endpoints"] = [{"next": None, "items": [
        {"endpoint": "e-0", "version": 9}, {"endpoint": "e-1", "version": 3}]}]
    server.answers["PATCH /v1/trials/t/endpoints/e-1"] = [{"endpoint": "e-1", "state": "disabled"}]
    assert asked("endpoint", "disable", "t", "e-1").returncode == 0
    assert server.header("If-Match") == '"v3"'
    assert server.sent() == {"disabled": True}


def test_a_dead_reminder_is_replayed_with_a_key(asked, server):
    server.answers["POST /v1/trials/t/reminders/r-1/replay"] = [{"reminder": "r-1"}]
    assert asked("reminder", "replay", "t", "r-1").returncode == 0
    assert server.requests[0][3] == b"" and server.header("Idempotency-Key")


def test_nothing_is_locked_without_a_reason(asked, server):
    with open(os.path.join(harness.ROOT, "etc/protocols/work-together.yaml"), encoding="utf-8") as file:
        document = file.read()
    server.answers["GET /v1/trials/work-together/protocols/1"] = [
        {"version": 1, "state": "draft", "sha256": "ab" * 32, "document": document}]
    server.answers["POST /v1/trials/work-together/protocols/1/lock"] = [{
        "version": 1, "state": "locked",
        "commitments": [{"scheme": "rct", "label": "work-together/rct", "commitment": "cd" * 32}]}]
    lock = ["protocol", "lock", "work-together", "1"]
    done = asked(*lock)
    assert done.returncode == 2
    assert "nothing is locked" in done.stderr and "add --reason" in done.stderr
    assert "Phase rct: 72 workplaces" in done.stdout and "Advice:" in done.stdout
    assert [request[0] for request in server.requests] == ["GET"]
    done = asked(*lock, "--reason", "Approved")
    assert done.returncode == 0, done.stderr
    assert server.sent() == {"reason": "Approved", "sha256": "ab" * 32}, "what is locked is what was shown"
    assert "cd" * 32 in done.stdout and "Write them down" in done.stdout
    server.answers["POST /v1/trials/work-together/protocols/1/lock"] = [{"version": 1, "state": "locked", "commitments": []}]
    done = asked(*lock, "--reason", "Approved")
    assert done.stdout.endswith("is locked. No new seed: the earlier commitments stay.\n"), "nobody writes nothing down"


def test_a_look_ahead_at_a_lock_shows_what_is_in_its_way_and_locks_nothing(asked, server):
    with open(os.path.join(harness.ROOT, "etc/protocols/e-h-work.yaml"), encoding="utf-8") as file:
        document = file.read()
    ahead = {"version": 1, "state": "draft", "sha256": "ab" * 32, "lockable": True, "faults": [],
             "advice": [{"pointer": "phases.main.scheme", "line": 46, "column": 5, "message": "p of 1",
                         "remedy": "write p: 0.8", "source": "EMA 2015"}],
             "schemes": [{"scheme": "main", "label": "e-h-work/main", "unit": "participant",
                          "method": "minimisation", "strata": 1, "seed": "new"}]}
    server.answers["GET /v1/trials/e-h-work/protocols/1"] = [
        {"version": 1, "state": "draft", "sha256": "ab" * 32, "document": document}]
    server.answers["GET /v1/trials/e-h-work/protocols/1/advice"] = [ahead]
    lock = ["protocol", "lock", "e-h-work", "1", "--dry-run"]
    done = asked(*lock)
    assert done.returncode == 0, done.stderr
    assert "Consequences at the target" in done.stdout and "simulated" in done.stdout
    assert "Advice: 46:5: phases.main.scheme: p of 1; write p: 0.8 (EMA 2015)" in done.stdout
    assert re.search(r"^main +participant +minimisation +1 +new", done.stdout, re.MULTILINE)
    assert "Nothing is locked" in done.stdout
    assert json.loads(asked(*lock, "--json").stdout) == ahead
    ahead = {**ahead, "lockable": False, "faults": [{
        "pointer": "state", "line": 0, "column": 0, "message": "version 1 is locked already", "remedy": "", "source": ""}]}
    server.answers["GET /v1/trials/e-h-work/protocols/1/advice"] = [ahead]
    done = asked(*lock, "--reason", "Approved")
    assert done.returncode == 6 and "In the way: state: version 1 is locked already" in done.stdout
    assert {request[0] for request in server.requests} == {"GET"}


def test_a_protocol_travels_byte_for_byte(asked, server, tmp_path):
    path = tmp_path / "p.yaml"
    text = "trial: t\r\ntitle: \"Å\"   \n\n# end"
    path.write_bytes(text.encode())
    server.answers["POST /v1/trials/t/protocols"] = [(201, {"version": 3}, {})]
    done = asked("protocol", "submit", "t", str(path))
    assert done.returncode == 0, done.stderr
    assert server.sent() == {"document": text}
    assert "rctctl protocol lock t 3" in done.stdout
    server.answers["GET /v1/trials/t/protocols/3"] = [{"version": 3, "document": text}]
    assert asked("protocol", "show", "t", "3", "--document", text=False).stdout == text.encode()


@pytest.mark.parametrize("content, status", [(b"\xff\xfe", 6), (b"a\x00b", 6)])
def test_a_protocol_that_is_not_text_is_not_sent(asked, server, tmp_path, content, status):
    path = tmp_path / "p.yaml"
    path.write_bytes(content)
    assert asked("protocol", "submit", "t", str(path)).returncode == status
    assert server.requests == []


def test_a_file_that_is_not_there_is_named(asked, server):
    done = asked("workplace", "import", "t", "/nowhere/workplaces.csv")
    assert done.returncode == 3
    assert "/nowhere/workplaces.csv cannot be opened" in done.stderr
    assert server.requests == []


@pytest.mark.parametrize("text, line, column, told", [
    ("name;number;county\nA;12;se-d\nB;13;se-x\n", 3, 6, "column C, county"),
    ("name,number\n\"A, of\nLund\",12\n", 3, 7, "column B, number"),
    (",".join("abcdefghijklmnopqrstuvwxyz") + ",last\n" + "," * 26 + "1\n", 2, 27, "column AA, last"),
    ("850101-2382,Vera\n850102-2381,Rut\n", 1, 13, "column B, identity"),
    ("name,number\nA\n", 2, 1, "column A, name"),
    ("\0\0", 1, 1, "identity"),
])
def test_a_fault_of_a_table_is_told_by_line_and_column_as_a_spreadsheet_shows_them(asked, server, tmp_path, text, line, column, told):
    fault = {"pointer": "identity", "line": line, "column": column, "detail": "is wrong", "remedy": "mend it"}
    server.answers["POST /v1/trials/t/participants/import"] = [problem("invalid-fields", 422, "The file has a fault", errors=[fault])]
    path, listed = tmp_path / "people.csv", tmp_path / "faults.csv"
    path.write_text(text, encoding="utf-8")
    done = asked("participant", "import", "t", str(path))
    assert done.returncode == 6 and "Vera" not in done.stderr
    where = f"{path}:{line}:" + ("1:" if told == "identity" else "")
    assert f"{where} {told}: is wrong; mend it" in done.stderr
    assert asked("participant", "import", "t", str(path), "--faults", str(listed)).returncode == 6
    letter, header = told.replace("column ", "").split(", ") if ", " in told else ("", told)
    assert listed.read_text() == f"line,column,field,fault,remedy\n{line},{letter},{header},is wrong,mend it\n"


def test_an_import_can_come_from_standard_input_and_be_tried_first(asked, server):
    server.answers["POST /v1/trials/t/workplaces/import"] = [{"read": 2, "imported": 0}]
    done = asked("workplace", "import", "t", "-", "--dry-run", stdin="name\nA\nB\n")
    assert done.returncode == 0, done.stderr
    assert server.requests[0][1] == "/v1/trials/t/workplaces/import?dry_run=true"
    assert server.requests[0][3] == b"name\nA\nB\n"
    assert "Nothing is imported yet" in done.stdout


CONSENT = ["participant", "consent", "t", "PK7H3WAT", "--form", "f", "--version", "1", "--scope", "a=yes", "--signed", "2026-11-20",
           "--how", "paper"]


@pytest.mark.parametrize("arguments, path, pointer, told", [
    (CONSENT, "POST /v1/trials/t/participants/PK7H3WAT/consents", "/signed_at", "--signed"),
    (CONSENT, "POST /v1/trials/t/participants/PK7H3WAT/consents", "/signed_by", "--by"),
    (CONSENT, "POST /v1/trials/t/participants/PK7H3WAT/consents", "/scopes/a", "--scope a"),
    (["participant", "add", "t", "sex=woman"], "POST /v1/trials/t/participants", "/attributes/sex", "sex"),
    (["screening", "add", "t", "--state", "declined"], "POST /v1/trials/t/screening", "/workplace", "--people-of"),
    (["participant", "stop", "t", "PK7H3WAT", "--stop", "sms", "--how", "phone"], "POST /v1/trials/t/participants/PK7H3WAT/withdrawals",
     "/stops/0", "--stop"),
    (["workplace", "list", "t", "--search", "x"], "GET /v1/trials/t/workplaces", "?q", "--search"),
    (["trial", "create", "t", "--title", "T"], "POST /v1/trials", "/elsewhere/1", "elsewhere/1"),
])
def test_what_is_wrong_is_named_as_the_user_wrote_it(asked, server, arguments, path, pointer, told):
    server.answers[path] = [problem("invalid-fields", 422, "is wrong", errors=[{"pointer": pointer, "detail": "is wrong"}])]
    done = asked(*arguments)
    assert (done.returncode, done.stderr) == (6, f"rctctl: {told}: is wrong\n")


@pytest.mark.parametrize("text, told", [
    ("name: Alva Ek\nAlva Ek\n", "Line 2 of FILE is not `field: value'"),
    ("\nnme: Alva Ek\n", "Line 2 of FILE is not `field: value'"),
    ('{"name": "Alva Ek",\n x}', "FILE begins like JSON and is none: line 2, character 2"),
])
def test_a_wrong_file_of_an_identity_is_told_by_line_and_without_what_stands_there(asked, server, tmp_path, text, told):
    path = tmp_path / "person.txt"
    path.write_text(text)
    path.chmod(0o600)
    done = asked("identity", "set", "t", "PK7H3WAT", "--identity-file", str(path))
    assert done.returncode == 6 and told.replace("FILE", str(path)) in done.stderr and "Alva" not in done.stderr
    assert server.requests == []
