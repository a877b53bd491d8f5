"""Everything at once: two daemons allocate while workplaces withdraw, rosters are locked, files come in and the
protocol is amended; and meanwhile connections are cut, a connection stands still, PostgreSQL is restarted and
killed. Whatever a client was told stays true, and nobody who has withdrawn is allocated."""
import csv
import http.client
import io
import os
import random
import signal
import threading
import time

import harness
import pytest
from trail import verify
from world import World, assert_ledger_is_right, check, key

PROTOCOL = """\
trial: gems
title: {en: Storm}
registration: none
time_zone: Europe/Stockholm
languages: [en]
workplace:
  identifiers: {number: {type: pattern, pattern: "^[0-9]{6}$", required: true}}
  attributes: {sector: {levels: [public, private]}, size: {levels: [small, large]}, county: {levels: [north, south]}}
consent:
  forms:
    employer: {by: workplace, version: 1, languages: [en], scopes: [participate]}
  required_before_allocation: {workplace: [employer/participate]}
arms: {opal: {label: {en: Opal}}, jade: {label: {en: Jade}}, onyx: {label: {en: Onyx}}}
phases:
  pilot: {scheme: {unit: workplace, method: permuted-block, ratio: {opal: 1, jade: 1}, blocks: [2, 4]}}
  main:
    excludes: [pilot]
    scheme: {unit: workplace, method: permuted-block, ratio: {opal: 2, jade: 1, onyx: 1}, strata: [sector, size], blocks: [4, 8], roster_lock: true}
tasks:
  visit: {kind: session, anchor: allocation, at: 10d, window: [-2d, 2d]}
  form: {kind: questionnaire, arms: [opal], anchor: allocation, at: 30d, window: [-5d, 5d]}
"""
AGREEMENT = {"form": "employer", "version": 1, "signed_by": "A. Director", "signed_at": "2026-01-01T09:00:00Z", "how": "paper"}


