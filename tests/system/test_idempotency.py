"""Idempotency-Key: who asks again gets the same answer, and nothing is done again: after a lost answer, on
another daemon, and when many ask at once."""
import concurrent.futures
import contextlib
import subprocess
import threading

import harness
import pytest
from world import World, check, key, problem

NOBODY = "0198f2a0-0000-7000-8000-000000000000"
REQUIRED = [
    ("/workplaces/{code}/answers", {"answers": {"x": True}}),
    ("/workplaces/{code}/agreements", {"form": "f", "version": 1, "decision": "given", "scopes": {"x": True},
                                       "signed_by": "A", "signed_at": "2026-01-01T00:00:00Z", "how": "paper"}),
    ("/workplaces/{code}/roster-lock", {"head_count": 3}),
    ("/allocations", {"workplace": "{code}", "scheme": "main"}),
    ("/workplaces/{code}/staff", {"staff": "M014", "kind": "coach"}),
    ("/screening", {"unit": "participant", "state": "approached"}),
    (f"/screening/{NOBODY}/events", {"state": "declined"}),
    (f"/tasks/{NOBODY}/bookings", {"at": "2026-12-01T13:30:00Z"}),
    (f"/tasks/{NOBODY}/outcome", {"outcome": "no-answer"}),
]


@pytest.fixture(scope="module", name="shared")
def shared_fixture(cluster):
    with World(cluster) as made:
        made.codes = made.workplaces(60)
        yield made


