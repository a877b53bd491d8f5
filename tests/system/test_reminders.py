"""Reminders: what arrives at a receiver, what arrives again, and what never leaves. The receiver is the one of
the demo; it verifies signatures by itself."""
import datetime
import hashlib
import json
import os
import re
import socketserver
import threading
import uuid

import harness
from locks import locked
import pytest
from receiver import Receiver, Refused, verify
from world import World, check

PROTOCOL = """\
trial: gems
title: {en: "Gems at work"}
registration: none
time_zone: Europe/Stockholm
languages: [sv, en]
calendar: {working_hours: Mon-Sun 09:00-18:00}
workplace:
  identifiers:
    number: {type: pattern, pattern: "^[0-9]{6}$", required: true}
  attributes:
    sector: {levels: [public, private]}
    employees: {type: integer, min: 1, max: 100000}
    county: {levels: [north, south]}
consent:
  forms:
    employer: {by: workplace, version: 1, scopes: [participate, paid-time]}
  required_before_allocation: {workplace: [employer/participate]}
arms:
  opal: {label: {en: "Opalescent programme"}}
  jade: {label: {en: "Jadeite leaflet"}}
phases:
  main:
    target: {workplaces: 100}
    scheme:
      unit: workplace
      method: permuted-block
      ratio: {opal: 1, jade: 1}
      blocks: [2]
instruments:
  mood: {items: 3, range: [1, 5], scores: {sum: all}, missing: none}
tasks:
  form: {kind: questionnaire, anchor: allocation, at: 30d, window: [-5d, 5d], instruments: [mood]}
  extra: {kind: questionnaire, arms: [opal], anchor: allocation, at: 60d, window: [-5d, 5d], instruments: [mood]}
  start: {kind: session, anchor: phase-start, at: 10d, window: [-2d, 2d]}
reminders:
  questionnaire:
    - {at: window-open, channel: email, template: invitation}
"""
FORM_OPENS = 26  # days after allocation, and then some
ALLOWED = {"type", "timestamp", "data"}
ALLOWED_DATA = {"trial", "unit", "task", "window", "channel", "language", "template", "reminder"}
SECRET = "whsec_" + "A" * 43 + "="


def agreement(**changes):
    now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=1)
    event = {"form": "employer", "version": 1, "decision": "given", "scopes": {"participate": True, "paid-time": True},
             "signed_by": "The manager", "signed_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "how": "paper", **changes}
    return {name: value for name, value in event.items() if value is not None}


class Trial(World):
    """A trial in rehearsal with allocated workplaces and, by `receive`, a receiver of its reminders."""

    def __init__(self, cluster, **more):
        super().__init__(cluster, protocol=PROTOCOL, arguments=("--rehearsal",), **more)
        self.receivers = []

    def allocated(self, count=1):
        codes = self.workplaces(count)
        for code in codes:
            check(self.post("coordinator", f"{self.path}/workplaces/{code}/agreements", agreement()))
            check(self.allocate(code))
        return codes

    def add_endpoint(self, url, **more):
        return check(self.post("trial-manager", f"{self.path}/endpoints", {"url": url, **more}, key=None), 201)

    def receive(self, **more):
        receiver = Receiver([], **more).start()
        self.receivers.append(receiver)
        endpoint = self.add_endpoint(receiver.url)
        receiver.secrets.append(endpoint["secret"])
        receiver.endpoint = endpoint["endpoint"]
        return receiver

    def advance(self, days):
        check(self.post("administrator", "/v1/rehearsal/advance", {"days": days}), 200)

    def reminders(self, **wanted):
        found = self.items("coordinator", f"{self.path}/reminders")
        return [one for one in found if all(one[name] == value for name, value in wanted.items())]

    def wait_for_reminder(self, condition, what):
        return harness.wait_until(lambda: [one for one in self.reminders() if condition(one)], what)[0]

    def endpoint(self, number):
        found = self.items("trial-manager", f"{self.path}/endpoints")
        return next(one for one in found if one["endpoint"] == number)

    def metric(self, name, daemon=None):
        text = (daemon or self.daemon).get("/metrics").text
        return float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE).group(1))

    def close(self):
        for receiver in self.receivers:
            receiver.stop()
        super().close()


@pytest.fixture
def trial(cluster):
    with Trial(cluster) as made:
        yield made


