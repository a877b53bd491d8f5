"""A participant's whole life, from registration to erasure: who they are is in no log, metric, message, export, list or
address, but where somebody read it for a purpose, and in what an endpoint for contact details was made to get."""
import json
import os
import re
import subprocess

import harness
from people import ANNA, PROTOCOL, People
import pytest
from receiver import Receiver
from trail import verify
from world import World, check

PROTOCOL = PROTOCOL.replace("STORE", "vault").replace(
    "scopes: [participate, pass-on-contact, register-linkage]",
    "scopes: [participate, questionnaires, pass-on-contact, sms, register-linkage]").replace(
    "languages: [en]\n", "languages: [en]\ncalendar: {working_hours: Mon-Sun 09:00-18:00}\n", 1) + """\
instruments:
  mood: {items: 3, range: [1, 5], scores: {sum: all}, missing: none}
tasks:
  form: {kind: questionnaire, anchor: allocation, at: 30d, window: [-5d, 5d], instruments: [mood]}
  talk: {kind: call, anchor: allocation, at: 30d, window: [-5d, 5d]}
reminders:
  questionnaire:
    - {at: window-open, channel: email, template: invitation}
  call:
    - {at: window-open, channel: sms, template: appointment}
"""
PHONE = "+46701740605"
TRACES = ("Vävare", "V\\u00e4vare", "Quist", "701740605", "174 06 05", "anna.vavare", "Väverivägen", "V\\u00e4veriv",
          "8501012382", "850101-2382", "19850101")


class Life(People):
    """One trial in rehearsal with a receiver of e-mail without contact details and one of text messages with them."""

    def __init__(self, world):
        super().__init__(world)
        self.receivers = {}
        for channel, contact in (("email", False), ("sms", True)):
            receiver = Receiver([]).start()
            made = check(world.post("trial-manager", f"{world.path}/endpoints", {
                "url": receiver.url, "channel": channel, "contact_details": contact}, key=None), 201)
            assert made["contact_details"] is contact
            receiver.secrets.append(made["secret"])
            receiver.endpoint = made["endpoint"]
            self.receivers[channel] = receiver

    def joined(self, identity, **scopes):
        code = self.add(identity)
        self.consent(code, **{"questionnaires": True, "sms": True, **scopes})
        check(self.world.allocate_person(code, "main.people"), 201)
        return code

    def advance(self, days):
        check(self.world.post("administrator", "/v1/rehearsal/advance", {"days": days}))


@pytest.fixture
def life(cluster):
    with World(cluster, protocol=PROTOCOL, arguments=("--rehearsal",)) as world:
        made = Life(world)
        yield made
        for receiver in made.receivers.values():
            receiver.stop()


def bodies(receiver):
    return [body.decode() for _, body, _ in receiver.requests]


def test_who_somebody_is_goes_nowhere_from_registration_to_erasure(life, tmp_path):
    world = life.world
    code = life.joined(ANNA)
    life.register(ANNA)
    life.register({**ANNA, "number": "850101-2383"})
    check(life.change(code, address="Väverivägen 19"))
    life.advance(27)
    assert life.receivers["email"].wait(lambda r: len(r.taken) == 1)
    assert life.receivers["sms"].wait(lambda r: len(r.taken) == 1)
    for purpose in ("contact", "safety"):
        assert check(life.read(code, purpose), 201)["identity"]["name"] == ANNA["name"]
    told = []
    # The text message's endpoint gets the number to send to, and nothing else; the other gets nothing.
    message = json.loads(bodies(life.receivers["sms"])[0])
    assert message["data"]["contact"] == {"phone": PHONE} and message["data"]["unit"] == code
    told.append(bodies(life.receivers["sms"])[0].replace(PHONE, ""))
    assert "contact" not in json.loads(bodies(life.receivers["email"])[0])["data"]
    told += bodies(life.receivers["email"])
    readings = world.items("auditor", f"{world.path}/identity/readings")
    assert [(r["endpoint"], r["fields"]) for r in readings if r["account"] is None] == [
        (life.receivers["sms"].endpoint, ["phone"])]
    check(world.post("administrator", f"{world.path}/identity/rotation", {"reason": "Once a year"}), 202)
    # Every list and export that there is.
    paths = [route for route, methods in check(world.get("administrator", "/openapi.json"))["paths"].items()
             if "get" in methods and "{trial}" in route]
    for path in paths:
        path = path.replace("{trial}", world.trial).replace("{participant}", code).replace("{workplace}", "W0001")
        path = re.sub(r"\{scheme\}", "main.people", path)
        if "{" not in path:
            told += [world.get(role, path).text for role in world.tokens]
    export = tmp_path / "ledger.csv"
    for role, command in (("statistician", ["ledger", "export", "gems", "--out", str(export)]),
                          ("auditor", ["--csv", "audit", "list", "gems"]), ("coordinator", ["--csv", "participant", "list", "gems"]),
                          ("auditor", ["--csv", "identity", "readings", "gems"])):
        done = subprocess.run([harness.RCTCTL, *command], capture_output=True, text=True, check=True, env={
            **os.environ, "RCTD_URL": world.daemon.url, "RCTD_TOKEN": world.tokens[role], "HOME": "/nonexistent"})
        told += [done.stdout, done.stderr]
    told.append(export.read_text(encoding="utf-8"))
    check(world.post("trial-manager", f"{life.path}/{code}/erasure", {
        "requested_by": "participant", "how": "paper", "reason": "objection"}), 201)
    told += [world.daemon.get("/metrics").text, world.daemon.log()]
    found = sorted({trace for trace in TRACES for text in told if trace in text})
    assert not found
    assert len(told) > 200 and code in "".join(told)
    assert verify(world)[:2] == (0, {})


