"""Two things that meet at one moment: one of them is held in the midst of its work by a lock of ours, the other
comes, and the order in which both are answered is the order in which they were done."""
import concurrent.futures
import os
import signal

import harness
from locks import PLANS, locked, waiting
from world import World, assert_ledger_is_right, check, key

GIVEN = {"form": "employer", "version": 1, "decision": "given", "scopes": {"participate": True}, "signed_by": "A. Director",
         "signed_at": "2026-01-01T09:00:00Z", "how": "paper"}
WITHDRAWN = {name: value for name, value in {**GIVEN, "decision": "withdrawn"}.items() if name != "scopes"}


def make_ready(world, code):
    check(world.post("coordinator", f"{world.path}/workplaces/{code}/answers", {"answers": {"manager": True}}))
    check(world.post("coordinator", f"{world.path}/workplaces/{code}/agreements", GIVEN))
    check(world.post("coordinator", f"{world.path}/workplaces/{code}/roster-lock", {"head_count": 12}))


def state(world, code):
    return check(world.get("coordinator", f"{world.path}/workplaces/{code}"))["state"]


def test_a_phase_is_closed_behind_the_allocations_that_were_under_way(world):
    code, late = world.workplaces(2)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        with locked(world, PLANS):
            allocating = pool.submit(world.allocate, code)
            harness.wait_until(lambda: waiting(world), "the allocation to stop")
            closing = pool.submit(world.post, "trial-manager", f"{world.path}/phases/main/close", {"reason": "Enough"})
            harness.wait_until(lambda: closing.done() or waiting(world, 2), "the phase's closing to wait or end")
            assert not closing.done(), "the phase was closed, and an allocation in it came afterwards"
        check(allocating.result(), 201)
        check(closing.result(), 200)
    assert world.allocate(late).status == 409
    order = world.cluster.rows(world.database, "SELECT object_kind FROM rctd.audit WHERE (object_kind = 'phase' AND new LIKE '%\"closed\"%') "
                                               "OR object_kind = 'allocation' ORDER BY at")
    assert order == [["allocation"], ["phase"]]


def test_an_allocation_that_meets_the_closing_of_its_phase_is_refused(world):
    code = world.workplaces(1)[0]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        with locked(world, "SELECT FROM rctd.audit_head WHERE stream = 'trial' FOR UPDATE"):
            closing = pool.submit(world.post, "trial-manager", f"{world.path}/phases/main/close", {"reason": "Enough"})
            harness.wait_until(lambda: waiting(world), "the closing to stop")
            allocating = pool.submit(world.allocate, code)
            harness.wait_until(lambda: allocating.done() or waiting(world, 2), "the allocation to wait or end")
        check(closing.result(), 200)
        refused = allocating.result()
    assert refused.status == 409 and "phase main is closed" in refused.text, refused
    assert world.ledger() == []
    assert [row["kind"] for row in world.items("auditor", f"{world.path}/attempts")] == ["refused"]


def test_a_withdrawal_that_meets_an_allocation_comes_after_it_and_stops_everything(forms):
    make_ready(forms, "W0003")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        with locked(forms, PLANS):
            allocating = pool.submit(forms.allocate, "W0003")
            harness.wait_until(lambda: waiting(forms), "the allocation to stop")
            leaving = pool.submit(forms.post, "coordinator", f"{forms.path}/workplaces/W0003/agreements", WITHDRAWN)
            harness.wait_until(lambda: waiting(forms, 2), "the withdrawal to wait")
        check(allocating.result(), 201)
        assert check(leaving.result(), 201)["workplace_withdrawn"] is True
    assert state(forms, "W0003") == "withdrawn"
    assert {task["state"] for task in forms.items("coordinator", f"{forms.path}/tasks?workplace=W0003")} == {"cancelled"}


