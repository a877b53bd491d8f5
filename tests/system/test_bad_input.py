"""Wrong input of every kind: a clear error that names what is wrong, nothing done, nothing lost."""
import json

import pytest
from world import check, key
from world import problem as refusal


def problem(answer, status, slug):
    told = refusal(answer, status, slug)
    assert answer.headers["content-type"] == "application/problem+json" and told["status"] == status, told
    assert told["instance"].startswith("urn:uuid:") and told["title"] and told["detail"]
    for word in ("SELECT", "rctd.", "PQ", "null value", "constraint", ".c:"):
        assert word not in answer.text
    return told


def pointers(told):
    return {fault["pointer"] for fault in told["errors"]}


NEW_TRIAL = {"trial": "more", "title": "More"}


@pytest.mark.parametrize("body, status, slug", [
    (b"", 400, "malformed-request"),
    (b"{", 400, "malformed-request"),
    (b'{"trial": "more", "title": "Mo', 400, "malformed-request"),
    (b"[]", 422, "invalid-fields"),
    (b'"text"', 422, "invalid-fields"),
    (b'{"trial": "more", "title": "a", "title": "b"}', 400, "malformed-request"),
    (b'{"trial": "more", "title": "\xff\xfe"}', 400, "malformed-request"),
    (b'{"trial": "more", "title": "a\\u0000b"}', 400, "malformed-request"),
    (b"[" * 10000 + b"]" * 10000, 400, "malformed-request"),
    (b'{"trial": "more", "title": ' + b"[" * 40 + b"]" * 40 + b"}", 400, "malformed-request"),
    (json.dumps({"trial": "more", "title": 7}).encode(), 422, "invalid-fields"),
    (json.dumps({"trial": "More!", "title": "x"}).encode(), 422, "invalid-fields"),
    (json.dumps({"title": "x"}).encode(), 422, "invalid-fields"),
    (json.dumps({**NEW_TRIAL, "colour": "red"}).encode(), 422, "invalid-fields"),
    (json.dumps({**NEW_TRIAL, "title": "x" * 501}).encode(), 422, "invalid-fields"),
    (json.dumps({**NEW_TRIAL, "title": "x" * 200000}).encode(), 413, "too-large"),
], ids=lambda value: repr(value)[:30])
def test_a_bad_body_is_refused_and_nothing_is_made(world, body, status, slug):
    problem(world.as_role("administrator", "POST", "/v1/trials", body), status, slug)
    assert {item["trial"] for item in world.items("administrator", "/v1/trials")} == {"gems"}


def test_every_fault_of_a_body_is_listed_with_its_pointer(world):
    answer = world.as_role("administrator", "POST", "/v1/trials", {"trial": "A B", "title": "", "colour": 1})
    told = problem(answer, 422, "invalid-fields")
    assert pointers(told) == {"/trial", "/title", "/colour"}
    assert all(fault["detail"] for fault in told["errors"])


@pytest.mark.parametrize("header", [
    {}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": "Bearer x"}, {"Authorization": "Basic Zm9vOmJhcg=="},
    {"Authorization": "Bearer rctd_" + "A" * 43 + "000000"}, {"Authorization": "Bearer " + "A" * 5000},
    {"Authorization": "Bearer rctd_'; DROP TABLE rctd.account; --"},
])
def test_a_bad_or_missing_token_is_refused(world, header):
    answer = world.daemon.client().get("/v1/me", headers=header)
    told = problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "rctd_" not in told["detail"]


def test_wrong_method_path_and_content_type_are_named(world):
    answer = world.as_role("coordinator", "DELETE", f"{world.path}/allocations")
    problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["allow"].replace(" ", "").split(",")) >= {"GET", "POST"}
    problem(world.get("coordinator", "/v1/nothing"), 404, "not-found")
    problem(world.post("administrator", "/v1/trials", json.dumps(NEW_TRIAL), headers={"Content-Type": "text/plain"}), 415,
            "unsupported-media-type")
    problem(world.post("coordinator", f"{world.path}/workplaces/import", "{}"), 415, "unsupported-media-type")
    problem(world.get("coordinator", f"{world.path}/workplaces?colour=red"), 422, "invalid-fields")
    problem(world.get("coordinator", f"{world.path}/workplaces?limit=0"), 422, "invalid-fields")


