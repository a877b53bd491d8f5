"""Unblinding: an arm is told to one person at once in an emergency, or with another person's approval; who knows is
kept, others hear of it, and the report shows it all. What is refused tells nothing."""
import concurrent.futures
import json

from crawl import words_in
import crowd
import harness
import pytest
import shapes
from world import PROTOCOL, WITH_PEOPLE, World, at, check, key, said

EMERGENCY = "Taken ill; the clinic must know"


@pytest.fixture(scope="module", name="gems")
def gems_fixture(cluster):
    with World(cluster, protocol=WITH_PEOPLE, phases=("main", "people")) as world:
        codes = world.workplaces(16)
        world.allocate_all(codes[:12])
        people = world.people(3, workplace=codes[0]) + world.people(2, workplace=codes[15])
        check(world.allocate_person(people[0]), 201)
        world.codes, world.persons = codes, people
        for name in ("ivan", "iris"):
            world.tokens[name] = world.account(name, "interviewer")
        world.tokens["rita"] = world.account("rita", "researcher")
        world.tokens["marta"] = world.account("marta", "trial-manager")
        world.tokens["north"] = world.account("norbert", "coordinator", county="north")
        yield world


def arm_of(world, code):
    return world.cluster.sql(world.database, f"SELECT arm FROM rctd.allocation l JOIN rctd.unit u USING (trial_id, unit_id) "
                                             f"WHERE u.code = '{code}'").strip()


def emergency(world, who, **unit):
    more = {"key": unit.pop("key")} if "key" in unit else {}
    return world.post(who, f"{world.path}/unblindings/emergency", {"reason": EMERGENCY, **unit}, **more)


def request(world, who, **unit):
    return world.post(who, f"{world.path}/unblindings", {"reason": "Safety report", **unit})


def decide(world, who, made, decision="approved"):
    return world.post(who, f"{world.path}/unblindings/{made['unblinding']}/decisions", {"decision": decision, "reason": "Protocol 9.3"})


def read(world, who, made):
    return world.get(who, f"{world.path}/unblindings/{made['unblinding']}/arm")


def knows(world, who, code):
    unit = "participant" if code.startswith("P") else "workplace"
    rows = world.items("auditor", f"{world.path}/knowledge?account={who}&{unit}={code}")
    said = world.cluster.sql(world.database, f"""SELECT rctd.knows_arm(u.trial_id, a.account_id, u.unit_id) FROM rctd.unit u, rctd.account a
                                                 WHERE u.code = '{code}' AND a.name = '{who}'""").strip() == "t"
    assert said == bool(rows), (who, code, rows)
    return said


def notices(world, who):
    return world.items(who, "/v1/me/notices?unread=true")


def test_an_emergency_tells_the_arm_of_one_unit_at_once_and_others_hear_of_it(gems):
    code = gems.codes[1]
    before = {who: len(notices(gems, who)) for who in ("coordinator", "trial-manager", "auditor", "statistician", "ivan", "iris")}
    assert not knows(gems, "ivan", code)
    told = check(emergency(gems, "ivan", workplace=code), 201)
    assert [row["arm"] for row in told["allocations"]] == [arm_of(gems, code)] and told["arm_of"] == code
    assert knows(gems, "ivan", code) and not knows(gems, "ivan", gems.codes[2]) and not knows(gems, "iris", code)
    after = {who: notices(gems, who) for who in before}
    for who in ("coordinator", "trial-manager", "auditor"):
        assert len(after[who]) == before[who] + 1, who
        newest = after[who][0]
        assert newest["kind"] == "unblinding-emergency" and newest["workplace"] == code and newest["actor"] == "ivan"
        assert words_in(json.dumps(newest)) == []
    for who in ("statistician", "ivan", "iris"):
        assert len(after[who]) == before[who], who


def test_a_repeated_emergency_gets_the_same_answer_and_nobody_else_gets_it(gems):
    code, its_key = gems.codes[2], key()
    first = emergency(gems, "ivan", workplace=code, key=its_key)
    check(first, 201)
    again = emergency(gems, "ivan", workplace=code, key=its_key)
    assert again.status == 201 and again.body == first.body and again.headers["idempotency-replayed"] == "true"
    assert len([item for item in gems.items("auditor", f"{gems.path}/unblindings?workplace={code}")]) == 1
    for who in ("iris", "rita", "trial-manager"):
        other = emergency(gems, who, workplace=code, key=its_key)
        assert other.status == 422 and words_in(other.text) == []
    assert gems.post("ivan", f"{gems.path}/unblindings/emergency", {"reason": EMERGENCY, "workplace": code}, key=None).status == 400