def test_a_due_reminder_arrives_once_signed_and_says_no_more_than_it_must(trial):
    trial.allocated(2)
    receiver = trial.receive()
    assert not receiver.wait(lambda r: r.requests, 2), "sent before it was due"
    trial.advance(FORM_OPENS)
    assert receiver.wait(lambda r: len(r.taken) == 2)
    sent = trial.reminders(state="sent") or harness.wait_until(lambda: trial.reminders(state="sent"), "the record")
    harness.wait_until(lambda: len(trial.reminders(state="sent")) == 2, "both records")
    assert not receiver.wait(lambda r: len(r.requests) > 2, 2), "sent more than once"
    for headers, body, status in receiver.requests:
        message = json.loads(body)
        assert status == 204 and headers["content-type"] == "application/json"
        assert headers["user-agent"].startswith("rctd/")
        assert set(message) == ALLOWED and set(message["data"]) == ALLOWED_DATA
        assert message["type"] == "reminder.due" and message["data"]["task"] == "questionnaire"
        assert message["data"]["trial"] == "gems" and message["data"]["language"] == "sv"
        assert set(message["data"]["window"]) == {"opens_at", "closes_at"}
        assert headers["webhook-id"] == f"msg_{message['data']['reminder']}"
    assert {json.loads(body)["data"]["unit"] for _, body, _ in receiver.requests} == {"W0001", "W0002"}
    attempt, = sent[0]["attempts"]
    assert attempt["outcome"] == "delivered" and attempt["status"] == 204 and attempt["endpoint"] == receiver.endpoint


def test_a_receiver_that_was_down_gets_the_message_later_with_the_same_id(trial):
    trial.allocated()
    port = harness.free_port()
    secret = trial.add_endpoint(f"http://127.0.0.1:{port}/hook")["secret"]
    trial.advance(FORM_OPENS)
    failed = trial.wait_for_reminder(lambda one: one["attempts"] and one["attempts"][0]["outcome"] == "retry", "a failure")
    assert failed["attempts"][0]["status"] is None and "no answer" in failed["attempts"][0]["problem"]
    answers = iter([500])
    with Receiver([secret], port, answer=lambda number: next(answers, 204)) as receiver:
        assert receiver.wait(lambda r: r.requests)
        trial.wait_for_reminder(lambda one: len(one["attempts"]) == 2 and one["attempts"][1]["outcome"], "the second failure")
        trial.cluster.sql(trial.database, "UPDATE rctd.reminder SET next_attempt_at = rctd.clock() WHERE attempts = 2")
        assert receiver.wait(lambda r: r.taken)
        assert len({headers["webhook-id"] for headers, _, _ in receiver.requests}) == 1
        assert len({body for _, body, _ in receiver.requests}) == 1, "a repetition has other bytes"
        sent = trial.wait_for_reminder(lambda one: one["state"] == "sent", "the record")
    assert [one["outcome"] for one in sent["attempts"]] == ["retry", "retry", "delivered"]
    assert sent["attempts"][1]["problem"] == "the receiver answered 500"


def test_410_disables_the_endpoint_and_says_why(trial):
    trial.allocated()
    receiver = trial.receive(answer=410)
    trial.advance(FORM_OPENS)
    disabled = harness.wait_until(lambda: [trial.endpoint(receiver.endpoint)] if trial.endpoint(
        receiver.endpoint)["state"] == "disabled" else None, "the endpoint to be disabled")[0]
    assert "410" in disabled["disabled_reason"]
    trail = trial.cluster.rows(trial.database, "SELECT actor, action FROM rctd.audit WHERE object_kind = 'endpoint' ORDER BY sequence")
    assert trail[-1] == ["rctd", "endpoint.gone"]
    again = trial.as_role("trial-manager", "PATCH", f"{trial.path}/endpoints/{receiver.endpoint}", {"disabled": False},
                          headers={"If-Match": f'"v{disabled["version"]}"'})
    assert check(again)["state"] == "active" and again.json()["disabled_reason"] is None