def test_a_csv_file_with_a_bad_number_in_line_7_says_so_and_imports_nothing(world):
    lines = world.table(12).splitlines()
    lines[6] = lines[6].replace("000005", "00005X")
    told = problem(world.import_table("\n".join(lines)), 422, "invalid-fields")
    assert [(fault["line"], fault["pointer"]) for fault in told["errors"]] == [(7, "number")]
    assert told["errors"][0]["column"] == len("Workplace 5,") + 1
    assert "12" not in told["detail"] and "nothing was imported" in told["detail"]
    assert world.items("coordinator", f"{world.path}/workplaces") == []


def test_every_fault_of_a_csv_file_is_listed(world):
    text = ("name;number;sector;employees;county;colour\n"
            "One;000001;public;5;north;red\n"
            ";000002;private;5;north;\n"
            "Three;000003;council;5;north;\n"
            "Four;000004;public;none;north;\n"
            "Five;000001;public;5;north;\n"
            "Six;;public;5;west;\n")
    told = problem(world.import_table(text), 422, "invalid-fields")
    found = {(fault["line"], fault["pointer"]) for fault in told["errors"]}
    assert found == {(1, "colour"), (3, "name"), (4, "sector"), (5, "employees"), (6, "duplicate"), (7, "number"), (7, "county")}
    assert world.items("coordinator", f"{world.path}/workplaces") == []


@pytest.mark.parametrize("text, line", [
    ("", None), ("name,number\n", None), ("name,number,sector,employees\n\"open,000001,public,5\n", 2),
    ("name,number,sector,employees\nA,000001,public\n", 2), ("name,number,sector,employees\nA,000001,public,5,6\n", 2),
    (b"name,number,sector,employees\nA\x00,000001,public,5\n", None),
])
def test_a_broken_table_is_refused(world, text, line):
    told = problem(world.import_table(text), 422, "invalid-fields")
    if line:
        assert line in {fault.get("line") for fault in told["errors"]}
    assert world.items("coordinator", f"{world.path}/workplaces") == []


def test_a_spreadsheets_own_file_is_read_as_it_is(world):
    text = "\ufeffName;Number;Sector;Employees\r\n\"Kök; \"\"Gård\"\"\";000001;public;12\r\nTvå\r\n".replace("Två\r\n", "")
    made = check(world.import_table(text.encode("utf-8")))
    assert made["imported"] == 1 and made["delimiter"] == ";" and made["encoding"] == "UTF-8"
    made = check(world.import_table("name\tnumber\tsector\temployees\nÅsa å\t000002\tprivate\t300\n".encode("cp1252")))
    assert made["encoding"] == "WINDOWS-1252"
    made = check(world.import_table("name;number;sector;employees;;\nA;000003;public;12;;\n;;;;;\n"))
    assert made["imported"] == 1
    names = [item["name"] for item in world.items("coordinator", f"{world.path}/workplaces")]
    assert names == ['Kök; "Gård"', "Åsa å", "A"]


def test_a_column_without_a_name_or_named_twice_is_one_fault(world):
    told = problem(world.import_table("name;number;sector;employees;\nA;000001;public;5;?\n"), 422, "invalid-fields")
    assert [(fault["line"], fault["column"]) for fault in told["errors"]] == [(2, 19)]
    assert "no name" in told["errors"][0]["detail"]
    told = problem(world.import_table("name;number;Name;sector;employees\nA;000001;B;public;5\n"), 422, "invalid-fields")
    assert [(fault["line"], fault["column"]) for fault in told["errors"]] == [(1, 13)]


def test_a_workbook_is_named_as_such(world):
    told = problem(world.import_table(b"PK\x03\x04\x14\x00\x06\x00" + bytes(100)), 422, "invalid-fields")
    assert ".xlsx" in told["errors"][0]["detail"] and "CSV UTF-8" in told["errors"][0]["remedy"]