def test_a_key_that_a_coordinator_has_used_gives_nobody_the_coordinators_answer(gems):
    its_key = key()
    check(gems.allocate(gems.codes[12], key=its_key), 201)
    answer = emergency(gems, "ivan", workplace=gems.codes[3], key=its_key)
    assert answer.status == 422 and words_in(answer.text) == []
    assert not knows(gems, "ivan", gems.codes[3]) and not knows(gems, "ivan", gems.codes[12])


def test_of_a_participant_it_is_their_own_arm_or_else_their_workplaces(gems):
    own, through = gems.persons[0], gems.persons[1]
    told = check(emergency(gems, "rita", participant=own), 201)
    assert told["arm_of"] == own and told["allocations"][0]["arm"] == arm_of(gems, own)
    assert not knows(gems, "rita", gems.codes[0])
    told = check(emergency(gems, "rita", participant=through.lower()), 201)
    assert told["arm_of"] == gems.codes[0] and told["allocations"][0]["arm"] == arm_of(gems, gems.codes[0])
    assert knows(gems, "rita", gems.codes[0]) and knows(gems, "rita", gems.persons[2]), "who knows a workplace's arm knows its people's"
    refused = emergency(gems, "rita", participant=gems.persons[3])
    assert refused.status == 409 and "has not been allocated" in refused.text


def test_roles_that_see_arms_have_nothing_to_ask_for_and_others_may_not(gems):
    for who in ("coordinator", "statistician", "auditor", "dispatcher", "administrator"):
        for path in ("/unblindings/emergency", "/unblindings"):
            answer = gems.post(who, gems.path + path, {"reason": "x", "workplace": gems.codes[4]})
            assert answer.status == 403 and words_in(answer.text) == []
    assert knows(gems, "coordinator", gems.codes[4]) and knows(gems, "auditor", gems.codes[4])
    assert not knows(gems, "dispatcher", gems.codes[4])


def test_a_planned_unblinding_takes_two_people(gems):
    code = gems.codes[5]
    made = check(request(gems, "ivan", workplace=code), 201)
    assert made["kind"] == "planned" and made["decision"] is None and words_in(json.dumps(made)) == []
    assert any(item["about"] == made["unblinding"] for item in notices(gems, "statistician"))
    refused = read(gems, "ivan", made)
    assert refused.status == 409 and "Nobody has approved" in refused.text and words_in(refused.text) == []
    assert decide(gems, "ivan", made).status == 403 and decide(gems, "coordinator", made).status == 403
    assert not knows(gems, "ivan", code)
    done = check(decide(gems, "trial-manager", made), 201)
    assert done["decision"] == "approved" and done["known_at"] is None and words_in(json.dumps(done)) == []
    assert not knows(gems, "ivan", code), "who has not read it does not know it"
    assert decide(gems, "statistician", made).status == 409
    for who in ("iris", "rita", "trial-manager"):
        assert read(gems, who, made).status in (403, 404)
    told = check(read(gems, "ivan", made))
    assert told["allocations"][0]["arm"] == arm_of(gems, code) and knows(gems, "ivan", code)
    check(read(gems, "ivan", made))
    seen = check(gems.get("auditor", f"{gems.path}/unblindings/{made['unblinding']}"))
    assert seen["looks"] == 2 and seen["told"] == {"main": arm_of(gems, code)}
    assert [item["kind"] for item in notices(gems, "ivan") if item["about"] == made["unblinding"]] == ["unblinding-approved"]


def test_a_trial_manager_who_asks_needs_a_statistician(gems):
    made = check(request(gems, "marta", workplace=gems.codes[6]), 201)
    for who in ("marta", "trial-manager"):
        assert decide(gems, who, made).status == 409
    check(decide(gems, "statistician", made), 201)
    assert check(read(gems, "marta", made))["allocations"][0]["arm"] == arm_of(gems, gems.codes[6])


def test_an_interviewer_of_one_county_is_told_no_arm_of_another(gems):
    token = gems.account("nina", "interviewer", county="north")
    county = {item["code"]: item["county"] for item in gems.items("coordinator", f"{gems.path}/workplaces?state=allocated")}
    south = next(code for code in county if county[code] == "south")
    for path in ("/unblindings/emergency", "/unblindings"):
        answer = gems.daemon.request("POST", gems.path + path, {"workplace": south, "reason": "x"}, token=token, key=key())
        assert answer.status == 404 and words_in(answer.text) == []
    assert not knows(gems, "nina", south)