def test_a_redirect_is_a_failure_and_is_not_followed(trial):
    trial.allocated()
    with Receiver([SECRET]) as elsewhere:
        receiver = trial.receive(answer=(302, {"Location": elsewhere.url}))
        trial.advance(FORM_OPENS)
        failed = trial.wait_for_reminder(lambda one: one["attempts"] and one["attempts"][0]["outcome"], "the attempt")
        assert failed["attempts"][0]["status"] == 302 and "not followed" in failed["attempts"][0]["problem"]
        assert len(receiver.requests) == 1 and not elsewhere.requests


class Endless(socketserver.BaseRequestHandler):
    """A receiver that answers 200 and then never stops talking."""

    def handle(self):
        self.request.recv(65536)
        try:
            self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
            while True:
                self.request.sendall(b"more " * 10000)
        except OSError:
            pass


def test_an_answer_without_end_is_cut_and_stops_nobody(trial):
    trial.allocated(2)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Endless) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        trial.add_endpoint(f"http://127.0.0.1:{server.server_address[1]}/")
        trial.advance(FORM_OPENS)
        harness.wait_until(lambda: len(trial.reminders(state="sent")) == 2, "both records")
        server.shutdown()
    assert all(len(one["attempts"]) == 1 for one in trial.reminders(state="sent"))


def test_nothing_goes_to_loopback_unless_the_operator_allows_it(cluster):
    with Trial(cluster, config={"webhook_allow": None}) as trial:
        trial.allocated()
        receiver = trial.receive()
        trial.advance(FORM_OPENS)
        failed = trial.wait_for_reminder(lambda one: one["attempts"] and one["attempts"][0]["outcome"], "the attempt")
        assert "127.0.0.1" in failed["attempts"][0]["problem"] and "webhook_allow" in failed["attempts"][0]["problem"]
        assert not receiver.requests
        assert trial.metric("rctd_reminder_addresses_refused_total") >= 1


def test_a_name_that_points_into_the_own_network_is_refused_like_its_number(cluster):
    with Trial(cluster, config={"webhook_allow": "10.99.0.0/16"}) as trial:
        trial.allocated()
        receiver = trial.receive()
        trial.as_role("trial-manager", "PATCH", f"{trial.path}/endpoints/{receiver.endpoint}", {"disabled": True},
                      headers={"If-Match": "*"})
        trial.add_endpoint(f"http://localhost:{receiver.port}/hook")
        trial.advance(FORM_OPENS)
        failed = trial.wait_for_reminder(lambda one: one["attempts"] and one["attempts"][0]["outcome"], "the attempt")
        assert "may be sent to" in failed["attempts"][0]["problem"] and not receiver.requests


def test_two_daemons_send_one_message_for_each_reminder(trial):
    trial.another()
    trial.allocated(20)
    receiver = trial.receive()
    trial.advance(FORM_OPENS)
    assert receiver.wait(lambda r: len(r.taken) == 20)
    assert not receiver.wait(lambda r: len(r.requests) > 20, 3), "something was sent twice"


def test_a_daemon_killed_before_it_recorded_leaves_a_message_that_another_sends_with_the_same_id(trial):
    second = trial.another()
    trial.allocated()
    arrived, go_on = threading.Event(), threading.Event()

    def answer(number):
        if number == 1:
            arrived.set()
            receiver.lock.release()
            go_on.wait(60)
            receiver.lock.acquire()
        return 204

    receiver = trial.receive(answer=answer)
    harness.wait_until(lambda: trial.metric("rctd_reminder_shards") + trial.metric("rctd_reminder_shards", second) == 256,
                       "the leases")
    sender, other = (trial.daemon, second) if trial.metric("rctd_reminder_shards") else (second, trial.daemon)
    trial.advance(FORM_OPENS)
    assert arrived.wait(30)
    sender.kill()
    trial.daemon = other
    go_on.set()
    assert receiver.wait(lambda r: len(r.requests) == 2), "nobody took over"
    assert len({headers["webhook-id"] for headers, _, _ in receiver.requests}) == 1
    sent = trial.wait_for_reminder(lambda one: one["state"] == "sent", "the record")
    assert [one["outcome"] for one in sent["attempts"]] == [None, "delivered"], "the ledger hides an attempt"


@pytest.mark.parametrize("change", [
    {"decision": "withdrawn", "scopes": None}, {"scopes": {"participate": False, "paid-time": True}}])