@contextlib.contextmanager
def held(world, trial_id, its_key):
    """Somebody is working on a request with this key: has taken it, and has not committed."""
    with subprocess.Popen([harness.PSQL, "-XqAt", "-d", world.cluster.superuser(world.database)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as session:
        session.stdin.write(f"BEGIN; SELECT pg_advisory_xact_lock(hashtextextended('{trial_id}/{its_key}', 0)) IS NULL;\n")
        session.stdin.flush()
        assert session.stdout.readline().strip() == "f"
        yield
        session.stdin.write("ROLLBACK; SELECT 'let go';\n")
        session.stdin.flush()
        assert session.stdout.readline().strip() == "let go"
        session.stdin.close()
        session.wait(harness.WAIT_SECONDS)


@pytest.mark.parametrize("path, body", REQUIRED)
def test_what_counts_needs_a_key(shared, path, body):
    code = shared.codes[0]
    path = shared.path + path.replace("{code}", code)
    body = {name: code if value == "{code}" else value for name, value in body.items()}
    said = problem(shared.post("coordinator", path, body, key=None), 400, "idempotency-key-missing")
    assert "Idempotency-Key" in said["detail"]
    assert shared.ledger() == []


@pytest.mark.parametrize("bad", ["", '""', "a" * 129, "two words\x7f", '"open', "å".encode().decode("latin-1")])
def test_a_key_that_is_none_is_refused(shared, bad):
    answer = shared.post("administrator", "/v1/accounts", {"name": "nobody", "display": "N"}, key=None,
                         headers={"Idempotency-Key": bad})
    assert answer.status == 400, answer
    assert shared.get("administrator", "/v1/accounts/nobody").status == 404


def test_asking_again_gives_the_same_bytes_and_does_nothing_again(shared):
    second = shared.another()
    its_key, body = key(), {"name": "again", "display": "Again"}
    first = shared.post("administrator", "/v1/accounts", body, key=its_key)
    check(first, 201)
    assert "idempotency-replayed" not in first.headers
    for daemon in shared.daemons:
        answer = daemon.post("/v1/accounts", body, token=shared.tokens["administrator"], key=its_key)
        assert (answer.status, answer.body) == (201, first.body)
        assert answer.headers["idempotency-replayed"] == "true"
    quoted = second.post("/v1/accounts", body, token=shared.tokens["administrator"], key=f'"{its_key}"')
    assert quoted.body == first.body, "a key may be sent with quotes or without"
    assert shared.cluster.sql(shared.database, "SELECT count(*) FROM rctd.audit WHERE new LIKE '%\"again\"%'") == "1"


def test_an_allocations_answer_is_kept_as_long_as_the_trial_and_others_two_days(shared):
    code, its_key, other_key = shared.codes[1], key(), key()
    check(shared.allocate(code, key=its_key), 201)
    check(shared.post("coordinator", f"{shared.path}/workplaces/{shared.codes[2]}/roster-lock", {"head_count": 9}, key=other_key))
    rows = dict(shared.cluster.rows(shared.database, "SELECT key, restricted || ' ' || coalesce((expires_at - stored_at)::text, 'for ever') "
                                                     f"FROM rctd.idempotency WHERE key IN ('{its_key}', '{other_key}')"))
    assert rows == {its_key: "true for ever", other_key: "false 2 days"}


def test_a_key_stands_for_one_request(shared):
    its_key = key()
    check(shared.post("administrator", "/v1/accounts", {"name": "one", "display": "One"}, key=its_key), 201)
    for path, body in (("/v1/accounts", {"name": "two", "display": "Two"}),
                       ("/v1/accounts", '{"name": "one",  "display": "One"}'),
                       ("/v1/accounts?", {"name": "one", "display": "One"}),
                       ("/v1/accounts/one/grants", {"role": "auditor", "reason": "x"}),
                       ("/v1/trials", {"trial": "one", "title": "One"})):
        problem(shared.post("administrator", path, body, key=its_key), 422, "idempotency-key-reused")
    assert shared.get("administrator", "/v1/accounts/two").status == 404
    assert check(shared.get("administrator", "/v1/accounts/one"))["roles"] == []


def test_a_key_stands_for_one_account(shared):
    its_key, code = key(), shared.codes[3]
    token = shared.account("colleague", "coordinator")
    first = check(shared.allocate(code, key=its_key), 201)
    said = problem(shared.allocate(code, token=token, key=its_key), 422, "idempotency-key-reused")
    assert first["arm"] not in str(said) and first["receipt"] not in str(said)


def test_a_blinded_requests_key_that_belongs_to_an_allocation_tells_nothing_and_does_nothing(shared):
    its_key, code = key(), shared.codes[4]
    first = check(shared.allocate(code, key=its_key), 201)
    answer = shared.post("trial-manager", f"{shared.path}/phases/main/close", {"reason": "x"}, key=its_key)
    said = problem(answer, 422, "idempotency-key-reused")
    assert first["arm"] not in str(said)
    phases = check(shared.get("trial-manager", f"{shared.path}/phases"))["items"]
    assert phases[0]["state"] == "open"


def test_the_same_key_in_two_trials_stands_for_two_requests(shared):
    check(shared.post("administrator", "/v1/trials", {"trial": "second", "title": "Another"}))
    check(shared.post("administrator", "/v1/accounts/trial-manager/grants", {"role": "trial-manager", "trial": "second", "reason": "x"}))
    document = shared.protocol.replace("trial: gems", "trial: second")
    its_key = key()
    one = shared.post("trial-manager", f"{shared.path}/protocols", {"document": shared.protocol, "reason": "x"}, key=its_key)
    two = shared.post("trial-manager", "/v1/trials/second/protocols", {"document": document, "reason": "x"}, key=its_key)
    assert (one.status, two.status) == (201, 201), (one, two)


def test_a_refused_request_keeps_no_answer_so_that_it_can_be_mended(shared):
    its_key = key()
    assert shared.post("administrator", "/v1/accounts", {"name": "Mended", "display": "M"}, key=its_key).status == 422
    check(shared.post("administrator", "/v1/accounts", {"name": "mended", "display": "M"}, key=its_key), 201)
    its_key, code = key(), shared.codes[5]
    assert shared.allocate("W9999", key=its_key).status in (404, 422)
    check(shared.allocate(code, key=its_key), 201)


def test_while_a_request_is_worked_on_the_same_key_waits(shared):
    its_key, body = key(), {"name": "patient", "display": "Patient"}
    with held(shared, "00000000-0000-0000-0000-000000000000", its_key):
        answer = shared.post("administrator", "/v1/accounts", body, key=its_key)
        problem(answer, 409, "in-flight")
        assert int(answer.headers["retry-after"]) > 0
        check(shared.post("administrator", "/v1/accounts", {"name": "busy", "display": "Busy"}, key=key()), 201)
    check(shared.post("administrator", "/v1/accounts", body, key=its_key), 201)


def test_one_request_sent_50_times_at_once_on_two_daemons_is_done_once(shared):
    second = shared.another()
    its_key, gate = key(), threading.Barrier(50)

    def client(number):
        gate.wait()
        return (shared.daemon, second)[number % 2].post(
            f"{shared.path}/workplaces/{shared.codes[6]}/roster-lock", {"head_count": 7},
            token=shared.tokens["coordinator"], key=its_key)

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(client, range(50)))
    done = [answer for answer in answers if answer.status == 200]
    assert done and len({answer.body for answer in done}) == 1
    for answer in answers:
        if answer.status != 200:
            problem(answer, 409, "in-flight")
    rows = shared.cluster.sql(shared.database, "SELECT count(*) FROM rctd.audit WHERE object_kind = 'workplace' AND new LIKE '%\"head_count\": 7%'")
    assert rows == "1"


def test_a_token_is_not_kept_by_a_key(shared):
    its_key = key()
    path = "/v1/accounts/researcher/tokens"
    made = check(shared.post("administrator", path, {"name": "kept"}, key=its_key), 201)
    again = shared.post("administrator", path, {"name": "kept"}, key=its_key)
    assert again.status == 409 and made["token"] not in again.text
    assert shared.cluster.sql(shared.database, f"SELECT count(*) FROM rctd.idempotency WHERE key = '{its_key}' OR answer LIKE '%rctd\\_%'") == "0"


def test_an_answer_outlives_the_daemon_that_gave_it(cluster):
    with World(cluster) as world:
        its_key, code = key(), world.workplaces(1)[0]
        first = world.allocate(code, key=its_key)
        check(first, 201)
        world.daemon.kill()
        world.daemon.start()
        again = world.allocate(code, key=its_key)
        assert (again.status, again.body) == (201, first.body)
        assert len(world.ledger()) == 1