def test_who_asks_twice_is_told_which_request_stands(gems):
    code = gems.codes[11]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: request(gems, "ivan", workplace=code), range(4)))
    (made,) = [check(answer) for answer in answers if answer.status == 201]
    for answer in (answer for answer in answers if answer.status != 201):
        assert f"unblinding {made['unblinding']}, which waits" in check(answer, 409)["detail"]
    other = check(request(gems, "rita", workplace=code), 201)
    check(decide(gems, "statistician", made), 201)
    assert "which is approved" in check(request(gems, "ivan", workplace=code), 409)["detail"]
    check(decide(gems, "statistician", other, "refused"), 201)
    check(request(gems, "rita", workplace=code), 201)


def test_what_was_refused_is_never_told(gems):
    made = check(request(gems, "iris", workplace=gems.codes[7]), 201)
    check(decide(gems, "statistician", made, "refused"), 201)
    answer = read(gems, "iris", made)
    assert answer.status == 409 and words_in(answer.text) == [] and not knows(gems, "iris", gems.codes[7])


def test_an_arm_that_came_out_is_written_down_by_who_heard_it_or_for_them(gems):
    code = gems.codes[8]
    mine = check(gems.post("iris", f"{gems.path}/knowledge", {"workplace": code, "source": "participant"}), 201)
    assert mine["how"] == "told" and mine["account"] == "iris" and knows(gems, "iris", code)
    other = {"workplace": gems.codes[9], "source": "colleague", "account": "rita"}
    assert gems.post("iris", f"{gems.path}/knowledge", other).status == 403
    check(gems.post("coordinator", f"{gems.path}/knowledge", other), 201)
    assert knows(gems, "rita", gems.codes[9])
    assert any(item["kind"] == "arm-told" and item["workplace"] == code for item in notices(gems, "trial-manager"))


def test_a_blinded_role_sees_its_own_unblindings_and_knowledge_only(gems):
    for who in ("ivan", "rita"):
        check(emergency(gems, who, workplace=gems.codes[3]), 201)
    assert {item["account"] for item in gems.items("ivan", f"{gems.path}/unblindings")} == {"ivan"}
    assert {item["account"] for item in gems.items("ivan", f"{gems.path}/knowledge?account=rita")} == {"ivan"}
    theirs = gems.items("auditor", f"{gems.path}/unblindings?account=rita")[0]["unblinding"]
    assert gems.get("ivan", f"{gems.path}/unblindings/{theirs}").status == 404


def test_the_report_has_the_arm_for_those_who_may_know_and_counts_by_account(gems):
    def counts():
        rows = gems.items("trial-manager", f"{gems.path}/unblindings/accounts")
        return {(row["account"], what): row[what] for row in rows for what in ("emergency", "planned", "asked", "refused", "told")}
    before, code = counts(), gems.codes[4]
    for _ in range(2):
        check(emergency(gems, "ivan", workplace=code), 201)
    made = check(request(gems, "iris", workplace=code), 201)
    check(decide(gems, "statistician", made, "refused"), 201)
    check(gems.post("rita", f"{gems.path}/knowledge", {"workplace": code, "source": "document"}), 201)
    after = counts()
    assert {key: after[key] - before.get(key, 0) for key in after if after[key] != before.get(key, 0)} == {
        ("ivan", "emergency"): 2, ("iris", "asked"): 1, ("iris", "refused"): 1, ("rita", "told"): 1}
    for who in ("auditor", "statistician"):
        rows = gems.items(who, f"{gems.path}/unblindings?workplace={code}")
        assert [row["told"] for row in rows] == [{"main": arm_of(gems, code)}] * 2 + [None]
    manager = gems.get("trial-manager", f"{gems.path}/unblindings?limit=1000")
    assert manager.status == 200 and words_in(manager.text) == [] and "told" not in manager.json()["items"][0]
    assert gems.get("ivan", f"{gems.path}/unblindings/accounts").status == 403


