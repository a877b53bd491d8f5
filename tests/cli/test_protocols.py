"""The protocols that come with rctd are right, and show what they are there to show."""
import csv
import glob
import io
import json
import os

import pytest

import harness

PROTOCOLS = sorted(glob.glob(os.path.join(harness.ROOT, "etc/protocols/*.yaml")))


@pytest.mark.parametrize("path", PROTOCOLS, ids=[os.path.basename(path) for path in PROTOCOLS])
def test_a_newcomer_copies_a_protocol_that_is_right(rctctl, path):
    done = rctctl("protocol", "check", path, "--json")
    assert done.returncode == 0, done.stdout
    report = json.loads(done.stdout)
    assert report["right"] and report["faults"] == []
    assert report["summary"]["trial"] + ".yaml" == os.path.basename(path)
    assert all(scheme["target"] > 0 for scheme in report["summary"]["schemes"])


def test_a_mistyped_zone_and_list_of_holidays_are_told_without_a_server(rctctl, tmp_path):
    with open(os.path.join(harness.ROOT, "etc/protocols/work-together.yaml"), encoding="utf-8") as file:
        text = file.read()
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(text.replace("holidays: SE", "holidays: SV").replace("Europe/Stockholm", "Europe/Stokholm"))
    done = rctctl("protocol", "check", str(wrong))
    assert done.returncode == 6
    assert done.stdout.splitlines() == [
        f"{wrong}:9:12: time_zone: there is no time zone `Europe/Stokholm`; did you mean `Europe/Stockholm`?",
        f"{wrong}:14:13: calendar.holidays: there is no list of holidays `SV`; did you mean `SE`?",
        f"2 faults in {wrong}"]


def test_the_protocols_show_one_design_each(rctctl):
    methods = set()
    for path in PROTOCOLS:
        summary = json.loads(rctctl("protocol", "check", path, "--json").stdout)["summary"]
        methods |= {(scheme["unit"], scheme["method"]) for scheme in summary["schemes"]}
    assert methods == {("workplace", "permuted-block"), ("workplace", "constrained"),
                       ("workplace", "nonrandom-comparison"), ("participant", "minimisation")}


def test_a_spreadsheet_gets_what_the_designs_lead_to_and_advice_goes_to_the_eye(rctctl):
    path = os.path.join(harness.ROOT, "etc/protocols/work-together.yaml")
    done = rctctl("protocol", "check", path, "--csv")
    assert done.returncode == 0
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["scheme"] for row in rows] == ["feasibility", "rct"]
    assert 0.5 < float(rows[1]["consequences.correct_guess"]) < 0.6 and rows[1]["consequences.exact"] == "yes"
    assert done.stderr.startswith(f"Advice: {path}:69:5: ")
    done = rctctl("protocol", "check", os.path.join(harness.ROOT, "tests/golden/protocol/twelve-faults.yaml"), "--csv")
    assert done.returncode == 6 and len(done.stdout.splitlines()) == 1
    assert len(done.stderr.splitlines()) == 12
