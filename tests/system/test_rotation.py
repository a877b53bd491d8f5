"""The key that identities are sealed under is changed while the trial goes on: a daemon that is killed in the middle
loses nothing, another one goes on, and nothing of the older key is left, not even in the files."""
import concurrent.futures
import os
import subprocess
import threading
import time

import harness
from people import NEUTRAL, PROTOCOL, People, numbers
import pytest
from remains import files_with
from trail import verify
from world import World, check, key

VAULT = PROTOCOL.replace("STORE", "vault")
COUNT = int(os.environ.get("RCTD_IDENTITIES", "5000"))


@pytest.fixture
def people(cluster):
    with World(cluster, protocol=VAULT) as world:
        yield People(world)


def register_many(people, count):
    """So many people with numbers, names and phones; gives their numbers."""
    found = numbers(count, seed=3)
    rows = ["workplace,sex,identity,name,phone,email,address"]
    rows += [f"W{n % 16 + 1:04d},{('woman', 'man')[n % 2]},{number},Person {n} Testsson,070{n:07d},p{n}@example.se,Gatan {n}"
             for n, number in enumerate(found)]
    step = 20000
    for first in range(1, len(rows), step):
        table = "\n".join([rows[0], *rows[first:first + step]]) + "\n"
        check(people.world.post("coordinator", f"{people.path}/import", table, headers={"Content-Type": "text/csv"}))
    return found


def start(people, reason="A year has passed", **more):
    return people.world.post("administrator", f"{people.world.path}/identity/rotation", {"reason": reason}, **more)


def newest(people):
    return check(people.world.get("auditor", f"{people.world.path}/identity/rotation?limit=1"))["items"][0]


def wait_for(people, condition, what):
    harness.wait_until(lambda: condition(newest(people)), what, seconds=300)


class Allocations:
    """One workplace after another is allocated, and one person after another registered and read, until stopped."""

    def __init__(self, people):
        self.people, self.done, self.failed, self.going = people, 0, [], True
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        world = self.people.world
        codes = world.workplaces(120, first=1000)
        more = iter(numbers(2000, seed=11))
        for code in codes:
            same = key()
            if not self.going:
                return
            for _ in range(600):
                try:
                    answer = world.allocate(code, "main.main", key=same)
                    self.people.register({"number": next(more)})
                    break
                except OSError:
                    time.sleep(0.1)  # between two daemons
            if answer.status != 201:
                self.failed.append(answer)
            self.done += 1

    def stop(self):
        self.going = False
        self.thread.join()
        return self.done


