"""Withdrawing: one step, part by part or altogether, at once; and what a dispatcher does meanwhile. Data: in use, in
quarantine or refused, by the consents that it needs."""
import concurrent.futures
import json

import harness
from locks import locked, waiting
import pytest
from receiver import Receiver
from world import ARM_WORDS, World, ago, check, faults, key

PROTOCOL = """\
trial: gems
title: {en: "Gems at work"}
registration: none
time_zone: Europe/Stockholm
languages: [en]
calendar: {working_hours: Mon-Sun 00:00-24:00}
participant:
  attributes:
    sex: {levels: [woman, man]}
consent:
  forms:
    participation: {by: participant, version: 1, languages: [en], scopes: [participate, questionnaires]}
    optional: {by: participant, version: 1, languages: [en], scopes: [interview, sms, pass-on-contact]}
  required_before_allocation: {participant: [participation/participate]}
  required_before_data: {participant: [participation/participate]}
arms:
  opal: {label: {en: "Opalescent programme"}}
  jade: {label: {en: "Jadeite leaflet"}}
phases:
  main:
    target: {participants: 500}
    scheme: {unit: participant, method: permuted-block, ratio: {opal: 1, jade: 1}, blocks: [4]}
instruments:
  mood: {items: 3, range: [1, 5], scores: {sum: all}, missing: none}
  leave: {fields: {days: {type: integer, min: 0, max: 28}, degree: {levels: [0, 25, 50, 75, 100]}, flu: {type: boolean}}}
  course: {items: 2, range: [0, 1], scores: {sum: all}, missing: none}
tasks:
  form: {kind: questionnaire, anchor: allocation, at: 5d, window: [-5d, 20d], instruments: [mood, leave]}
  talk: {kind: interview, anchor: allocation, at: 5d, window: [-5d, 20d]}
  text: {kind: message, anchor: allocation, every: 2d, times: 3, window: [-2d, 20d], instruments: [leave]}
  visit: {kind: session, arms: [opal], anchor: allocation, at: 5d, window: [-5d, 20d]}
  after: {kind: questionnaire, arms: [opal], anchor: allocation, at: 6d, window: [-5d, 20d], instruments: [course]}
reminders:
  questionnaire:
    - {at: window-open, channel: email, template: invitation}
  message:
    - {at: window-open, channel: sms, template: ask}
"""
SCOPES = {"participation": ("participate", "questionnaires"), "optional": ("interview", "sms", "pass-on-contact")}


class Trial(World):
    def __init__(self, cluster, protocol=PROTOCOL):
        super().__init__(cluster, protocol)
        self.receiver = None

    def consent(self, code, form, no=(), days=10, **more):
        return self.post("coordinator", f"{self.path}/participants/{code}/consents", {
            "form": form, "version": 1, "decision": "given", "scopes": {name: name not in no for name in SCOPES[form]},
            "signed_at": ago(days), "how": "link", **more})

    def person(self, consented=True, allocated=True):
        code = check(self.post("coordinator", f"{self.path}/participants", {"attributes": {"sex": "woman"}}), 201)["code"]
        if consented:
            for form in SCOPES:
                check(self.consent(code, form), 201)
        if allocated:
            check(self.allocate_person(code, "main"), 201)
        return code

    def stop(self, code, *stops, role="coordinator", **more):
        return self.post(role, f"{self.path}/participants/{code}/withdrawals", {"stops": list(stops), "how": "phone", **more})

    def planned(self, code):
        return sorted({row["task"] for row in self.items("coordinator", f"{self.path}/tasks?participant={code}&state=planned")} - {"visit", "after"})

    def receive(self):
        self.receiver = Receiver([]).start()
        made = check(self.post("trial-manager", f"{self.path}/endpoints", {"url": self.receiver.url}, key=None), 201)
        self.receiver.secrets.append(made["secret"])

    def measure(self, code, instrument="mood", values=None, days=1, role="coordinator", **more):
        return self.post(role, f"{self.path}/participants/{code}/measures", {
            "instrument": instrument, "collected_at": ago(days), "values": values or {"1": "3", "2": "4", "3": "5"}, **more})

    def close(self):
        if self.receiver is not None:
            self.receiver.stop()
        super().close()


@pytest.fixture(name="trial")
def fixture_trial(cluster):
    with Trial(cluster) as made:
        yield made