def test_importing_the_same_workplace_twice_is_refused(world):
    check(world.import_table(world.table(4)))
    told = problem(world.import_table(world.table(3, first=3)), 422, "invalid-fields")
    assert [(fault["line"], fault["pointer"]) for fault in told["errors"]] == [(2, "duplicate")]
    assert "W0004" in told["errors"][0]["detail"]
    assert len(world.items("coordinator", f"{world.path}/workplaces")) == 4


def test_a_dry_run_of_an_import_registers_nothing(world):
    told = check(world.import_table(world.table(4), query="?dry_run=true"))
    assert told["read"] == 4 and told["imported"] == 0
    assert world.items("coordinator", f"{world.path}/workplaces") == []


FAULTY = """\
trial: Gems
title: Gems
time_zone: Stockholm
languages: [en]
colour: red
workplace:
  identifiers:
    number: {type: se-orgnumber, required: maybe}
  attributes:
    size: {from: staff, bands: {"1-9": [9, 1]}}
  eligible:
    - {id: own, need: "employees >< 10"}
arms:
  opal: {label: {en: Opal}}
  jade: {label: {en: Jade}}
phases:
  main:
    scheme:
      unit: office
      method: permuted-blocks
      ratio: {opal: 2, onyx: 1}
      strata: [sector]
      blocks: [4]
tasks:
  talk: {kind: chat, anchor: allocation, at: soon, window: [-2d, 2d]}
"""


def test_a_protocol_with_twelve_faults_gives_them_all_with_line_and_column(world):
    answer = world.post("trial-manager", f"{world.path}/protocols", {"document": FAULTY, "reason": "x"})
    told = problem(answer, 422, "invalid-fields")
    lines = [fault["line"] for fault in told["errors"]]
    assert len(lines) >= 12 and lines == sorted(lines)
    assert {1, 3, 5, 8, 10, 12, 19, 20, 21, 25} <= set(lines)
    assert all(fault["column"] > 0 for fault in told["errors"])
    assert [version["version"] for version in world.items("researcher", f"{world.path}/protocols")] == [1]


def test_stale_and_missing_preconditions_are_told_apart(world):
    path = "/v1/accounts/researcher"
    problem(world.as_role("administrator", "PATCH", path, {"display": "R"}), 428, "precondition-required")
    problem(world.as_role("administrator", "PATCH", path, {"display": "R"}, headers={"If-Match": '"999"'}), 412, "stale")
    etag = world.get("administrator", path).headers["etag"]
    check(world.as_role("administrator", "PATCH", path, {"display": "R"}, headers={"If-Match": etag}))


@pytest.mark.parametrize("body, pointer", [
    ({"form": "nothing"}, "/form"), ({"version": 9}, "/version"), ({"scopes": {"participate": True, "other": True}}, "/scopes/other"),
    ({"scopes": {}}, "/scopes"), ({"signed_at": "2999-01-01T00:00:00Z"}, "/signed_at"), ({"signed_at": "yesterday"}, "/signed_at"),
    ({"signed_at": "2026-02-30T00:00:00Z"}, "/signed_at"), ({"shown_at": "2026-06-01T00:00:00Z"}, "/shown_at"),
    ({"how": "pigeon"}, "/how"), ({"decision": "maybe"}, "/decision"), ({"signed_by": ""}, "/signed_by"),
])
def test_a_wrong_agreement_is_refused_by_field(forms, body, pointer):
    good = {"form": "employer", "version": 1, "decision": "given", "scopes": {"participate": True}, "signed_by": "N.N.",
            "signed_at": "2026-05-01T00:00:00Z", "how": "paper"}
    path = f"{forms.path}/workplaces/W0001/agreements"
    told = problem(forms.post("coordinator", path, {**good, **body}), 422, "invalid-fields")
    assert any(found.startswith(pointer) for found in pointers(told)), told
    assert forms.items("coordinator", path) == []


def test_an_unknown_workplace_is_not_found(world):
    problem(world.get("coordinator", f"{world.path}/workplaces/W0001"), 404, "not-found")
    problem(world.allocate("W0001", key=key()), 404, "not-found")