def test_a_withdrawal_before_the_reminder_is_due_stops_it(trial, change):
    codes = trial.allocated(2)
    receiver = trial.receive()
    check(trial.post("coordinator", f"{trial.path}/workplaces/{codes[0]}/agreements", agreement(**change)))
    assert {one["state"] for one in trial.reminders(workplace=codes[0])} == {"cancelled"}
    tasks = trial.items("coordinator", f"{trial.path}/tasks?workplace={codes[0]}")
    assert tasks and {one["state"] for one in tasks} == {"cancelled"}
    trial.advance(FORM_OPENS)
    assert receiver.wait(lambda r: r.taken)
    assert not receiver.wait(lambda r: len(r.requests) > 1, 2)
    assert json.loads(receiver.requests[0][1])["data"]["unit"] == codes[1]


def test_a_withdrawal_under_way_when_the_reminder_is_due_wins(trial):
    code, = trial.allocated()
    receiver = trial.receive()

    theirs = f"UPDATE rctd.unit SET {{}} WHERE code = '{code}'"
    with locked(trial, theirs.format("version = version + 1"), then=theirs.format("state = 'withdrawn'")):
        trial.advance(FORM_OPENS)
        assert not receiver.wait(lambda r: r.requests, 3), "sent while the withdrawal was being stored"
    stopped = trial.wait_for_reminder(lambda one: one["state"] == "cancelled", "the reminder to be stopped")
    assert not receiver.requests and not stopped["attempts"]
    trail = trial.cluster.rows(trial.database, "SELECT actor, action, reason FROM rctd.audit WHERE object_kind = 'reminder'")
    planned = trial.reminders()  # one arm has a second, due later
    assert {one["state"] for one in planned} == {"cancelled"}
    assert trail == [["database:postgres", "reminder.update", ""]] * len(planned), "the withdrawal did not cancel it in its own transaction"


def test_while_a_secret_rotates_the_old_one_and_the_new_one_verify(trial):
    trial.allocated()
    receiver = trial.receive()
    old = receiver.secrets[0]
    new = check(trial.post("trial-manager", f"{trial.path}/endpoints/{receiver.endpoint}/rotate", key=None), 200)["secret"]
    assert new != old and trial.endpoint(receiver.endpoint)["former_secret_until"]
    trial.advance(FORM_OPENS)
    assert receiver.wait(lambda r: r.taken)
    headers, body, _ = receiver.requests[0]
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (old, new):
        verify([secret], headers, body)
    with pytest.raises(Refused):
        verify([SECRET], headers, body)
    with pytest.raises(Refused):
        verify([new], headers, body + b" ")
    with pytest.raises(Refused):
        verify([new], headers, body, now=int(headers["webhook-timestamp"]) + 301)


def test_a_dead_letter_is_sent_again_when_a_coordinator_says_so(trial):
    trial.allocated()
    answers = iter([500])
    receiver = trial.receive(answer=lambda number: next(answers, 204))
    trial.cluster.sql(trial.database, "UPDATE rctd.reminder SET failures = 9")
    trial.advance(FORM_OPENS)
    dead = trial.wait_for_reminder(lambda one: one["state"] == "dead", "the last failure")
    assert dead["attempts"][-1]["outcome"] == "dead" and dead["next_attempt_at"] is None
    replay = f"{trial.path}/reminders/{dead['reminder']}/replay"
    assert trial.post("researcher", replay).status == 403
    assert trial.post("coordinator", f"{trial.path}/reminders/{uuid.uuid4()}/replay").status == 404
    assert check(trial.post("coordinator", replay), 200)["state"] == "scheduled"
    assert receiver.wait(lambda r: r.taken)
    trial.wait_for_reminder(lambda one: one["state"] == "sent", "the record")
    assert trial.post("coordinator", replay).status == 409
    trail = trial.cluster.rows(trial.database, "SELECT actor, action FROM rctd.audit WHERE object_kind = 'reminder' "
                                               "AND actor = 'coordinator'")
    assert trail == [["coordinator", "reminder.replay"]]


def test_a_receiver_that_asks_for_time_gets_it(trial):
    trial.allocated(3)
    receiver = trial.receive(answer=(429, {"Retry-After": "3600"}))
    trial.advance(FORM_OPENS)
    failed = trial.wait_for_reminder(lambda one: one["attempts"] and one["attempts"][0]["outcome"], "the attempt")
    started, after = (datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
                      for text in (failed["attempts"][0]["started_at"], failed["next_attempt_at"]))
    assert (after - started).total_seconds() >= 3600
    harness.wait_until(lambda: trial.metric("rctd_endpoints_paused") == 1, "the pause")
    before = len(receiver.requests)
    trial.daemon.get("/readyz")
    assert not receiver.wait(lambda r: len(r.requests) > before, 3), "the receiver was not left alone"


