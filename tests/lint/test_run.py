"""The runners must not call a suite good that is not: whatever goes wrong in a part is counted."""
import os
import stat
import sys

import pytest

import run

sys.path.insert(0, os.path.join(run.ROOT, "tests/store"))
import run_pgtap  # noqa: E402  pylint: disable=wrong-import-position


def program(tmp_path, text):
    path = tmp_path / "test_it"
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize("text, passed, failed", [
    ("echo '100%: Checks: 4, Failures: 0, Errors: 0'", 4, 0),
    ("echo '50%: Checks: 4, Failures: 1, Errors: 1'; exit 1", 2, 2),
    ("echo '100%: Checks: 4, Failures: 0, Errors: 0'; exit 1", 3, 1),
    ("exit 0", 0, 1),
    ("kill -SEGV $$", 0, 1),
])
def test_a_unit_program_that_did_not_do_well_is_counted(tmp_path, text, passed, failed):
    assert run.run_program(program(tmp_path, text))[:2] == (passed, failed)


def test_a_unit_program_that_hangs_is_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "PROGRAM_SECONDS", 0.2)
    monkeypatch.setattr(run, "SLOW", 1)
    good, bad, said = run.run_program(program(tmp_path, "echo before; exec sleep 60"))
    assert (good, bad) == (0, 1)
    assert "no end" in said and "before" in said


@pytest.mark.parametrize("output, status, passed, failed", [
    ("1..2\nok 1 - a\nok 2 - b", 0, 2, 0),
    ("1..2\nok 1 - a\nnot ok 2 - b\n# Failed test 2", 0, 1, 1),
    ("1..3\nok 1 - a\nok 2 - b", 0, 2, 1),
    ("ok 1 - a", 0, 1, 1),
    ("", 0, 0, 1),
    ("1..1\nok 1 - a", 3, 1, 1),
    ("1..1\npsql:x.sql:3: ERROR:  no such table\nok 1 - a", 0, 1, 1),
])
def test_a_database_test_that_did_not_do_well_is_counted(output, status, passed, failed):
    assert run_pgtap.judge(output, status)[:2] == (passed, failed)


@pytest.mark.parametrize("path, only, runs", [
    ("tests/unit/trial/test_urn", [], True),
    ("tests/unit/trial/test_urn", ["tests/unit/trial"], True),
    ("tests/unit/trial/test_urn", ["tests/store", "tests/unit/trial/test_urn.c"], True),
    ("tests/unit/trial/test_urn", ["tests/unit/tri"], False),
    ("tests/store/vault", ["tests/store/vault.sql"], True),
    ("tests/store/vault", ["tests/store/vaults.sql"], False),
])
def test_what_was_chosen_is_run_and_nothing_else(path, only, runs):
    assert run.is_chosen(path, only) is runs


def test_a_choice_of_nothing_is_no_success(monkeypatch):
    monkeypatch.setenv("RCTD_TESTS", "tests/nothing")
    monkeypatch.setattr(run.sys, "argv", ["run.py"])
    assert run.main() == 1