def test_an_allocation_that_meets_a_withdrawal_is_refused(forms):
    make_ready(forms, "W0003")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        with locked(forms, "SELECT FROM rctd.audit_head WHERE stream LIKE 'unit:%' FOR UPDATE"):
            leaving = pool.submit(forms.post, "coordinator", f"{forms.path}/workplaces/W0003/agreements", WITHDRAWN)
            harness.wait_until(lambda: waiting(forms), "the withdrawal to stop")
            allocating = pool.submit(forms.allocate, "W0003")
            harness.wait_until(lambda: waiting(forms, 2), "the allocation to wait")
        check(leaving.result(), 201)
        refused = allocating.result()
    assert refused.status == 409 and "Agreement employer: withdrawn" in refused.text, refused
    assert forms.ledger() == []


def test_one_workplace_is_not_let_into_two_phases_that_exclude_each_other_at_once(forms):
    second = forms.another()
    make_ready(forms, "W0003")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        with locked(forms, PLANS):
            answers = [pool.submit(forms.allocate, "W0003", "pilot"), pool.submit(forms.allocate, "W0003", "main", daemon=second)]
            harness.wait_until(lambda: waiting(forms, 2), "both to wait")
        statuses = sorted(answer.result().status for answer in answers)
    assert statuses == [201, 409]
    assert len(forms.ledger()) == 1


def test_a_key_that_two_requests_bear_at_once_stands_for_one_of_them(world):
    second = world.another()
    public, private = world.workplaces(2)
    its_key = key()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        with locked(world, PLANS):
            answers = [pool.submit(world.allocate, public, key=its_key), pool.submit(world.allocate, private, daemon=second, key=its_key)]
            harness.wait_until(lambda: waiting(world, 2), "both to wait")
        answers = sorted((answer.result() for answer in answers), key=lambda answer: answer.status)
    assert [answer.status for answer in answers] == [201, 422], answers
    assert answers[1].json()["type"].endswith("idempotency-key-reused")
    assert_ledger_is_right(world, 1)


def test_a_key_that_an_allocation_and_another_request_bear_at_once_stands_for_one_of_them(world):
    second = world.another()
    code, other = world.workplaces(2)
    its_key = key()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        with locked(world, PLANS):
            allocating = pool.submit(world.allocate, code, key=its_key)
            harness.wait_until(lambda: waiting(world), "the allocation to stop")
            locking = second.post(f"{world.path}/workplaces/{other}/roster-lock", {"head_count": 5},
                                  token=world.tokens["coordinator"], key=its_key)
            check(locking, 200)
        said = allocating.result()
    assert said.status == 422 and said.json()["type"].endswith("idempotency-key-reused"), said
    assert world.ledger() == [], "a refused allocation takes no position"
    check(world.allocate(code), 201)


def test_a_protocol_that_two_managers_lock_at_once_is_locked_once(cluster):
    with World(cluster, phases=()) as made:
        second = made.another()
        check(made.post("trial-manager", f"{made.path}/protocols", {"document": made.protocol + "# two\n", "reason": "Test"}))
        other = made.account("other-manager", "trial-manager")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            with locked(made, "SELECT FROM rctd.audit_head WHERE stream = 'trial' FOR UPDATE"):
                answers = [pool.submit(daemon.post, f"{made.path}/protocols/2/lock", {"reason": "Mine"}, token=token, key=key())
                           for daemon, token in ((made.daemon, made.tokens["trial-manager"]), (second, other))]
                harness.wait_until(lambda: waiting(made, 2), "both to wait")
            assert sorted(answer.result().status for answer in answers) == [200, 409]
        rows = made.cluster.rows(made.database, "SELECT version, count(*) FROM rctd.scheme_seed GROUP BY 1 ORDER BY 1")
        assert rows == [["1", "1"], ["2", "1"]], "a version's seeds are made once"


def test_a_draft_that_another_has_replaced_is_not_locked_in_its_place(world):
    seen = check(world.post("trial-manager", f"{world.path}/protocols", {"document": world.protocol + "# mine\n", "reason": "Test"}))
    check(world.post("trial-manager", f"{world.path}/protocols", {"document": world.protocol + "# another's\n", "reason": "Test"}))
    path = f"{world.path}/protocols/2/lock"
    refused = world.post("trial-manager", path, {"reason": "Test", "sha256": seen["sha256"]})
    assert refused.status == 412 and "another draft" in refused.text, refused
    assert check(world.get("trial-manager", f"{world.path}/protocols"))["items"][1]["state"] == "draft"
    now = check(world.get("trial-manager", f"{world.path}/protocols/2"))["sha256"]
    assert check(world.post("trial-manager", path, {"reason": "Test", "sha256": now}))["state"] == "locked"


