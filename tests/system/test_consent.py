"""An agreement counts as long as the workplace stands by it: a form that is amended, or signed anew, takes nobody out
of the trial and stops no reminder; a no does, at once."""
import harness
import pytest
from world import World, check

FORMS = """\
trial: gems
title: {en: Forms}
registration: none
time_zone: Europe/Stockholm
languages: [en]
calendar: {working_hours: Mon-Sun 09:00-18:00}
workplace:
  identifiers: {number: {type: pattern, pattern: "^[0-9]{6}$", required: true}}
  attributes: {sector: {levels: [public, private]}, employees: {type: integer}, county: {levels: [north, south]}}
consent:
  forms:
    employer: {by: workplace, version: 1, from: 2026-01-01, languages: [en], scopes: [participate, visit]}
    photos: {by: workplace, version: 1, languages: [en], scopes: [print]}
  required_before_allocation: {workplace: [employer/participate]}
arms: {opal: {label: {en: Opal}}, jade: {label: {en: Jade}}}
phases:
  main: {scheme: {unit: workplace, method: permuted-block, ratio: {opal: 1, jade: 1}, blocks: [2, 4]}}
instruments:
  mood: {items: 3, range: [1, 5], scores: {sum: all}, missing: none}
tasks:
  form: {kind: questionnaire, anchor: allocation, at: 30d, window: [-5d, 5d], instruments: [mood]}
reminders:
  questionnaire:
    - {at: window-open, channel: email, template: invitation}
"""


@pytest.fixture(name="amended")
def amended_fixture(cluster):
    """Two allocated workplaces that have signed version 1 of a form of which version 2 is in force."""
    with World(cluster, protocol=FORMS, arguments=("--rehearsal",)) as made:
        for code in made.workplaces(2):
            agree(made, code)
            check(made.allocate(code), 201)
        made.lock(made.protocol.replace("employer: {by: workplace, version: 1", "employer: {by: workplace, version: 2"))
        yield made


def agree(world, code, form="employer", version=1, scopes=None, decision="given"):
    body = {"form": form, "version": version, "decision": decision, "signed_by": "A. Director", "signed_at": "2026-01-01T09:00:00Z", "how": "paper"}
    if decision == "given":
        body["scopes"] = scopes or {"participate": True, "visit": True}
    return check(world.post("coordinator", f"{world.path}/workplaces/{code}/agreements", body))


def state(world, code):
    return check(world.get("coordinator", f"{world.path}/workplaces/{code}"))["state"]


def test_another_form_or_the_version_before_takes_nobody_out_of_the_trial(amended):
    assert agree(amended, "W0001", form="photos", scopes={"print": False})["workplace_withdrawn"] is False
    assert agree(amended, "W0001", version=1)["workplace_withdrawn"] is False
    assert agree(amended, "W0001", version=2)["workplace_withdrawn"] is False
    assert agree(amended, "W0001", version=2, scopes={"participate": True, "visit": False})["workplace_withdrawn"] is False
    assert state(amended, "W0001") == "allocated"
    assert {task["state"] for task in amended.items("coordinator", f"{amended.path}/tasks")} == {"planned"}


@pytest.mark.parametrize("version", [1, 2])
def test_a_no_takes_a_workplace_out_at_once_whatever_its_version(amended, version):
    assert agree(amended, "W0001", version=version, scopes={"participate": False, "visit": True})["workplace_withdrawn"] is True
    assert agree(amended, "W0002", version=version, decision="withdrawn")["workplace_withdrawn"] is True
    assert (state(amended, "W0001"), state(amended, "W0002")) == ("withdrawn", "withdrawn")
    assert {task["state"] for task in amended.items("coordinator", f"{amended.path}/tasks")} == {"cancelled"}


def test_a_form_that_is_signed_anew_stops_no_reminder(amended):
    agree(amended, "W0001", version=2)
    check(amended.post("trial-manager", f"{amended.path}/endpoints", {"url": "http://127.0.0.1:9/hook"}, key=None))
    check(amended.post("administrator", "/v1/rehearsal/advance", {"days": 26}))

    def tried():
        return all(item["state"] == "cancelled" or item["attempts"] for item in amended.items("coordinator", f"{amended.path}/reminders"))
    harness.wait_until(tried, "the reminders to be sent or stopped")
    assert "cancelled" not in {item["state"] for item in amended.items("coordinator", f"{amended.path}/reminders")}