def test_a_role_that_was_taken_back_counts_for_what_had_been_allocated(gems):
    gems.account("carl", "coordinator", county="south")
    south = next(item["code"] for item in gems.items("coordinator", f"{gems.path}/workplaces?state=allocated") if item["county"] == "south")
    north = next(item["code"] for item in gems.items("coordinator", f"{gems.path}/workplaces?state=allocated") if item["county"] == "north")
    grant = gems.items("administrator", "/v1/accounts/carl/grants")[0]["grant_id" if "grant_id" in gems.items(
        "administrator", "/v1/accounts/carl/grants")[0] else "grant"]
    check(gems.as_role("administrator", "DELETE", f"/v1/accounts/carl/grants/{grant}"))
    assert knows(gems, "carl", south)
    assert not gems.cluster.sql(gems.database, f"""SELECT rctd.knows_arm(u.trial_id, a.account_id, u.unit_id)::text FROM rctd.unit u, rctd.account a
                                                   WHERE u.code = '{north}' AND a.name = 'carl'""").strip() == "true"
    late = gems.codes[13]
    check(gems.allocate(late), 201)
    assert gems.cluster.sql(gems.database, f"""SELECT rctd.knows_arm(u.trial_id, a.account_id, u.unit_id)::text FROM rctd.unit u, rctd.account a
                                               WHERE u.code = '{late}' AND a.name = 'carl'""").strip() == "false"


def test_notices_are_ones_own_and_read_once(gems):
    waiting = notices(gems, "coordinator")
    check(emergency(gems, "rita", workplace=gems.codes[10]), 201)
    mine = notices(gems, "coordinator")
    assert len(mine) == len(waiting) + 1 == check(gems.get("coordinator", "/v1/me"))["unread"]
    assert gems.post("ivan", f"/v1/me/notices/{mine[0]['notice']}/read", key=None).status == 404
    read_at = check(gems.post("coordinator", f"/v1/me/notices/{mine[0]['notice']}/read", key=None))["read_at"]
    assert check(gems.post("coordinator", f"/v1/me/notices/{mine[0]['notice']}/read", key=None))["read_at"] == read_at is not None
    assert len(notices(gems, "coordinator")) == len(waiting)
    county = {item["code"]: item["county"] for item in gems.items("coordinator", f"{gems.path}/workplaces")}
    assert {county[item["workplace"]] for item in notices(gems, "north") if item["workplace"]} <= {"north"}


def test_the_trail_has_who_was_told_and_is_whole(gems):
    made = check(request(gems, "iris", workplace=gems.codes[3]), 201)
    check(decide(gems, "statistician", made), 201)
    for _ in range(2):
        check(read(gems, "iris", made))
    rows = gems.items("auditor", f"{gems.path}/audit")
    kinds = {row["object_kind"] for row in rows}
    assert {"unblinding", "unblinding-decision", "arm-knowledge", "unblinding-read", "notice"} <= kinds
    said(gems.rctctl("auditor", "audit", "verify", gems.trial))


@pytest.mark.parametrize("table, change", [
    ("unblinding", "UPDATE rctd.unblinding SET reason = 'x' WHERE kind = 'planned'"),
    ("unblinding", "DELETE FROM rctd.unblinding_read; DELETE FROM rctd.arm_knowledge; DELETE FROM rctd.unblinding_decision; DELETE FROM rctd.unblinding"),
    ("arm_knowledge", "UPDATE rctd.arm_knowledge SET account_id = (SELECT account_id FROM rctd.account WHERE name = 'iris') WHERE how = 'told'"),
    ("notice", "DELETE FROM rctd.notice"),
    ("unblinding_decision", "UPDATE rctd.unblinding_decision SET decision = 'approved' WHERE decision = 'refused'")])
def test_a_record_of_unblinding_that_is_changed_behind_the_trails_back_is_found(gems, table, change):
    """A superuser with triggers off; put right again behind the test."""
    copy = gems.cluster.rows(gems.database, "SELECT 1 FROM pg_tables WHERE schemaname = 'kept'")
    tables = ("unblinding", "unblinding_decision", "unblinding_read", "arm_knowledge", "notice")
    if not copy:
        gems.cluster.sql(gems.database, "CREATE SCHEMA kept; " + "; ".join(f"CREATE TABLE kept.{t} AS TABLE rctd.{t}" for t in tables))
    gems.cluster.sql(gems.database, f"SET session_replication_role = replica; {change}")
    done = gems.rctctl("auditor", "audit", "verify", gems.trial)
    gems.cluster.sql(gems.database, "SET session_replication_role = replica; "
                     + "; ".join(f"DELETE FROM rctd.{t}; INSERT INTO rctd.{t} TABLE kept.{t}" for t in reversed(tables)))
    assert done.returncode == 8, f"{table}: {done.stdout}{done.stderr}"
    assert gems.rctctl("auditor", "audit", "verify", gems.trial).returncode == 0