def test_each_part_is_stopped_alone_and_goes_on_when_the_person_says_so(trial):
    code = trial.person()
    assert trial.planned(code) == ["form", "talk", "text"]
    for stop, left in (("sms", ["form", "talk"]), ("interviews", ["form", "text"]), ("questionnaires", ["talk", "text"]), ("contact", ["form"])):
        made = check(trial.stop(code, stop), 201)
        assert made["stops"] == [stop] and made["participant_withdrawn"] is False and made["tasks"] > 0
        assert trial.planned(code) == left, stop
        back = check(trial.stop(code, stop, decision="resume", decided_by="representative"), 201)
        assert back["stops"] == [] and back["tasks"] == made["tasks"] and back["reminders"] == made["reminders"]
        assert trial.planned(code) == ["form", "talk", "text"], stop
    events = trial.items("coordinator", f"{trial.path}/participants/{code}/withdrawals")
    assert [(event["stop"], event["decision"]) for event in events[:2]] == [("sms", "stop"), ("sms", "resume")]
    assert [event["ordinal"] for event in events] == list(range(1, 9))


def test_everything_is_one_step_for_whoever_was_allocated_or_not(trial):
    for code in (trial.person(), trial.person(allocated=False), trial.person(consented=False, allocated=False)):
        made = check(trial.stop(code, "everything"), 201)
        assert made["participant_withdrawn"] is True and "data-use" not in made["stops"] and len(made["stops"]) == 6
        assert check(trial.get("coordinator", f"{trial.path}/participants/{code}"))["state"] == "withdrawn"
        assert trial.planned(code) == []
        refused = trial.allocate_person(code, "main")
        assert refused.status == 409
        back = trial.stop(code, "sms", decision="resume")
        assert back.status == 409 and "nobody is brought back" in back.text
        assert check(trial.stop(code, "data-use"), 201)["stops"][-1] == "data-use"


def test_a_withdrawal_needs_a_key_and_is_recorded_once(trial):
    code, once = trial.person(), key()
    body = {"stops": ["sms"], "how": "paper"}
    path = f"{trial.path}/participants/{code}/withdrawals"
    assert trial.post("coordinator", path, body, key=None).status == 400
    first, again = (trial.post("coordinator", path, body, key=once) for _ in range(2))
    assert check(first, 201) == check(again, 201)
    assert len(trial.items("coordinator", path)) == 1


def test_what_is_wrong_about_a_withdrawal_is_said(trial):
    code = trial.person()
    assert set(faults(trial.stop(code, "smss"))) == {"/stops/0"}
    assert set(faults(trial.stop(code))) == {"/stops"}
    assert "future" in faults(trial.stop(code, "sms", decided_at=ago(-2)))["/decided_at"]
    said = faults(trial.stop(code, "everything", decision="resume", decided_by="staff"))
    assert set(said) == {"/stops/0", "/decided_by"}
    assert "not stopped sms" in trial.stop(code, "sms", decision="resume").text
    for role in ("interviewer", "researcher", "trial-manager", "statistician"):
        assert trial.stop(code, "sms", role=role).status == 403
    assert trial.items("coordinator", f"{trial.path}/participants/{code}/withdrawals") == []


def test_who_was_not_asked_yet_waits_for_the_reminder_and_gets_it_with_the_yes(trial):
    code = trial.person(consented=False, allocated=False)
    check(trial.consent(code, "participation"), 201)
    check(trial.allocate_person(code, "main"), 201)
    trial.receive()
    harness.wait_until(lambda: trial.cluster.sql(trial.database, """
        SELECT count(*) > 0 AND bool_and(next_attempt_at > rctd.clock() + interval '30 minutes') FROM rctd.reminder WHERE state = 'scheduled'
           AND due_at <= rctd.clock()""") == "t", "the reminders to wait")
    assert not trial.receiver.requests
    assert trial.planned(code) == ["form", "talk", "text"], "what waits for a yes is not cancelled"
    check(trial.consent(code, "optional", days=0), 201)
    assert trial.receiver.wait(lambda r: any(json.loads(body)["data"]["channel"] == "email" for _, body, _ in r.requests))