def test_a_reminder_whose_window_has_closed_is_not_sent(trial):
    trial.allocated()
    receiver = trial.receive()
    check(trial.as_role("trial-manager", "PATCH", f"{trial.path}/endpoints/{receiver.endpoint}", {"disabled": True},
                        headers={"If-Match": "*"}))
    trial.advance(40)
    harness.wait_until(lambda: trial.metric("rctd_reminder_shards") == 256, "the leases")
    check(trial.as_role("trial-manager", "PATCH", f"{trial.path}/endpoints/{receiver.endpoint}", {"disabled": False},
                        headers={"If-Match": "*"}))
    trial.wait_for_reminder(lambda one: one["task"] == "form" and one["state"] == "cancelled", "the reminder to be stopped")
    assert not receiver.requests


def test_tasks_are_planned_in_the_trials_civil_time_and_a_blinded_role_sees_those_of_every_arm(trial):
    trial.allocated(2)
    seen = trial.items("coordinator", f"{trial.path}/tasks")
    assert sorted(one["task"] for one in seen) == ["extra", "form", "form", "start", "start"]
    assert {one["task"] for one in trial.items("researcher", f"{trial.path}/tasks")} == {"form", "start"}
    assert {one["task"] for one in trial.items("dispatcher", f"{trial.path}/reminders")} == {"form"}
    assert {one["task"] for one in trial.reminders()} == {"form", "extra"}
    form = next(one for one in seen if one["task"] == "form")
    rows = trial.cluster.rows(trial.database, f"""
        SELECT (opens_at AT TIME ZONE 'Europe/Stockholm')::text, (closes_at AT TIME ZONE 'Europe/Stockholm')::text, target_on
          FROM rctd.task WHERE task_id = '{form['task_id']}'""")
    target = datetime.date.fromisoformat(rows[0][2])
    assert rows[0][0] == f"{target - datetime.timedelta(days=5)} 00:00:00"
    assert rows[0][1] == f"{target + datetime.timedelta(days=6)} 00:00:00"
    due = trial.cluster.rows(trial.database, f"SELECT (due_at AT TIME ZONE 'Europe/Stockholm')::text FROM rctd.reminder WHERE task_id = '{form['task_id']}'")
    assert due == [[f"{target - datetime.timedelta(days=5)} 09:00:00"]]


def test_the_dispatcher_sees_attempts_of_the_reminders_it_sees(trial):
    trial.allocated(2)
    receiver = trial.receive()
    trial.advance(57)
    assert receiver.wait(lambda r: r.taken)
    harness.wait_until(lambda: not trial.reminders(state="scheduled"), "all records")
    seen = trial.items("dispatcher", f"{trial.path}/reminders")
    assert {one["task"] for one in seen} == {"form"}
    assert any(one["task"] == "extra" and one["attempts"] for one in trial.reminders())


@pytest.mark.parametrize("url", [
    "ftp://example.org/hook", "example.org/hook", "https://", "https:///hook", "https://user@example.org/",
    "https://user:secret@example.org/", "https://example.org/#part", "https://example.org:0/", "https://example.org:70000/",
    "https://example.org:x/", "https://exa mple.org/", "https://example.org/\u00e5", "https://[::1/", "file:///etc/passwd",
    "https://example.org\\@10.0.0.1/", "HTTPS://example.org/", "https://" + "a" * 300 + "/", ""])
def test_an_address_that_reminders_cannot_be_sent_to_is_refused_in_words(world, url):
    answer = world.post("trial-manager", f"{world.path}/endpoints", {"url": url}, key=None)
    assert answer.status == 422, answer
    assert answer.json()["errors"][0]["pointer"] == "/url"


