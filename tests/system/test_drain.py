"""rctd stops: what it had taken up is finished and answered, and what it did not answer it did not do."""
import concurrent.futures
import http.client
import signal
import threading

import harness
from locks import PLANS, locked, waiting
from world import assert_ledger_is_right, check, key


def ask(world, code):
    """The answer, or None where none came."""
    mine = world.daemon.client(world.tokens["coordinator"])
    try:
        return mine.request("POST", f"{world.path}/allocations", {"workplace": code, "scheme": "main"}, key=key(),
                            headers={"Connection": "close"})
    except (OSError, http.client.HTTPException):
        return None
    finally:
        mine.close()


def test_an_allocation_under_way_is_finished_and_answered(world):
    codes = world.workplaces(24)
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        with locked(world, PLANS):
            pending = [pool.submit(ask, world, code) for code in codes]
            harness.wait_until(lambda: waiting(world), "the first to stop")
            harness.wait_until(lambda: "rctd_http_connections 25" in world.daemon.get("/metrics").text, "all to be there")
            world.daemon.process.send_signal(signal.SIGTERM)
            harness.wait_until(lambda: "rctd stops" in world.daemon.log(), "rctd to stop")
            assert not any(answer.done() for answer in pending)
        answers = [answer.result() for answer in pending]
    assert [answer.status for answer in answers] == [201] * 24
    assert world.daemon.process.wait(harness.WAIT_SECONDS) == 0
    assert_ledger_is_right(world, 24)


def test_what_was_not_answered_was_not_done(world):
    codes = world.workplaces(600)
    answered, silent, lock = {}, set(), threading.Lock()
    enough, stopped = threading.Event(), threading.Event()

    def client(mine):
        for code in mine:
            if code == mine[-1]:
                stopped.wait(harness.WAIT_SECONDS)
            answer = ask(world, code)
            with lock:
                if answer is None or answer.status != 201:
                    assert answer is None or answer.status == 503, answer
                    silent.add(code)
                else:
                    answered[code] = answer.json()
                if len(answered) >= 100:
                    enough.set()

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        clients = [pool.submit(client, codes[n::16]) for n in range(16)]
        assert enough.wait(harness.WAIT_SECONDS)
        world.daemon.stop()
        stopped.set()
        for one in clients:
            one.result()
    assert answered and silent
    stored = dict(world.cluster.rows(world.database, "SELECT u.code, l.allocation_id FROM rctd.allocation l JOIN rctd.unit u USING (trial_id, unit_id)"))
    assert stored == {code: answer["allocation"] for code, answer in answered.items()}
    world.daemon.start()
    for code in sorted(silent)[:20]:
        check(world.allocate(code), 201)