@pytest.fixture(name="interviews")
def interviews_fixture(cluster):
    with World(cluster, protocol=crowd.PROTOCOL, phases=("main",)) as world:
        for name in ("ivan", "iris"):
            world.tokens[name] = world.account(name, "interviewer")
        code = world.workplaces(1)[0]
        world.person = check(world.post("coordinator", f"{world.path}/participants", {
            "workplace": code, "attributes": {"sex": "woman", "birth_year": "1980"}}), 201)["code"]
        check(world.post("coordinator", f"{world.path}/participants/{world.person}/consents", {
            "form": "participation", "version": 1, "decision": "given", "how": "link", "signed_at": "2026-01-10T09:00:00Z",
            "scopes": {"participate": True, "interview": True, "pass-on-contact": True, "register-linkage": True}}), 201)
        world.workplace = code
        check(world.allocate(code), 201)
        yield world


def meeting(world):
    return next(item["task_id"] for item in world.items("coordinator", f"{world.path}/tasks") if item["task"] == "meeting")


def test_who_knows_the_arm_is_not_given_an_interview_that_must_be_blinded(interviews):
    check(emergency(interviews, "ivan", workplace=interviews.workplace), 201)
    path = f"{interviews.path}/tasks/{meeting(interviews)}/claim"
    refused = interviews.post("ivan", path)
    assert refused.status == 409 and "does not know the allocation" in refused.text and words_in(refused.text) == []
    assert interviews.post("coordinator", path).status in (403, 409), "a coordinator knows the arm by the role"
    check(interviews.post("iris", path))


@pytest.mark.parametrize("learns", ["emergency", "planned", "told"])
def test_who_learns_the_arm_loses_the_interview_at_once_and_another_can_take_it(interviews, learns):
    path = f"{interviews.path}/tasks/{meeting(interviews)}"
    check(interviews.post("ivan", f"{path}/claim"))
    check(interviews.post("ivan", f"{path}/bookings", {"at": at(3)}), 201)
    if learns == "emergency":
        check(emergency(interviews, "ivan", participant=interviews.person), 201)
    elif learns == "planned":
        made = check(request(interviews, "ivan", workplace=interviews.workplace), 201)
        check(decide(interviews, "statistician", made), 201)
        assert interviews.post("iris", f"{path}/claim").status == 409, "who may read the arm and has not still has the interview"
        check(read(interviews, "ivan", made))
    else:
        check(interviews.post("coordinator", f"{interviews.path}/knowledge", {
            "workplace": interviews.workplace, "source": "workplace", "account": "ivan"}), 201)
    assert interviews.post("ivan", f"{path}/bookings", {"at": at(4)}).status == 409
    check(interviews.post("iris", f"{path}/claim"))


def test_an_arm_and_a_booking_at_the_same_moment_never_both_come_through(interviews):
    """Whichever is first: in the end nobody who knows the arm holds the interview."""
    path = f"{interviews.path}/tasks/{meeting(interviews)}/claim"
    for n in range(8):
        name = f"racer{n}"
        interviews.tokens[name] = interviews.account(name, "interviewer")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for n in range(8):
            # A client belongs to one thread.
            one, other = harness.Client(interviews.daemon.port), harness.Client(interviews.daemon.port)
            token = interviews.tokens[f"racer{n}"]
            claimed = pool.submit(one.post, path, None, token=token, key=key())
            told = pool.submit(other.post, f"{interviews.path}/unblindings/emergency", {"reason": EMERGENCY, "workplace": interviews.workplace},
                               token=token, key=key())
            assert told.result().status == 201 and claimed.result().status in (200, 409)
            one.close(), other.close()
            held = interviews.cluster.sql(interviews.database, "SELECT count(*) FROM rctd.task_claim c WHERE c.state = 'held' "
                                          "AND rctd.knows_arm(c.trial_id, c.account_id, c.unit_id)")
            assert held == "0"


SIGNED = PROTOCOL.replace("languages: [en]\n", "languages: [en]\nsignatures: [unblind]\n", 1)
PASSWORD = "correct horse battery"