def test_a_dead_letter_is_not_sent_again_to_who_has_stopped_it(trial):
    code = trial.person()
    trial.cluster.sql(trial.database, "UPDATE rctd.reminder SET state = 'dead' WHERE channel = 'sms'")
    dead = trial.items("coordinator", f"{trial.path}/reminders?state=dead")[0]["reminder"]
    trial.cluster.sql(trial.database, "ALTER TABLE rctd.stop DISABLE TRIGGER stop_settles")
    check(trial.stop(code, "sms"), 201)
    refused = trial.post("coordinator", f"{trial.path}/reminders/{dead}/replay")
    assert refused.status == 409 and f"Nothing is sent to {code}" in refused.text


def test_a_dead_letter_waits_for_a_stop_that_is_being_stored(trial):
    code = trial.person()
    trial.cluster.sql(trial.database, "UPDATE rctd.reminder SET state = 'dead' WHERE channel = 'sms'")
    dead = trial.items("coordinator", f"{trial.path}/reminders?state=dead")[0]["reminder"]
    trial.cluster.sql(trial.database, "ALTER TABLE rctd.stop DISABLE TRIGGER stop_settles")
    storing = f"""
        INSERT INTO rctd.stop (trial_id, unit_id, ordinal, stop, decision, decided_by, how, decided_at, recorded_at, recorded_by)
        SELECT u.trial_id, u.unit_id, 1, 'sms', 'stop', 'participant', 'phone', rctd.clock(), rctd.clock(), a.account_id
          FROM rctd.unit u, rctd.account a WHERE u.code = '{code}' AND a.name = 'coordinator'"""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with locked(trial, storing, then="SELECT 1"):
            replaying = pool.submit(trial.post, "coordinator", f"{trial.path}/reminders/{dead}/replay")
            harness.wait_until(lambda: replaying.done() or waiting(trial), "the replay to wait or end")
            assert not replaying.done(), "sent again while the stop was being stored"
        refused = replaying.result()
    assert refused.status == 409 and f"Nothing is sent to {code}" in refused.text


def test_a_dispatcher_that_sees_a_stopped_reminder_stops_it_and_sends_the_others(trial):
    """The stop has cancelled nothing here: the hand-over itself is refused, and then done again without it."""
    stopped, other = trial.person(), trial.person()
    trial.cluster.sql(trial.database, "ALTER TABLE rctd.stop DISABLE TRIGGER stop_settles")
    check(trial.stop(stopped, "contact"), 201)
    trial.receive()
    assert trial.receiver.wait(lambda r: {json.loads(body)["data"]["unit"] for _, body, _ in r.requests} == {other})
    harness.wait_until(lambda: not [one for one in trial.items("coordinator", f"{trial.path}/reminders?state=scheduled")
                                    if one["participant"] == stopped and one["next_attempt_at"] <= ago(0)], "those to be stopped")
    assert not [body for _, body, _ in trial.receiver.requests if stopped in body.decode()]


def test_data_goes_where_its_consent_says(trial):
    code = trial.person(consented=False, allocated=False)
    asked_later = check(trial.measure(code, days=20), 201)
    assert (asked_later["state"], asked_later["quarantine"]) == ("quarantined", "never-asked")
    release = f"{trial.path}/measures/{asked_later['measure']}/release"
    refused = trial.post("trial-manager", release, {"reason": "We want it"})
    assert refused.status == 409 and "never asked" in refused.text
    check(trial.consent(code, "participation"), 201)
    early, good = check(trial.measure(code, days=11), 201), check(trial.measure(code, days=9), 201)
    assert (early["state"], early["quarantine"], good["state"], good["quarantine"]) == ("quarantined", "before-consent", "in-use", None)
    held = trial.items("statistician", f"{trial.path}/measures?participant={code.lower()}&state=quarantined")
    assert [(one["measure"], one["values"]) for one in held] == [(asked_later["measure"], None), (early["measure"], None)]
    assert all(one["values"] for one in trial.items("coordinator", f"{trial.path}/measures?state=quarantined"))
    assert trial.post("coordinator", release, {"reason": "I want it"}).status == 403
    released = check(trial.post("trial-manager", release, {"reason": "The person agreed to it"}), 200)
    assert (released["state"], released["released_by"], released["released_for"]) == ("in-use", "trial-manager", "The person agreed to it")
    assert released["values"] is None
    assert "in use already" in trial.post("trial-manager", release, {"reason": "Again"}).text
    check(trial.stop(code, "questionnaires"), 201)
    refused = trial.measure(code, days=9)
    assert refused.status == 409 and "No data" in refused.text
    assert trial.post("trial-manager", f"{trial.path}/measures/{early['measure']}/release", {"reason": "x"}).status == 409
    assert len(trial.items("coordinator", f"{trial.path}/measures")) == 3, "what is refused is not stored"