def test_two_imports_of_one_file_at_once_register_each_workplace_once(world):
    second = world.another()
    text = world.table(40)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        with locked(world, "LOCK TABLE rctd.unit_counter IN EXCLUSIVE MODE"):
            answers = [pool.submit(daemon.post, f"{world.path}/workplaces/import", text, token=world.tokens["coordinator"],
                                   headers={"Content-Type": "text/csv"}) for daemon in (world.daemon, second)]
            harness.wait_until(lambda: waiting(world, 2), "both to wait")
        answers = sorted((answer.result() for answer in answers), key=lambda answer: answer.status)
    assert (answers[0].status, answers[1].status) in ((200, 409), (200, 422)), answers
    assert "registered" in answers[1].json()["detail"] + str(answers[1].json().get("errors")), answers[1]
    assert world.cluster.sql(world.database, "SELECT count(*), max(last) FROM rctd.unit, rctd.unit_counter") == "40\t40"


def test_a_connection_that_stands_still_holds_up_its_own_stratum_only(world):
    codes = world.workplaces(24)
    check(world.allocate(codes[0]), 201)
    second = world.another()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        with locked(world, PLANS):
            stuck = pool.submit(world.allocate, codes[1])
            harness.wait_until(lambda: waiting(world), "the allocation to stop")
            pid = int(world.cluster.sql("postgres", "SELECT a.pid FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid "
                                                    "WHERE NOT l.granted AND a.usename = 'rctd_login'"))
            os.kill(pid, signal.SIGSTOP)
        try:
            check(world.allocate(codes[2], daemon=second), 201)
            check(world.allocate(codes[8], daemon=second), 201)
        finally:
            os.kill(pid, signal.SIGCONT)
        check(stuck.result(), 201)
    assert_ledger_is_right(world, 4)


def ask_all(world, codes):
    """One request for each workplace, all at once; their answers, or what came instead."""
    def one(code):
        mine = world.daemon.client(world.tokens["coordinator"])
        try:
            return mine.request("POST", f"{world.path}/allocations", {"workplace": code, "scheme": "main"}, key=key())
        finally:
            mine.close()
    return concurrent.futures.ThreadPoolExecutor(len(codes)), one


def test_requests_that_wait_together_for_a_lost_database_are_refused_together():
    with harness.Cluster() as own, World(own) as world:
        codes = world.workplaces(64)
        pool, one = ask_all(world, codes)
        with pool:
            with locked(world, PLANS):
                pending = [pool.submit(one, code) for code in codes]
                harness.wait_until(lambda: waiting(world), "the first to stop")
                own.stop(signal.SIGQUIT)
            answers = [answer.result() for answer in pending]
        assert {answer.status for answer in answers} == {503}, answers
        own.start()
        harness.wait_until(world.daemon.is_ready, "the daemon to find its database")
        assert world.ledger() == []
        assert len(world.allocate_all(codes)) == 64


def test_a_stratum_that_is_held_up_does_not_hold_up_the_others_for_each_of_its_requests(world):
    codes = world.workplaces(72)
    stuck, free = codes[0::8], codes[1]
    check(world.allocate(codes[64]), 201)
    pool, one = ask_all(world, codes)
    with pool, locked(world, "SELECT FROM rctd.stratum WHERE stratum = 'sector=public|size=1-9' FOR UPDATE"):
        pending = [pool.submit(one, code) for code in stuck[:8]]
        harness.wait_until(lambda: waiting(world), "the first to wait")
        other = pool.submit(one, free)
        check(other.result(), 201)
        assert {answer.result().status for answer in pending} == {503}
    assert_ledger_is_right(world, 2)
