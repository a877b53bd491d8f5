"""Interviewers: whose task it is, appointments inside the window with people who may be asked, and who may not
assess whom. Nothing that an interviewer sees tells an arm or a name."""
import concurrent.futures
import datetime

import pytest
from world import ARM_WORDS, PROTOCOL, World, at, check

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
  phone: {kind: call, unit: participant, anchor: allocation, at: 10d, window: [-10d, 20d]}
  form: {kind: questionnaire, unit: participant, anchor: allocation, at: 10d, window: [-10d, 20d]}
  depth: {kind: interview, unit: participant, sample: {participants: 2}, anchor: allocation, at: 10d, window: [-10d, 20d],
          scope: interview, assessor: {independent: true, blinded: true}}
  circle: {kind: focus-group, size: [2, 3], anchor: allocation, at: 10d, window: [-10d, 20d], scope: interview}
"""


@pytest.fixture(name="world")
def fixture_world(cluster):
    with World(cluster, DOCUMENT) as world:
        yield world


def consent(world, code, **scopes):
    check(world.post("coordinator", f"{world.path}/participants/{code}/consents", {
        "form": "participation", "version": 1, "decision": "given", "signed_at": "2026-01-10T09:00:00Z", "how": "link",
        "scopes": {"participate": True, "interview": True, "pass-on-contact": True, **scopes}}), 201)


def people(world, workplace, count, agreed=True):
    codes = [check(world.post("coordinator", f"{world.path}/participants",
                              {"workplace": workplace, "attributes": {"sex": "woman"}}), 201)["code"] for _ in range(count)]
    for code in codes if agreed else ():
        consent(world, code)
    return codes


def allocated(world, count, agreed=True):
    """A workplace that is allocated, and its people."""
    workplace = world.workplaces(1)[0]
    codes = people(world, workplace, count, agreed)
    check(world.allocate(workplace), 201)
    return workplace, codes


def task_of(world, code, name):
    task = next(task for task in world.items("coordinator", f"{world.path}/tasks")
                if task["task"] == name and code in (task["workplace"], task["participant"]))
    return f"{world.path}/tasks/{task['task_id']}"


def queue(world, who="interviewer", show="free"):
    return {(item["participant"] or item["workplace"], item["task"]) for item in world.items(who, f"{world.path}/queue?show={show}")}


def refused(answer, words, status=409):
    assert answer.status == status and words in answer.json()["detail"], answer
    assert not any(word.lower() in answer.text.lower() for word in ARM_WORDS)


DONE = {"outcome": "done", "guess": "unknown", "revealed": False}


def test_a_task_is_claimed_booked_inside_its_window_and_done(world):
    workplace, _ = allocated(world, 0)
    path = task_of(world, workplace, "meeting")
    refused(world.post("interviewer", f"{path}/bookings", {"at": at(3)}), "claim it first")
    refused(world.post("interviewer", f"{path}/outcome", {"outcome": "done"}), "claim it first")
    assert check(world.post("interviewer", f"{path}/claim"))["claimed_by"] == "interviewer"
    refused(world.post("interviewer", f"{path}/claim"), "You have claimed this task already")
    refused(world.post("coordinator", f"{path}/claim"), "interviewer has claimed this task")
    for days in (-1, 40):
        refused(world.post("interviewer", f"{path}/bookings", {"at": at(days)}), "inside the task's window")
    assert check(world.post("interviewer", f"{path}/bookings", {"at": at(3)}), 201)["booked"] == 1
    refused(world.post("interviewer", f"{path}/bookings", {"at": at(4)}), "cancel it first")
    assert check(world.as_role("interviewer", "DELETE", f"{path}/bookings"))["booked"] == 0
    assert check(world.post("coordinator", f"{path}/bookings", {"at": at(5)}), 201)["claimed_by"] == "interviewer"
    assert check(world.post("interviewer", f"{path}/outcome", {"outcome": "no-answer"}))["state"] == "planned"
    done = check(world.post("interviewer", f"{path}/outcome", {"outcome": "done"}))
    assert (done["state"], done["claimed_by"], done["booked"], done["attempts"]) == ("done", None, 0, 2)
    refused(world.post("interviewer", f"{path}/claim"), "has ended")
    assert world.cluster.rows(world.database, "SELECT state FROM rctd.booking ORDER BY booked_at") == [["cancelled"], ["done"]]


def test_an_appointment_without_a_zone_is_by_the_clocks_where_the_trial_is(world):
    workplace, _ = allocated(world, 0)
    path = task_of(world, workplace, "meeting")
    task, day = path.rsplit("/", 1)[1], datetime.datetime.fromisoformat(at(3).replace("Z", "+00:00"))
    assert "is yours, from " in world.rctctl("interviewer", "task", "claim", world.trial, task).stdout
    alone = world.post("interviewer", f"{path}/bookings", {"at": f"{day:%Y-%m-%d}"})
    assert alone.status == 422 and "say the time as well" in alone.text
    booked = world.rctctl("interviewer", "task", "book", world.trial, task, "--at", f"{day:%Y-%m-%d}T13:00")
    assert f" is booked for {day:%a} {day.day} {day:%b %Y} at 13:00 (Europe/Stockholm)." in booked.stdout, booked.stderr
    stored, = world.cluster.rows(world.database, "SELECT (at AT TIME ZONE 'Europe/Stockholm')::text FROM rctd.booking")
    assert stored == [f"{day:%Y-%m-%d} 13:00:00"]


def test_nobody_is_booked_outside_working_hours_unless_they_want_it_so(cluster):
    holidays = DOCUMENT.replace("calendar: {working_hours: Mon-Sun 09:00-18:00}", "calendar: {working_hours: Mon-Fri 09:00-16:00, holidays: SE}")
    with World(cluster, holidays.replace("at: 10d, window: [-10d, 20d]", "at: 10d, window: [-10d, 400d]")) as world:
        workplace, _ = allocated(world, 0)
        path = task_of(world, workplace, "meeting")
        check(world.post("interviewer", f"{path}/claim"))
        days = [datetime.date.today() + datetime.timedelta(days=n) for n in range(2, 370)]
        holiday = next(day for day in days if (day.month, day.day) in ((1, 6), (5, 1)))
        free = next(day for day in days if day.weekday() == 2 and day.month in (2, 3, 9, 10))
        for day, time, words in ((free, "06:59:00Z", "in working hours, Mon-Fri 09:00-16:00"), (free, "15:00:00Z", "in working hours"),
                                 (free + datetime.timedelta(days=4), "11:00:00Z", "in working hours"), (holiday, "11:00:00Z", "is a holiday")):
            refused(world.post("interviewer", f"{path}/bookings", {"at": f"{day}T{time}"}), words)
        check(world.post("interviewer", f"{path}/bookings", {"at": f"{free}T11:00:00Z", "outside_hours": True}), 201)
        check(world.as_role("interviewer", "DELETE", f"{path}/bookings"))
        check(world.post("interviewer", f"{path}/bookings", {"at": f"{holiday}T11:00:00Z", "outside_hours": True}), 201)
        rows = world.cluster.rows(world.database, "SELECT outside_hours FROM rctd.booking ORDER BY booked_at")
        assert rows == [["f"], ["t"]], "what was outside is recorded, not what was said"
        trail = [row["new"] for row in world.items("auditor", f"{world.path}/audit") if row["object_kind"] == "booking"]
        assert any('"outside_hours": true' in new for new in trail)


def test_two_interviewers_never_hold_one_task(world):
    workplace, codes = allocated(world, 4)
    who = ["interviewer"] + [f"irma{n}" for n in range(3)]
    for name in who[1:]:
        world.tokens[name] = world.account(name, "interviewer")
    for name, code in [("meeting", workplace)] + [("phone", code) for code in codes]:
        path = task_of(world, code, name)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda one, path=path: world.post(one, f"{path}/claim"), who))
        assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
        assert all("has claimed this task" in answer.text for answer in answers if answer.status == 409)
    held = {one: queue(world, one, "claimed") for one in who}
    assert sum(len(tasks) for tasks in held.values()) == 5
    owner = next(one for one in who if (workplace, "meeting") in held[one])
    other = next(one for one in who if one != owner)
    path = task_of(world, workplace, "meeting")
    refused(world.as_role(other, "DELETE", f"{path}/claim"), "somebody else's")
    assert check(world.as_role(owner, "DELETE", f"{path}/claim"))["claimed_by"] is None
    assert check(world.post(other, f"{path}/claim"))["claimed_by"] == other
    assert check(world.as_role("coordinator", "DELETE", f"{path}/claim"))["claimed_by"] is None


def test_nobody_is_asked_who_has_not_agreed_and_who_withdraws_is_gone_at_once(world):
    _, (asked, silent, declined) = allocated(world, 3, agreed=False)
    consent(world, asked)
    consent(world, declined, interview=False)
    assert queue(world) & {(code, "depth") for code in (asked, silent, declined)} == {(asked, "depth")}
    refused(world.post("interviewer", f"{task_of(world, silent, 'depth')}/claim"), f"{silent} takes no part in this")
    refused(world.post("interviewer", f"{task_of(world, declined, 'depth')}/claim"), "is cancelled; do not contact the person")
    path = task_of(world, asked, "depth")
    check(world.post("interviewer", f"{path}/claim"))
    check(world.post("interviewer", f"{path}/bookings", {"at": at(2)}), 201)
    check(world.post("coordinator", f"{world.path}/participants/{asked}/consents", {
        "form": "participation", "version": 1, "decision": "withdrawn", "signed_at": "2026-01-11T09:00:00Z", "how": "phone"}), 201)
    assert world.cluster.rows(world.database, "SELECT state, ended_for FROM rctd.booking") == [["cancelled", "stop"]]
    assert not any(code == asked for code, _ in queue(world) | queue(world, show="claimed"))
    for action, body in (("claim", None), ("bookings", {"at": at(3)}), ("outcome", DONE)):
        assert world.post("interviewer", f"{path}/{action}", body).status == 409


def test_an_independent_assessor_had_no_contact_with_the_person_before(world):
    _, (met, unmet) = allocated(world, 2)
    phone = task_of(world, met, "phone")
    check(world.post("interviewer", f"{phone}/claim"))
    check(world.post("interviewer", f"{phone}/outcome", {"outcome": "no-answer"}))
    depth = task_of(world, met, "depth")
    refused(world.post("interviewer", f"{depth}/claim"), "no contact with the person before")
    assert (met, "depth") not in queue(world) and (unmet, "depth") in queue(world)
    world.tokens["irma"] = world.account("irma", "interviewer")
    check(world.post("irma", f"{depth}/claim"))


def test_a_blinded_assessor_does_not_know_the_arm_and_loses_the_task_who_comes_to_know_it(world):
    _, (one, other) = allocated(world, 2)
    paths = {code: task_of(world, code, "depth") for code in (one, other)}
    refused(world.post("coordinator", f"{paths[one]}/claim"), "does not know the allocation")
    check(world.post("interviewer", f"{paths[one]}/claim"))
    check(world.post("interviewer", f"{paths[one]}/bookings", {"at": at(2)}), 201)
    check(world.post("interviewer", f"{world.path}/unblindings/emergency",
                     {"participant": one, "reason": "Chest pain, the doctor asks"}), 201)
    assert world.cluster.rows(world.database, "SELECT state, ended_for FROM rctd.task_claim") == [["released", "unblinding"]]
    assert world.cluster.rows(world.database, "SELECT state, ended_for FROM rctd.booking") == [["cancelled", "unblinding"]]
    for code in (one, other):
        refused(world.post("interviewer", f"{paths[code]}/claim"), "does not know the allocation")
    world.tokens["irma"] = world.account("irma", "interviewer")
    check(world.post("irma", f"{paths[one]}/claim"))
    for body in ({"outcome": "done"}, {"outcome": "missed", "guess": "unknown", "revealed": False}):
        assert world.post("irma", f"{paths[one]}/outcome", body).status == 409
    refused(world.post("irma", f"{paths[one]}/outcome", {**DONE, "guess": "ruby"}), "no such arm")
    check(world.post("irma", f"{paths[one]}/outcome", {**DONE, "guess": "jade", "revealed": True}))
    refused(world.post("irma", f"{paths[other]}/claim"), "does not know the allocation")


def test_what_an_assessor_guessed_is_for_who_knows_arms(world):
    _, (code,) = allocated(world, 1)
    path = task_of(world, code, "depth")
    check(world.post("interviewer", f"{path}/claim"))
    check(world.post("interviewer", f"{path}/outcome", {**DONE, "guess": "jade"}))
    for role in ("interviewer", "researcher"):
        answer = world.get(role, f"{path}/contacts")
        assert [item["outcome"] for item in check(answer)["items"]] == ["done"]
        assert "guess" not in answer.text and "jade" not in answer.text and "revealed" not in answer.text
    for role in ("statistician", "auditor"):
        item = check(world.get(role, f"{path}/contacts"))["items"][0]
        assert (item["guess"], item["revealed"]) == ("jade", False)


def test_a_sample_is_not_exceeded(world):
    _, codes = allocated(world, 4)
    paths = [task_of(world, code, "depth") for code in codes]
    names = [f"irma{n}" for n in range(4)]
    for name in names:
        world.tokens[name] = world.account(name, "interviewer")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: world.post(names[n], f"{paths[n]}/claim"), range(4)))
    assert sorted(answer.status for answer in answers) == [200, 200, 409, 409]
    assert all("The sample of 2 is full" in answer.text for answer in answers if answer.status == 409)


def test_a_focus_group_is_one_task_with_members_who_each_agreed(world):
    workplace, codes = allocated(world, 4)
    stranger = people(world, world.workplaces(1, first=50)[0], 1)[0]
    silent = people(world, workplace, 1, agreed=False)[0]
    path = task_of(world, workplace, "circle")
    check(world.post("interviewer", f"{path}/claim"))

    def book(members, **more):
        return world.post("interviewer", f"{path}/bookings", {"at": at(2), "participants": members, **more})

    refused(book(codes[:1]), "has 2 to 3 members, not 1")
    refused(book(codes), "has 2 to 3 members, not 4")
    refused(book([codes[0], silent]), f"{silent} takes no part in this")
    refused(book([codes[0], stranger]), "who work at its workplace")
    assert book([codes[0], "P2222223"]).status == 422
    assert check(book(codes[:2]), 201)["booked"] == 2
    refused(book([codes[2]], at=at(3)), "A group meets at one time")
    check(book([codes[2]]), 201)
    left = world.rctctl("interviewer", "task", "cancel", world.trial, path.rsplit("/", 1)[1], "--participant", codes[2])
    assert f"The appointment for circle with {codes[2]} is cancelled; it stays for 2 others." in left.stdout, left.stderr
    check(world.post("coordinator", f"{world.path}/participants/{codes[0]}/consents", {
        "form": "participation", "version": 1, "decision": "withdrawn", "signed_at": "2026-01-11T09:00:00Z", "how": "phone"}), 201)
    assert check(world.post("interviewer", f"{path}/outcome", {"outcome": "done"}))["state"] == "done"
    rows = world.cluster.rows(world.database, "SELECT u.code, b.state FROM rctd.booking b JOIN rctd.unit u USING (unit_id)")
    assert sorted(rows) == sorted([[codes[0], "cancelled"], [codes[1], "done"], [codes[2], "cancelled"]])


def test_who_moves_away_is_in_no_group_of_the_workplace_any_more(world):
    workplace, codes = allocated(world, 3)
    path = task_of(world, workplace, "circle")
    check(world.post("interviewer", f"{path}/claim"))
    check(world.post("interviewer", f"{path}/bookings", {"at": at(2), "participants": codes}), 201)
    phone = task_of(world, codes[0], "phone")
    check(world.post("interviewer", f"{phone}/claim"))
    check(world.post("interviewer", f"{phone}/bookings", {"at": at(3)}), 201)
    # They began today: who leaves on their first day is moved by the owner's hand.
    world.cluster.sql(world.database, f"""UPDATE rctd.employment e SET to_on = from_on FROM rctd.unit u
                                          WHERE u.unit_id = e.unit_id AND u.code = '{codes[0]}'""")
    rows = world.cluster.rows(world.database, "SELECT u.code, t.task, b.state, b.ended_for FROM rctd.booking b "
                                              "JOIN rctd.unit u USING (unit_id) JOIN rctd.task t USING (task_id) ORDER BY t.task")
    assert sorted(row[1:] for row in rows if row[0] == codes[0]) == [["circle", "cancelled", "moved"], ["phone", "planned", ""]]
    assert sum(row[2] == "planned" for row in rows) == 3


def test_the_queue_tells_when_people_like_to_be_met(cluster):
    asked = DOCUMENT.replace("    sex: {levels: [woman, man]}", "    sex: {levels: [woman, man]}\n    preferred_times: {levels: [mornings, evenings]}")
    with World(cluster, asked) as world:
        workplace = world.workplaces(1)[0]
        code = check(world.post("coordinator", f"{world.path}/participants", {
            "workplace": workplace, "attributes": {"sex": "man", "preferred_times": "evenings"}}), 201)["code"]
        consent(world, code)
        check(world.allocate(workplace), 201)
        shown = {(item["task"], item["participant"]): item["preferred_times"] for item in world.items("interviewer", f"{world.path}/queue")}
        assert shown["phone", code] == "evenings" and shown["meeting", None] is None


def test_an_interviewer_sees_no_task_that_only_some_arms_have(world):
    found = {}
    for n in range(0, 40, 8):  # five in one stratum: a block of eight has four opals
        workplace = world.workplaces(1, first=n)[0]
        found[check(world.allocate(workplace), 201)["arm"]] = workplace
    path = task_of(world, found["opal"], "talk")
    assert world.post("interviewer", f"{path}/claim").status == 404
    assert {task for _, task in queue(world)} == {"meeting", "circle"}
    assert check(world.post("coordinator", f"{path}/claim"))["claimed_by"] == "coordinator"
    assert world.get("interviewer", f"{path}/contacts").status == 404
    for role in ("researcher", "dispatcher", "auditor"):
        assert world.post(role, f"{path}/claim").status == 403


def test_whatever_an_interviewer_is_answered_names_no_arm(world):
    _, (code, _) = allocated(world, 2)
    path = task_of(world, code, "depth")
    answers = [world.get("interviewer", f"{world.path}/queue"), world.post("interviewer", f"{path}/claim"),
               world.post("interviewer", f"{path}/bookings", {"at": at(2)}),
               world.post("interviewer", f"{path}/outcome", {**DONE, "guess": "opal"}),
               world.get("interviewer", f"{world.path}/tasks"), world.get("interviewer", f"{path}/contacts")]
    for answer in answers:
        assert answer.status in (200, 201)
        assert not any(word.lower() in answer.text.lower() for word in ARM_WORDS), answer.text