def test_data_of_who_has_stopped_its_use_is_left_out(trial):
    code, other = trial.person(allocated=False), trial.person(allocated=False)
    kept = check(trial.measure(other), 201)["measure"]
    gone = check(trial.measure(code), 201)["measure"]
    check(trial.stop(code, "data-use"), 201)
    path = f"{trial.path}/measures"
    for role in ("coordinator", "trial-manager", "auditor", "statistician", "researcher", "interviewer"):
        assert [one["measure"] for one in trial.items(role, path)] == [kept], role
        assert trial.items(role, f"{path}?state=in-use&participant={other}") and not trial.items(role, f"{path}?participant={code}")
    for role in ("statistician", "researcher", "interviewer"):
        assert trial.get(role, f"{path}?state=stopped").status == 403
    for role in ("coordinator", "auditor", "trial-manager"):
        [one] = trial.items(role, f"{path}?state=stopped")
        assert (one["measure"], one["state"], one["values"] is None) == (gone, "stopped", role == "trial-manager")
    assert trial.post("trial-manager", f"{path}/{gone}/release", {"reason": "We want it"}).status == 409
    assert [row["code"] for row in trial.items("statistician", f"{trial.path}/permissions?action=export&allowed=false")] == [code]
    check(trial.stop(code, "data-use", decision="resume"), 201)
    assert {one["measure"] for one in trial.items("researcher", path)} == {kept, gone}


def test_who_declined_has_no_data_stored(trial):
    code = trial.person(consented=False, allocated=False)
    check(trial.consent(code, "participation", no=("questionnaires",)), 201)
    refused = trial.measure(code)
    assert refused.status == 409 and "declined" in refused.text
    assert trial.items("coordinator", f"{trial.path}/measures") == []


def test_data_of_a_task_with_a_consent_of_its_own_is_stored_only_with_it(cluster):
    protocol = PROTOCOL.replace("\ntasks:\n", "\n  diary: {fields: {days: {type: integer, min: 0, max: 28}}}\ntasks:\n"
                                "  diary: {kind: questionnaire, scope: interview, anchor: allocation, at: 5d, window: [-5d, 20d], instruments: [diary]}\n")
    with Trial(cluster, protocol) as trial:
        code = trial.person()
        task, = (row["task_id"] for row in trial.items("coordinator", f"{trial.path}/tasks?participant={code}") if row["task"] == "diary")
        assert set(faults(trial.measure(code, "diary", {"days": "3"}))) == {"/task"}
        check(trial.consent(code, "optional", no=("interview",), days=2), 201)
        refused = trial.measure(code, "diary", {"days": "3"}, task=task)
        assert refused.status == 409 and "No data" in refused.text
        late = trial.consent(code, "optional", days=3)
        assert late.status == 409 and "only a later yes" in late.text
        check(trial.consent(code, "optional", days=0), 201)
        assert check(trial.measure(code, "diary", {"days": "3"}, task=task), 201)["quarantine"] == "before-consent"
        check(trial.measure(code), 201)


def test_a_resumption_from_before_the_stop_resumes_nothing(trial):
    code = trial.person()
    check(trial.stop(code, "sms", decided_at=ago(1)), 201)
    late = trial.stop(code, "sms", decision="resume", decided_at=ago(2))
    assert late.status == 409 and "after that" in late.text
    assert "text" not in trial.planned(code)
    check(trial.stop(code, "sms", decision="resume"), 201)
    assert "text" in trial.planned(code)


def test_every_value_that_an_instrument_does_not_take_is_named(trial):
    code = trial.person()
    said = faults(trial.measure(code, values={"1": "6", "2": "two", "4": "1", "03": "1"}))
    assert set(said) == {"/values/1", "/values/2", "/values/4", "/values/03"}
    said = faults(trial.measure(code, "leave", {"days": "29", "degree": "30", "dais": "2"}))
    assert set(said) == {"/values/days", "/values/degree", "/values/dais"}
    assert set(faults(trial.measure(code, "moods"))) == {"/instrument"}
    assert set(faults(trial.measure(code, days=-1))) == {"/collected_at"}
    tasks = {row["task"]: row["task_id"] for row in trial.items("coordinator", f"{trial.path}/tasks?participant={code}")}
    assert set(faults(trial.measure(code, task=tasks["talk"]))) == {"/task"}
    assert set(faults(trial.measure(trial.person(), task=tasks["form"]))) == {"/task"}
    stored = check(trial.measure(code, "leave", {"days": "07", "flu": "true"}, task=tasks["form"]), 201)
    assert stored["values"] == {"days": "7", "flu": "true"} and (stored["task"], stored["occurrence"]) == ("form", 1)