def test_an_endpoint_gets_no_contact_of_who_has_not_agreed_and_nothing_after_a_stop(life):
    world = life.world
    silent = life.joined({"number": "189001019802", "phone": "0701740605"}, pass_on_contact=False)
    stopped = life.joined(ANNA)
    check(world.post("coordinator", f"{life.path}/{stopped}/withdrawals", {
        "decision": "stop", "stops": ["contact"], "decided_by": "participant", "how": "phone"}), 200, 201)
    ready = life.joined({"phone": "0701740606", "email": "bo@example.se"})
    life.advance(27)
    assert life.receivers["sms"].wait(lambda r: len(r.taken) == 1)
    assert not life.receivers["sms"].wait(lambda r: len(r.requests) > 1, 2)
    assert [json.loads(body)["data"]["unit"] for body in bodies(life.receivers["sms"])] == [ready]
    readings = world.items("auditor", f"{world.path}/identity/readings")
    assert [r["participant"] for r in readings] == [ready] and silent and stopped


def test_who_left_no_number_is_reminded_without_one(life):
    code = life.joined({"email": "bo@example.se"})
    life.advance(27)
    assert life.receivers["sms"].wait(lambda r: len(r.taken) == 1)
    message = json.loads(bodies(life.receivers["sms"])[0])
    assert message["data"]["unit"] == code and message["data"]["contact"] == {"phone": None}


def test_an_endpoint_is_made_for_contact_details_by_channel_and_never_becomes_so(life):
    world = life.world
    answer = world.post("trial-manager", f"{world.path}/endpoints", {"url": "https://example.org/x", "contact_details": True}, key=None)
    assert answer.status == 422 and "one channel" in answer.text, answer
    listed = world.items("trial-manager", f"{world.path}/endpoints")
    assert {row["channel"]: row["contact_details"] for row in listed} == {"email": False, "sms": True}
    done = subprocess.run([harness.PSQL, "-XqAt", "-d", world.cluster.superuser(world.database)], text=True, capture_output=True, check=False,
                          input="SET ROLE rctd_manager; UPDATE rctd.endpoint SET contact_details = true;")
    assert "permission denied" in done.stderr, done


def test_a_server_that_logs_every_statement_with_its_values_logs_nobody():
    """Only boxes and keyed hashes reach PostgreSQL; an error's detail has not even these."""
    logs = {"log_statement": "'all'", "log_min_duration_statement": 0, "log_parameter_max_length_on_error": -1}
    with harness.Cluster(settings=logs) as cluster, World(cluster, protocol=PROTOCOL) as world:
        people = People(world)
        code, other = people.add(ANNA), people.add({"name": "Bo"})
        assert people.register(ANNA).status == 409 and people.change(other, number=ANNA["number"]).status == 409
        check(people.read(code, "safety"), 201)
        check(world.first_password("auditor", "correct horse battery staple"))
        kept = cluster.sql(world.database, "SELECT encode(number_hash, 'hex') FROM rctd_vault.identity WHERE number_hash IS NOT NULL")
        log = cluster.log()
        assert code in log, "the search can find what is there"
        for value in ("Vävare", "850101-2382", "198501012382", "1740605", "anna.vavare", "correct horse"):
            assert value not in log, value
        refusals = [line for line in log.splitlines() if "already exists" in line]
        assert not [line for line in refusals if kept in line], refusals
