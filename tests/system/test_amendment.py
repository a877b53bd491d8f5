"""An amendment and an allocation that meet: no arm is computed under a version that is no longer in force,
and a scheme that was used stays as it was."""
import concurrent.futures
import subprocess

import harness
from world import PROTOCOL, assert_ledger_is_right, check, key


def test_an_allocation_that_an_amendment_overtakes_is_computed_again_under_the_new_version(world):
    code = world.workplaces(1)[0]
    amended = PROTOCOL + "# amended\n"
    with subprocess.Popen([harness.PSQL, "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", world.cluster.superuser(world.database)],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as session, \
            concurrent.futures.ThreadPoolExecutor(1) as pool:
        def say(text):
            session.stdin.write(text + "\n")
            session.stdin.flush()
        say("BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('trial/' || trial_id, 0)) IS NULL FROM rctd.trial;")
        assert session.stdout.readline().strip() == "f"
        answer = pool.submit(world.allocate, code)
        harness.wait_until(lambda: world.cluster.sql(
            world.database, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == "1",
                           "the allocation to wait for the amendment")
        say(f"""INSERT INTO rctd.protocol_version (trial_id, version, document, sha256, reason, created_by)
                SELECT trial_id, 2, $doc${amended}$doc$, sha256(convert_to($doc${amended}$doc$, 'UTF8')), 'Test', 'test' FROM rctd.trial;
                UPDATE rctd.protocol_version SET state = 'locked', locked_at = now(),
                       locked_by = (SELECT account_id FROM rctd.account WHERE name = 'trial-manager') WHERE version = 2;
                INSERT INTO rctd.consent_set (trial_id, version) SELECT trial_id, 2 FROM rctd.trial;
                COMMIT;""")
        made = check(answer.result(), 201)
        session.stdin.close()
    rows = world.cluster.rows(world.database, "SELECT protocol_version, position, arm FROM rctd.allocation")
    assert rows == [["2", "1", made["arm"]]]
    assert_ledger_is_right(world, 1)


def test_amendments_during_allocations_leave_every_sequence_whole(world):
    codes = world.workplaces(240)
    check(world.allocate(codes[0]), 201)
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        pending = [pool.submit(world.allocate, code) for code in codes[1:]]
        for n in range(4):
            world.lock(PROTOCOL + f"# amendment {n}\n", reason=f"Amendment {n}")
        answers = [future.result() for future in pending]
    assert {answer.status for answer in answers} == {201}
    assert_ledger_is_right(world, 240)
    versions = world.cluster.rows(world.database, "SELECT count(DISTINCT version) FROM rctd.scheme_seed")
    assert versions == [["1"]], "a used scheme keeps its seed"


def test_amendments_of_an_unused_scheme_and_its_first_allocations_agree_on_one_seed(world):
    codes = world.workplaces(64)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        amending = pool.submit(lambda: [world.post("trial-manager", f"{world.path}/protocols", {
            "document": PROTOCOL + f"# {n}\n", "reason": "Test"}) and world.post(
                "trial-manager", f"{world.path}/protocols/{n + 2}/lock", {"reason": "Test"}) for n in range(6)])
        answers = list(pool.map(world.allocate, codes))
        amending.result()
    assert {answer.status for answer in answers} == {201}
    assert_ledger_is_right(world, 64)
    assert check(world.allocate(world.workplaces(1, first=500)[0], key=key()), 201)["position"] > 1
