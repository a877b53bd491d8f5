"""What an office does about consent with rctctl."""
import json
import os

from consent_links import NEUTRAL, PROTOCOL, TEXT, follow
import pytest
from world import World, check


@pytest.fixture(name="world", scope="module")
def world_fixture(cluster):
    with World(cluster, protocol=PROTOCOL, phases=("main", "people")) as one:
        one.workplaces(1)
        yield one


def test_a_coordinator_sees_what_may_be_done_and_why_not(world):
    code = world.people(1)[0]
    shown = world.rctctl("coordinator", "participant", "may", world.trial, code)
    assert shown.returncode == 0, shown.stderr
    lines = {line.split()[0]: line for line in shown.stdout.splitlines()[1:]}
    assert "was never asked" in lines["sms"] and "no" in lines["sms"].split()
    assert lines["allocate"].endswith("yes")
    rows = json.loads(world.rctctl("interviewer", "--json", "participant", "may", world.trial, code).stdout)
    assert {row["action"]: row["objection"] for row in rows}["data"] == "never-asked"
    assert world.rctctl("coordinator", "workplace", "may", world.trial, "W0001").returncode == 0


def test_texts_are_submitted_listed_and_printed_byte_for_byte(world, tmp_path):
    file = tmp_path / "text.txt"
    file.write_text(TEXT, encoding="utf-8")
    words = ("--form", "optional", "--version", "1", "--language", "en")
    refused = world.rctctl("coordinator", "consent", "submit", world.trial, str(file), *words)
    assert refused.returncode == 5 and "trial-manager" in refused.stderr
    done = world.rctctl("trial-manager", "consent", "submit", world.trial, str(file), *words)
    assert done.returncode == 0, done.stderr
    listed = world.rctctl("coordinator", "--csv", "consent", "texts", world.trial).stdout.splitlines()
    assert listed[1].startswith("optional,1,en,")
    assert world.rctctl("researcher", "consent", "text", world.trial, "optional", "1", "en").stdout == TEXT
    assert world.rctctl("researcher", "consent", "text", world.trial, "optional", "2", "en").returncode == 3
    file.write_text("Another", encoding="utf-8")
    assert "never changes" in world.rctctl("trial-manager", "consent", "submit", world.trial, str(file), *words).stderr


def test_a_link_is_made_for_a_script_listed_and_taken_back(world, tmp_path):
    check(world.post("trial-manager", f"{world.path}/consent-texts", {"form": "optional", "version": 1, "language": "en", "text": TEXT}), 201)
    code = world.people(1)[0]
    made = world.rctctl("coordinator", "consent", "link", world.trial, code, "--form", "optional", "--days", "3")
    assert made.returncode == 0 and "shown this once" in made.stderr
    token = made.stdout.strip()
    check(follow(world, "open", token))
    link, = json.loads(world.rctctl("coordinator", "--json", "consent", "links", world.trial, code).stdout)
    assert link["state"] == "open" and link["opened_at"]
    back = world.rctctl("coordinator", "consent", "revoke", world.trial, code, link["link"])
    assert back.returncode == 0 and "does not work any more" in back.stdout
    assert follow(world, "open", token).json()["detail"] == NEUTRAL
    out = tmp_path / "token"
    world.rctctl("coordinator", "consent", "link", world.trial, code, "--form", "optional", "--out", str(out))
    assert os.stat(out).st_mode & 0o777 == 0o600
    check(follow(world, "open", out.read_text(encoding="utf-8").strip()))


def test_nobody_has_to_sign_anew_before_a_form_is_amended(world):
    shown = world.rctctl("coordinator", "consent", "due", world.trial)
    assert (shown.returncode, shown.stdout) == (0, "Nobody has to sign anew.\n")
