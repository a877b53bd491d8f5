"""Clients who repeat each allocation with its key until it is answered, while their daemon is killed again and again."""
import http.client
import random
import threading
import time

import harness
from world import check, key

CLIENTS = 16


def allocate_through_kills(world, codes, scheme, kills):
    """What each workplace was answered, and under which key."""
    waiting = [(code, key()) for code in codes]
    answered, faults, lock = {}, [], threading.Lock()

    def client():
        while len(answered) < len(codes) and not faults:
            with lock:
                code, its_key = waiting.pop() if waiting else (None, None)
            if code is None:
                time.sleep(0.02)
                continue
            mine = harness.Client(world.daemon.port, world.tokens["coordinator"], timeout=10)
            try:
                answer = mine.request("POST", f"{world.path}/allocations", {"workplace": code, "scheme": scheme}, key=its_key)
                if answer.status not in (409, 503):
                    check(answer, 201)
                    answered[code] = (its_key, answer.body)
                    continue
            except (OSError, http.client.HTTPException):
                pass
            except AssertionError as fault:
                faults.append(fault)
            finally:
                mine.close()
            with lock:
                waiting.insert(0, (code, its_key))
            time.sleep(0.02)

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in clients:
        thread.start()
    for number in range(kills):
        before = len(answered)
        harness.wait_until(lambda seen=before: len(answered) > seen or len(answered) == len(codes) or faults, "an allocation")
        time.sleep(random.Random(number).random() * 0.15)
        world.daemon.kill()
        world.daemon.start()
    for thread in clients:
        thread.join()
    assert not faults, faults
    return answered


def same_again(world, answered, scheme, count):
    """Some of those who were answered ask again with their keys: the answers, which are what they were."""
    for code, (its_key, body) in random.Random(1).sample(sorted(answered.items()), count):
        again = world.allocate(code, scheme, key=its_key)
        assert again.body == body, "the same key gave another answer"
        yield code, again.json()