def test_a_rotation_survives_the_daemon_that_ran_it_and_nobody_waits_for_it(people):
    world, cluster, database = people.world, people.world.cluster, people.world.database
    began = time.monotonic()
    found = register_many(people, COUNT)
    print(f"{COUNT} identities registered in {time.monotonic() - began:.1f} s")
    old = bytes.fromhex(cluster.sql(database, "SELECT encode(sealed, 'hex') FROM rctd_vault.data_key").strip())
    box = bytes.fromhex(cluster.sql(database, "SELECT encode(box, 'hex') FROM rctd_vault.identity LIMIT 1").strip())
    assert files_with(cluster, database, old[4:40])
    # Somebody holds one row: the rotation cannot be over before the daemon is killed.
    holder = subprocess.Popen([harness.PSQL, "-XqAt", "-d", cluster.superuser(database)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    holder.stdin.write("BEGIN; SELECT count(*) FROM (SELECT FROM rctd_vault.identity ORDER BY unit_id DESC LIMIT 1 FOR UPDATE) x;\n")
    holder.stdin.flush()
    assert holder.stdout.readline().strip() == "1"
    allocations = Allocations(people)
    began = time.monotonic()
    made = check(start(people), 202)
    assert made["state"] == "running" and made["remaining"] == COUNT and made["key_version"] == 2
    assert start(people).status == 409
    wait_for(people, lambda r: r["remaining"] < COUNT * 2 / 3, "a third to be sealed anew")
    world.daemon.kill()
    left = int(cluster.sql(database, "SELECT count(*) FROM rctd_vault.identity WHERE key_version = 1"))
    assert left > 0
    world.daemon = world.another()
    wait_for(people, lambda r: r["remaining"] < 2, "another daemon to go on")
    holder.communicate("COMMIT;\n")
    wait_for(people, lambda r: r["state"] == "finished", "the rotation to be finished")
    print(f"{COUNT} identities sealed anew in {time.monotonic() - began:.1f} s, {left} left when the daemon was killed, "
          f"{allocations.done} allocations meanwhile")
    assert allocations.stop() > 0 and not allocations.failed, allocations.failed
    told = newest(people)
    assert told["remaining"] == 0 and told["older_key_destroyed_at"] is not None
    assert cluster.sql(database, "SELECT string_agg(version || ':' || (sealed IS NULL), ' ' ORDER BY version) "
                                 "FROM rctd_vault.data_key").strip() == "1:true 2:false"
    # All open: the next rotation opens each of them, and a sample is what was entered.
    check(start(people, "All of them open"), 202)
    wait_for(people, lambda r: r["key_version"] == 3 and r["state"] == "finished", "the second rotation to be finished")
    assert cluster.sql(database, "SELECT count(*) FROM rctd_vault.identity WHERE key_version < 3").strip() == "0"
    codes = cluster.rows(database, "SELECT u.code FROM rctd.unit u JOIN rctd_vault.identity i USING (trial_id, unit_id) "
                                   "ORDER BY random() LIMIT 40")
    read = [check(people.read(code[0], "verification"), 201)["identity"]["number"] for code in codes]
    assert len(set(read)) == 40 and set(read) <= set(found) | set(numbers(2000, seed=11))
    assert NEUTRAL in people.register({"number": found[0]}).text
    wait_for(people, lambda r: r["older_key_off_disk_at"] is not None, "the files to be written anew")
    assert not files_with(cluster, database, old[4:40]), "the older key is still in a file"
    assert not files_with(cluster, database, box[4:60]), "a box under the older key is still in a file"
    assert verify(world, seconds=900)[:2] == (0, {})


def test_only_an_administrator_changes_the_key_and_an_empty_vault_has_none(people):
    answer = start(people)
    assert answer.status == 409 and "empty" in answer.text, answer
    for role in ("coordinator", "trial-manager", "auditor", "researcher", "contact"):
        assert people.world.post(role, f"{people.world.path}/identity/rotation", {"reason": "Why not"}).status == 403, role


def test_a_reading_and_a_correction_during_a_rotation_are_right(people):
    code = people.add({"name": "Anna", "number": "850101-2382"})
    people.add({"name": "Bo"})
    check(start(people), 202)
    check(people.change(code, name="Anna Quist"))
    for _ in range(20):
        assert check(people.read(code, "verification"), 201)["identity"]["name"] == "Anna Quist"
    wait_for(people, lambda r: r["state"] == "finished", "the rotation to be finished")
    assert check(people.read(code, "verification"), 201)["identity"] == {
        "number": "198501012382", "name": "Anna Quist", "phone": None, "email": None, "address": None}


def test_many_rotations_and_registrations_at_two_daemons_lose_nobody(people):
    world = people.world
    daemons = [world.daemon, world.another()]
    people.add({"name": "First"})
    more = numbers(60, seed=5)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(people.register, {"number": number}, daemon=daemons[n % 2]) for n, number in enumerate(more)]
        for _ in range(3):
            check(start(people), 202)
            wait_for(people, lambda r: r["state"] == "finished", "the rotation to be finished")
        codes = [check(answer.result(), 201)["code"] for answer in waiting]
    for code, number in zip(codes[::7], more[::7]):
        assert check(people.read(code, "verification"), 201)["identity"]["number"] == number
    rows = world.cluster.sql(world.database, "SELECT count(*) FROM rctd_vault.identity WHERE key_version NOT IN "
                                             "(SELECT version FROM rctd_vault.data_key WHERE sealed IS NOT NULL)")
    assert rows.strip() == "0"