@pytest.mark.parametrize("role, path", [
    ("statistician", "allocations"), ("statistician", "allocations?order=position"), ("statistician", "attempts"), ("coordinator", "tasks"),
    ("coordinator", "queue"), ("coordinator", "deviations"), ("coordinator", "reminders"), ("coordinator", "screening"),
    ("auditor", "audit"), ("auditor", "audit/records"), ("trial-manager", "identity/rotation"), ("trial-manager", "unblindings"),
])
def test_a_cursor_of_another_list_is_named_as_such_by_every_list(world, role, path):
    told = problem(world.get(role, f"{world.path}/{path}{'&' if '?' in path else '?'}after=YWJj"), 422, "invalid-fields")
    assert [fault["pointer"] for fault in told["errors"]] == ["?after"] and "cursor" in told["detail"]


def test_a_list_narrowed_by_a_name_that_nothing_has_is_refused_with_the_near_one(forms):
    check(forms.post("coordinator", f"{forms.path}/workplaces/W0001/staff", {"staff": "M014", "kind": "manager"}, key=key()), 201)
    for role, path, given, near in (
            ("researcher", "workplaces?scheme", "mian", "main"), ("researcher", "allocations?scheme", "mian", "main"),
            ("coordinator", "participants?scheme", "mian", "main"), ("coordinator", "deviations?scheme", "mian", "main"),
            ("coordinator", "workplaces?county", "nroth", "north"), ("coordinator", "reconsents?form", "emplyer", "employer"),
            ("coordinator", "staff?staff", "M041", "M014")):
        told = problem(forms.get(role, f"{forms.path}/{path}={given}"), 422, "invalid-fields")
        assert given in told["errors"][0]["detail"] and told["errors"][0]["remedy"] == f"did you mean `{near}`?", told
        assert forms.items(role, f"{forms.path}/{path}={near}") == [] or path in ("workplaces?county", "staff?staff")
    for path in ("participants?workplace=W0099", "tasks?workplace=W0099", "tasks?participant=PK7H3WAT", "allocations?workplace=W0099",
                 "screening?workplace=W0099", "staff?workplace=W0099"):
        told = problem(forms.get("coordinator", f"{forms.path}/{path}"), 404, "not-found")
        assert path.split("=")[1] in told["detail"]
        assert forms.items("coordinator", f"{forms.path}/{path}".replace("W0099", "W0002").split("?participant")[0]) == []


def test_a_filter_tells_a_bounded_role_nothing_of_what_lies_outside(forms):
    counties = {w["code"]: w["county"] for w in forms.items("coordinator", f"{forms.path}/workplaces")}
    north = next(code for code, county in counties.items() if county == "north")
    check(forms.post("coordinator", f"{forms.path}/workplaces/{north}/staff", {"staff": "M014", "kind": "manager"}), 201)
    for role in ("researcher", "interviewer", "coordinator"):
        token = forms.account(f"bound-{role}", role, county="south")
        for path, there, nowhere in (
                ("tasks?workplace", north, "W0099"), ("participants?workplace", north, "W0099"), ("staff?workplace", north, "W0099"),
                ("allocations?workplace", north, "W0099"), ("workplaces/changes?workplace", north, "W0099"), ("staff?staff", "M014", "M099"),
                ("knowledge?workplace", north, "W0099"), ("unblindings?workplace", north, "W0099")):
            one, other = (forms.daemon.get(f"{forms.path}/{path}={name}", token=token) for name in (there, nowhere))
            told = [{**answer.json(), "instance": None} for answer in (one, other)]
            assert json.dumps(told[0]).replace(there, nowhere) == json.dumps(told[1]), (role, path, told)
            assert one.status in (200, 403, 404) and one.status == other.status, (role, path, one)


def test_an_account_that_has_no_role_here_narrows_no_list(world):
    for path in ("unblindings", "knowledge"):
        told = problem(world.get("auditor", f"{world.path}/{path}?account=coordinater"), 422, "invalid-fields")
        assert pointers(told) == {"?account"} and told["errors"][0]["remedy"] == "did you mean `coordinator`?", told
    told = [problem(world.get("interviewer", f"{world.path}/unblindings?account={name}"), 422, "invalid-fields")
            for name in ("coordinator", "nobody")]
    assert told[0]["errors"] == told[1]["errors"], "a blinded role is not told whether there is such an account"
    assert world.items("interviewer", f"{world.path}/unblindings?account=interviewer") == []
