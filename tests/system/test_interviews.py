"""Interviewers: whose task it is, appointments inside the window with people who may be asked, and who may not
assess whom. Nothing that an interviewer sees tells an arm or a name."""
import concurrent.futures
import datetime

import pytest
from world import ARM_WORDS, PROTOCOL, World, check

DOCUMENT = PROTOCOL.replace("arms:\n", """\
participant:
  attributes:
    sex: {levels: [woman, man]}
consent:
  forms:
    participation: {by: participant, version: 1, languages: [en], scopes: [participate, interview, pass-on-contact]}
  required_before_data: {participant: [participation/participate]}
arms:
""", 1).split("tasks:\n")[0] + """\
tasks:
  talk: {kind: session, arms: [opal, jade], anchor: allocation, at: 10d, window: [-10d, 20d]}
  meeting: {kind: interview, anchor: allocation, at: 10d, window: [-10d, 20d]}
"""


@pytest.fixture(name="world")
def fixture_world(cluster):
    with World(cluster, DOCUMENT, trial="gems") as world:
        yield world


def task_of(world, code, name):
    return next(task for task in world.items("coordinator", f"{world.path}/tasks?state=planned")
                if task["task"] == name and code in (task["workplace"], task["participant"]))["task_id"]


def at(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_task_is_claimed_booked_and_done(world):
    code = world.workplaces(1)[0]
    check(world.allocate(code), 201)
    path = f"{world.path}/tasks/{task_of(world, code, 'meeting')}"
    refused = world.post("interviewer", f"{path}/bookings", {"at": at(3)})
    assert refused.status == 409 and "claim it first" in refused.text
    assert check(world.post("interviewer", f"{path}/claim"))["claimed_by"] == "interviewer"
    assert check(world.post("interviewer", f"{path}/bookings", {"at": at(3)}), 201)["booked"] == 1
    refused = world.post("interviewer", f"{path}/bookings", {"at": at(4)})
    assert refused.status == 409 and "cancel it first" in refused.text
    done = check(world.post("interviewer", f"{path}/outcome", {"outcome": "done"}))
    assert (done["state"], done["claimed_by"], done["booked"]) == ("done", None, 0)
