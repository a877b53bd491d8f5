"""rctctl ledger export: a file that is whole, in its order, or none."""
import csv
import hashlib
import io

import pytest

from cli.scripted import problem

COLUMNS = ("trial,scheme,stratum,position,unit,kind,arm,phase,protocol_version,method,decision,allocated_at,allocated_by,"
           "key,receipt")


def item(stratum, position, **more):
    return {"allocation": f"id-{stratum}-{position}", "scheme": "rct", "phase": "rct", "kind": "workplace",
            "workplace": f"W{stratum}{position}", "participant": None, "name": "Å", "protocol_version": 1,
            "allocated_at": "2026-11-22T08:30:00.000000Z", "allocated_by": "anna", "stratum": f"size={stratum}",
            "position": position, "arm": "control", "arm_label": "As usual", "randomised": True, "method": "simple",
            "decision": {"counts": [position - 1, 0]}, "key": f"k{stratum}{position}", "receipt": "c0ff-ee00-1234-abcd", **more}


def page(*items, after=None):
    return {"items": list(items), "next": after}


@pytest.fixture(name="ledger")
def make_ledger(server):
    """Three pages; the strata in an order that a Swedish database would give them."""
    server.answers["GET /v1/trials/t/allocations"] = [
        page(item("ä", 1), item("ä", 2), after="one"), page(item("ä", 3), item("a-b", 1), after="two"), page(item("Z", 1))]
    server.answers["GET /v1/trials/t/schemes"] = [page({"scheme": "rct", "commitment": "ab" * 32})]
    return server


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def test_pages_become_one_file_in_bytewise_order(asked, ledger, tmp_path):
    out = tmp_path / "ledger.csv"
    done = asked("ledger", "export", "t", "--out", str(out))
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert out.read_text(encoding="utf-8").splitlines()[0] == COLUMNS
    assert [(row["stratum"], row["position"]) for row in rows_of(out)] == [
        ("size=Z", "1"), ("size=a-b", "1"), ("size=ä", "1"), ("size=ä", "2"), ("size=ä", "3")]
    assert rows_of(out)[3] == {
        "trial": "t", "scheme": "rct", "stratum": "size=ä", "position": "2", "unit": "Wä2", "kind": "workplace",
        "arm": "control", "phase": "rct", "protocol_version": "1", "method": "simple", "decision": '{"counts":[1,0]}',
        "allocated_at": "2026-11-22T08:30:00.000000Z", "allocated_by": "anna", "key": "kä2", "receipt": "c0ff-ee00-1234-abcd"}
    assert f"5 allocations of t, SHA-256 {hashlib.sha256(out.read_bytes()).hexdigest()}" in done.stderr
    assert f"rct: 5 of them, commitment {'ab' * 32}" in done.stderr
    asks = [path for _, path, _, _ in ledger.requests if "allocations" in path]
    assert all("order=position" in path and "limit=1000" in path for path in asks)
    assert ["after=one" in path or "after=two" in path for path in asks] == [False, True, True]


def test_without_a_file_the_ledger_goes_to_standard_output(asked, ledger):
    done = asked("ledger", "export", "t", "--scheme", "rct")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 6 and done.stdout.startswith(COLUMNS)
    assert all("scheme=rct" in path for _, path, _, _ in ledger.requests if "allocations" in path)


def test_a_participants_row_has_the_participants_code(asked, ledger, tmp_path):
    ledger.answers["GET /v1/trials/t/allocations"] = [
        page(item("a", 1, kind="participant", workplace=None, participant="PK7Q-2"))]
    assert asked("ledger", "export", "t", "--out", str(tmp_path / "out.csv")).returncode == 0
    assert [(row["unit"], row["kind"]) for row in rows_of(tmp_path / "out.csv")] == [("PK7Q-2", "participant")]


def test_an_empty_ledger_is_a_file_with_a_header(asked, ledger, tmp_path):
    ledger.answers["GET /v1/trials/t/allocations"] = [page()]
    done = asked("ledger", "export", "t", "--out", str(tmp_path / "out.csv"))
    assert done.returncode == 0 and (tmp_path / "out.csv").read_text(encoding="utf-8") == COLUMNS + "\n"


@pytest.mark.parametrize("answer, status", [
    (problem("busy", 503, "rctd is busy", errors=[]), 7),
    (problem("not-found", 404, "There is no such thing here"), 3),
    ({"items": [{"allocation": "x", "scheme": "rct"}], "next": None}, 5),
])
def test_what_breaks_off_leaves_no_half_file(asked, ledger, tmp_path, answer, status):
    ledger.answers["GET /v1/trials/t/allocations"][1:] = [answer]
    (tmp_path / "ledger.csv").write_text("the one before", encoding="utf-8")
    done = asked("ledger", "export", "t", "--out", str(tmp_path / "ledger.csv"))
    assert done.returncode == status, done
    assert (tmp_path / "ledger.csv").read_text(encoding="utf-8") == "the one before"
    assert [path.name for path in tmp_path.iterdir() if "ledger" in path.name] == ["ledger.csv"]


def test_who_may_not_know_what_was_decided_on_is_told_who_may(asked, ledger):
    blinded = item("a", 1)
    del blinded["decision"], blinded["method"]
    ledger.answers["GET /v1/trials/t/allocations"] = [page(blinded)]
    done = asked("ledger", "export", "t")
    assert done.returncode == 5 and "a statistician or an auditor" in done.stderr and done.stdout == ""
    ledger.answers["GET /v1/trials/t/allocations"] = [problem("forbidden", 403, "An order is for others")]
    done = asked("ledger", "export", "t")
    assert done.returncode == 5 and "a statistician or an auditor" in done.stderr


def test_a_place_that_cannot_be_written_is_named(asked, ledger):
    done = asked("ledger", "export", "t", "--out", "/dev/full/ledger.csv")
    assert done.returncode == 1 and "/dev/full/ledger.csv cannot be written" in done.stderr


def test_json_is_refused_with_the_command_that_has_it(asked, ledger):
    done = asked("--json", "ledger", "export", "t")
    assert done.returncode == 2 and "rctctl ledger list" in done.stderr and ledger.requests == []