def table(first, count):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["name", "number", "sector", "size", "county"])
    for n in range(first, first + count):
        writer.writerow([f"Workplace {n}", f"{n:06d}", ("public", "private")[n % 2], ("small", "large")[n // 2 % 2], "north"])
    return out.getvalue()


class Storm:
    """Clients that repeat each request with its key until it is answered, and those who disturb them."""

    def __init__(self, world):
        self.world = world
        self.daemons = [world.daemon, world.another()]
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.answered = {}
        self.refused = {}
        self.withdrawn = {}
        self.faults = []
        self.amendments = 0
        self.threads = []

    def start(self, work, *arguments):
        def run():
            try:
                work(*arguments)
            except BaseException as fault:  # pylint: disable=broad-except
                self.faults.append(fault)
                raise
        self.threads.append(threading.Thread(target=run))
        self.threads[-1].start()

    def ask(self, role, path, body, number=0, headers=None):
        """The first answer that is not "ask again", and the key that it was asked with."""
        its_key, end = key(), time.monotonic() + 2 * harness.WAIT_SECONDS
        while True:
            number += 1
            mine = harness.Client(self.daemons[number % 2].port, self.world.tokens[role])
            try:
                answer = mine.request("POST", self.world.path + path, body, key=its_key, headers=headers)
                problem = answer.json().get("type", "") if answer.body else ""
                if answer.status != 503 and not problem.endswith(("in-flight", "contention")):
                    return answer, its_key
                why = answer
            except (OSError, http.client.HTTPException) as trouble:
                why = trouble
            finally:
                mine.close()
            assert time.monotonic() < end, why
            time.sleep(0.02)

    def prepare(self, code, number=0):
        answer, _ = self.ask("coordinator", f"/workplaces/{code}/roster-lock", {"head_count": 12}, number)
        assert answer.status == 200, answer
        answer, _ = self.ask("coordinator", f"/workplaces/{code}/agreements",
                             {**AGREEMENT, "decision": "given", "scopes": {"participate": True}}, number)
        assert answer.status == 201, answer

    def allocate(self, code, number=0):
        body = {"workplace": code, "scheme": "main"}
        answer, its_key = self.ask("coordinator", "/allocations", body, number)
        with self.lock:
            (self.answered if answer.status == 201 else self.refused)[code] = (its_key, answer)

    def withdraw(self, code, number=0):
        answer, _ = self.ask("coordinator", f"/workplaces/{code}/agreements", {**AGREEMENT, "decision": "withdrawn"}, number)
        assert answer.status == 201, answer
        with self.lock:
            self.withdrawn[code] = answer.json()

    def until_over(self, pause, work):
        while not self.over.is_set():
            work()
            time.sleep(pause)

    def finish(self):
        for thread in self.threads:
            thread.join()
        assert not self.faults, self.faults


def backends(world):
    return [int(row[0]) for row in world.cluster.rows("postgres", "SELECT pid FROM pg_stat_activity WHERE usename = 'rctd_login' "
                                                                  f"AND datname = '{world.database}'")]


def cut(world, chance):
    """Ends some connections, wherever they are: some of them in the midst of COMMIT."""
    try:
        world.cluster.sql("postgres", "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'rctd_login' "
                                      f"AND datname = '{world.database}' AND random() < {chance}")
    except RuntimeError:
        pass  # the server is down just now


def hold_still(world, seconds):
    """One backend stops in the midst of its work, with its locks."""
    try:
        chosen = [int(row[0]) for row in world.cluster.rows("postgres", "SELECT pid FROM pg_stat_activity WHERE usename = 'rctd_login' "
                                                            f"AND datname = '{world.database}' AND state <> 'idle'")]
    except RuntimeError:
        return
    if chosen:
        pid = random.choice(chosen)
        try:
            os.kill(pid, signal.SIGSTOP)
            time.sleep(seconds)
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            pass


def amend(storm):
    number = storm.amendments + 1
    document = PROTOCOL + f"# amendment {number}\n"
    made, _ = storm.ask("trial-manager", "/protocols", {"document": document, "reason": f"Amendment {number}"})
    assert made.status == 201, made
    version = made.json()["version"]
    locked, _ = storm.ask("trial-manager", f"/protocols/{version}/lock", {"reason": f"Amendment {number}"})
    assert locked.status == 200, locked
    storm.amendments = number


def assert_nobody_was_allocated_after_withdrawing(world):
    rows = world.cluster.rows(world.database, """
        SELECT u.code, u.state, w.at < a.at, (SELECT count(*) FROM rctd.task t WHERE t.unit_id = u.unit_id AND t.state = 'planned')
          FROM rctd.unit u
          JOIN (SELECT stream, min(sequence) AS at FROM rctd.audit WHERE object_kind = 'consent' AND new::jsonb ->> 'decision' = 'withdrawn'
                 GROUP BY stream) w ON w.stream = 'unit:' || u.unit_id
          JOIN (SELECT stream, min(sequence) AS at FROM rctd.audit WHERE object_kind = 'unit' AND new::jsonb ->> 'state' = 'allocated'
                 GROUP BY stream) a ON a.stream = w.stream""")
    for code, state, after, planned in rows:
        assert (state, after, planned) == ("withdrawn", "f", "0"), f"{code} was allocated although it had withdrawn"
    return len(rows)


def assert_versions_follow_their_locks(world):
    """No allocation under a version bears a later time in the trail than the next version's lock."""
    late = world.cluster.rows(world.database, """
        SELECT a.stream, a.sequence FROM rctd.audit a
          JOIN rctd.audit l ON l.trial_id = a.trial_id AND l.object_kind = 'protocol' AND l.new::jsonb ->> 'state' = 'locked'
         WHERE a.object_kind = 'allocation' AND (l.new::jsonb ->> 'version')::int > (a.new::jsonb ->> 'protocol_version')::int AND l.at < a.at""")
    assert late == []


@pytest.fixture(name="durable", scope="module")
def durable_fixture():
    with harness.Cluster(durable=True, settings={"deadlock_timeout": "100ms", "checkpoint_timeout": "30s"}) as made:
        yield made


def test_whatever_happens_at_once_every_answer_stays_true(durable):
    with World(durable, protocol=PROTOCOL, phases=("pilot", "main")) as world:
        check(world.import_table(table(0, 350)))
        storm = Storm(world)
        codes = [f"W{n:04d}" for n in range(1, 301)]
        leaving = set(codes[::5])
        waiting = list(codes)

        def client(number):
            while True:
                with storm.lock:
                    if not waiting:
                        return
                    code = waiting.pop()
                storm.prepare(code, number)
                if code in leaving:
                    other = threading.Thread(target=storm.withdraw, args=(code, number + 1))
                    other.start()
                    storm.allocate(code, number)
                    other.join()
                else:
                    storm.allocate(code, number)

        imported = iter(range(1000, 100000, 20))

        def bring_in():
            answer, _ = storm.ask("coordinator", "/workplaces/import", table(next(imported), 20), headers={"Content-Type": "text/csv"})
            assert answer.status == 200, answer

        clients = 10
        for number in range(clients):
            storm.start(client, number)
        workers = storm.threads[:]
        storm.start(storm.until_over, 0.05, lambda: cut(world, 0.25))
        storm.start(storm.until_over, 0.3, lambda: amend(storm))
        storm.start(storm.until_over, 0.2, bring_in)
        storm.start(storm.until_over, 0.7, lambda: hold_still(world, 0.5))
        for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGQUIT):
            time.sleep(2)
            durable.stop(how)
            time.sleep(0.2)
            durable.start()
        for thread in workers:
            thread.join()
        harness.wait_until(lambda: storm.amendments >= 3 or storm.faults, "three amendments")
        storm.over.set()
        storm.finish()

        assert len(storm.answered) + len(storm.refused) == len(codes)
        assert set(storm.refused) <= leaving, storm.refused
        assert_ledger_is_right(world, len(storm.answered))
        assert_nobody_was_allocated_after_withdrawing(world)
        assert_versions_follow_their_locks(world)
        for code, (its_key, first) in storm.answered.items():
            again = world.allocate(code, key=its_key)
            assert (again.status, again.body) == (first.status, first.body), code
        assert verify(world)[:2] == (0, {})