def test_one_active_endpoint_for_each_channel_and_its_secret_is_shown_once(world):
    path = f"{world.path}/endpoints"
    first = check(world.post("trial-manager", path, {"url": "https://example.org/a?x=1"}, key=None), 201)
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", first["secret"]) and first["channel"] == "any"
    assert world.post("trial-manager", path, {"url": "https://example.org/b"}, key=None).status == 409
    check(world.post("trial-manager", path, {"url": "https://[2001:db8::1]:8443/b", "channel": "sms"}, key=None), 201)
    listed = world.get("trial-manager", path)
    assert first["secret"] not in listed.text and "secret\":" not in listed.text
    for role in ("coordinator", "researcher", "dispatcher"):
        assert world.get(role, path).status == 403
    item = f"{path}/{first['endpoint']}"
    assert world.as_role("trial-manager", "PATCH", item, {"disabled": True}).status == 428
    assert world.as_role("trial-manager", "PATCH", item, {"disabled": True}, headers={"If-Match": '"7"'}).status == 412
    done = world.as_role("trial-manager", "PATCH", item, {"disabled": True}, headers={"If-Match": '"v1"'})
    assert check(done)["state"] == "disabled" and done.headers["etag"] == '"v2"'
    check(world.post("trial-manager", path, {"url": "https://example.org/b"}, key=None), 201)
    back = world.as_role("trial-manager", "PATCH", item, {"disabled": False}, headers={"If-Match": done.headers["etag"]})
    assert back.status == 409 and "active endpoint" in back.json()["detail"]
    dump = world.cluster.sql(world.database, "SELECT row_to_json(a) FROM rctd.audit a")
    assert first["secret"] not in dump and "sealed" not in dump.replace("sealed_secret", "")


def test_without_the_master_key_nothing_is_signed_or_sent_and_an_endpoint_is_refused(cluster):
    with Trial(cluster) as trial:
        trial.allocated()
        receiver = trial.receive()
        trial.daemon.stop()
        trial.daemon = harness.Daemon(trial.database, cluster, config={"master_key_file": None}, arguments=("--rehearsal",))
        trial.daemons.append(trial.daemon)
        trial.advance(FORM_OPENS)
        assert not receiver.wait(lambda r: r.requests, 3)
        assert "without the master key" in trial.daemon.log()
        assert trial.post("trial-manager", f"{trial.path}/endpoints", {"url": "https://example.org/", "channel": "sms"},
                          key=None).status == 503
        assert trial.daemon.get("/readyz").status == 200


def test_answers_are_forgotten_when_their_time_is_over_but_never_an_allocations(trial):
    trial.allocated()
    kept = trial.cluster.sql(trial.database, "SELECT count(*) FROM rctd.idempotency WHERE expires_at IS NULL")
    trial.cluster.sql(trial.database, "UPDATE rctd.idempotency SET expires_at = now() - interval '1 second' WHERE expires_at IS NOT NULL")
    assert trial.cluster.sql(trial.database, "SELECT count(*) > 0 FROM rctd.idempotency WHERE expires_at < now()") == "t"
    trial.daemon.restart()
    harness.wait_until(lambda: trial.cluster.sql(
        trial.database, "SELECT count(*) FROM rctd.idempotency WHERE expires_at < now()") == "0", "the rows to be deleted")
    assert trial.cluster.sql(trial.database, "SELECT count(*) FROM rctd.idempotency WHERE expires_at IS NULL") == kept != "0"


def merkle(leaves):
    """The root as rctd/work/heads.h describes it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + merkle(leaves[:split]) + merkle(leaves[split:])).digest()


def test_the_heads_of_the_trail_go_into_a_file_whose_root_can_be_computed_again(cluster):
    directory = harness.temporary_directory("rctd-heads")
    path = os.path.join(directory, "heads")
    with Trial(cluster, config={"audit_heads_file": path}) as trial:
        line = json.loads(harness.wait_until(
            lambda: os.path.exists(path) and open(path, encoding="utf-8").readline(), "a line"))  # pylint: disable=consider-using-with
        assert line["count"] == len(line["heads"]) > 0
        texts = []
        for head in line["heads"]:
            parts = [str(part).encode("utf-8") for part in head]
            texts.append(hashlib.sha256(b"\0" + b"".join(b"%d:%s," % (len(part), part) for part in parts)).digest())
        assert merkle(texts).hex() == line["root"]
        assert [head[:2] for head in line["heads"]] == sorted(head[:2] for head in line["heads"])
        assert len(line["signature"]) == 128 and line["key"] in trial.daemon.log()