def test_nobody_is_reminded_of_a_questionnaire_that_they_have_answered(trial):
    code = trial.person()
    task, = (row["task_id"] for row in trial.items("coordinator", f"{trial.path}/tasks?participant={code}") if row["task"] == "form")
    check(trial.measure(code, "mood", task=task), 201)
    assert "form" in trial.planned(code), "half of it is answered"
    check(trial.measure(code, "leave", {"days": "0"}, task=task), 201)
    assert "form" not in trial.planned(code)
    trial.receive()
    reminder, = harness.wait_until(lambda: [row for row in trial.items("coordinator", f"{trial.path}/reminders")
                                            if row["task"] == "form" and row["state"] != "scheduled"], "its reminder to end")
    assert reminder["state"] == "cancelled" and not reminder["attempts"]


def test_what_is_planned_for_who_has_stopped_it_before_is_cancelled_with_the_plan(trial):
    code = trial.person(allocated=False)
    check(trial.stop(code, "interviews"), 201)
    check(trial.consent(code, "optional", no=("sms",), days=1), 201)
    check(trial.allocate_person(code, "main"), 201)
    assert trial.planned(code) == ["form"]
    check(trial.stop(code, "interviews", decision="resume"), 201)
    assert trial.planned(code) == ["form", "talk"]


def test_data_tells_a_blinded_role_no_arm(trial):
    code = trial.person()
    check(trial.measure(code), 201)
    check(trial.measure(code, "course", {"1": "1"}), 201)
    assert [one["instrument"] for one in trial.items("coordinator", f"{trial.path}/measures")] == ["mood", "course"]
    for role in ("researcher", "interviewer", "trial-manager"):
        found = trial.items(role, f"{trial.path}/measures")
        assert [one["instrument"] for one in found] == ["mood"], role
        assert not [word for word in ARM_WORDS if word in json.dumps(found)]
    assert trial.measure(code, role="researcher").status == 403


def test_the_trail_is_whole_and_has_no_value_in_it(trial):
    code = trial.person()
    check(trial.measure(code, "leave", {"days": "17", "degree": "75"}, days=30), 201)
    check(trial.stop(code, "sms", reason="too-many"), 201)
    assert trial.cluster.rows(trial.database, "SELECT 1 FROM rctd.audit WHERE new LIKE '%\"days\"%' OR new LIKE '%\"75\"%'") == []
    done = trial.rctctl("auditor", "audit", "verify", "gems")
    assert done.returncode == 0, done.stdout + done.stderr
    trial.cluster.sql(trial.database, "SET session_replication_role = replica; UPDATE rctd.measure SET measured = '{\"days\": \"1\"}'; "
                                      "UPDATE rctd.stop SET decision = 'resume'")
    done = trial.rctctl("auditor", "audit", "verify", "gems")
    assert done.returncode == 8, done.stdout + done.stderr


def test_the_commands_say_what_they_did(trial):
    code = trial.person()

    def said(*arguments, role="coordinator"):
        done = trial.rctctl(role, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "3 tasks and" in said("participant", "stop", "gems", code, "--stop", "sms", "--how", "phone")
    assert "planned again" in said("participant", "resume", "gems", code, "--stop", "sms", "--how", "phone")
    assert "sms" in said("participant", "stops", "gems", code)
    assert "stored with 2 values, in quarantine: before-consent" in said(
        "measure", "add", "gems", code, "mood", "--collected", ago(20), "1=2", "2=3")
    listed = json.loads(said("measure", "list", "gems", "--state", "quarantined", "--json"))
    assert "in use from now on" in said("measure", "release", "gems", listed[0]["measure"], "--reason", "Dated late", role="trial-manager")
    assert "out of the trial" in said("participant", "withdraw", "gems", code, "--how", "phone", "--yes")
    assert check(trial.get("coordinator", f"{trial.path}/participants/{code}"))["state"] == "withdrawn"