def test_a_protocol_can_want_unblinding_signed_by_both(cluster):
    with World(cluster, protocol=SIGNED) as world:
        code = world.workplaces(1)[0]
        check(world.allocate(code), 201)
        assert emergency(world, "interviewer", workplace=code).status in (401, 403, 409, 422)
        assert world.cluster.sql(world.database, "SELECT count(*) FROM rctd.arm_knowledge") == "0"
        for who in ("interviewer", "statistician"):
            check(world.first_password(who, PASSWORD))
        signature = {"password": PASSWORD, "meaning": "I need to know"}
        wrong = emergency(world, "interviewer", workplace=code, signature={**signature, "password": "something else"})
        assert wrong.status in (401, 403, 409, 422) and words_in(wrong.text) == []
        check(emergency(world, "interviewer", workplace=code, signature=signature), 201)
        made = check(world.post("interviewer", f"{world.path}/unblindings", {"workplace": code, "reason": "x", "signature": signature}), 201)
        assert decide(world, "statistician", made).status in (401, 403, 409, 422)
        check(world.post("statistician", f"{world.path}/unblindings/{made['unblinding']}/decisions",
                         {"decision": "approved", "reason": "x", "signature": signature}), 201)
        signed = world.items("auditor", f"{world.path}/signatures")
        assert [row["action"] for row in signed] == ["unblind"] * 3 and {row["object"] for row in signed} == {f"unit/{code}"}
        assert PASSWORD not in world.daemon.log()


def test_every_answer_has_the_shape_that_is_described(gems):
    document = check(gems.get("administrator", "/openapi.json"))
    code = gems.codes[10]
    made = request(gems, "rita", workplace=code)
    route, one = "/v1/trials/{trial}/unblindings", f"{gems.path}/unblindings/{made.json()['unblinding']}"
    answers = [("post", route, made), ("post", f"{route}/emergency", emergency(gems, "rita", workplace=code)),
               ("post", f"{route}/{{unblinding}}/decisions", decide(gems, "statistician", made.json())),
               ("get", f"{route}/{{unblinding}}/arm", gems.get("rita", f"{one}/arm")), ("get", f"{route}/{{unblinding}}", gems.get("auditor", one)),
               ("get", route, gems.get("auditor", f"{gems.path}/unblindings")), ("get", route, gems.get("rita", f"{gems.path}/unblindings")),
               ("get", f"{route}/accounts", gems.get("auditor", f"{gems.path}/unblindings/accounts")),
               ("post", "/v1/trials/{trial}/knowledge", gems.post("rita", f"{gems.path}/knowledge", {"workplace": code, "source": "other"})),
               ("get", "/v1/trials/{trial}/knowledge", gems.get("auditor", f"{gems.path}/knowledge")),
               ("get", "/v1/me/notices", gems.get("auditor", "/v1/me/notices")), ("get", "/v1/me", gems.get("auditor", "/v1/me"))]
    for method, path, answer in answers:
        assert answer.status < 300, f"{method} {path}: {answer}"
        shapes.hold(document, shapes.schema_of(document, path, method, answer.status), answer.json(), f"{method} {path}")


def test_rctctl_tells_asks_approves_and_reports(gems):
    code = gems.codes[11]
    told = gems.rctctl("marta", "unblind", "emergency", gems.trial, code, "--reason", EMERGENCY, "--yes")
    assert told.returncode == 0 and arm_of(gems, code) in told.stdout, told.stdout + told.stderr
    asked = gems.rctctl("iris", "--json", "unblind", "request", gems.trial, code, "--reason", "Board")
    made = json.loads(asked.stdout)["unblinding"]
    assert gems.rctctl("iris", "unblind", "show", gems.trial, made).returncode == 4
    assert gems.rctctl("statistician", "unblind", "approve", gems.trial, made, "--reason", "9.3").returncode == 0
    assert arm_of(gems, code) in gems.rctctl("iris", "unblind", "show", gems.trial, made).stdout
    report = gems.rctctl("auditor", "--csv", "unblind", "list", gems.trial).stdout
    assert made in report and "emergency" in report and arm_of(gems, code) in report
    assert "marta" in gems.rctctl("trial-manager", "unblind", "accounts", gems.trial).stdout
    assert "iris" in gems.rctctl("coordinator", "unblind", "knows", gems.trial, code).stdout
    assert gems.rctctl("ivan", "unblind", "told", gems.trial, code, "--source", "document", "--yes").returncode == 0
    assert "was told the arm of" in gems.rctctl("trial-manager", "notice", "list").stdout
    assert gems.rctctl("trial-manager", "notice", "read").returncode == 0
    assert "No notice waits" in gems.rctctl("trial-manager", "notice", "list").stdout
    assert "Unread notices" in gems.rctctl("trial-manager", "whoami").stdout


def test_neither_log_nor_metrics_name_an_arm_that_was_told(gems):
    assert words_in(gems.daemon.log()) == [] and words_in(gems.daemon.get("/metrics").text) == []
