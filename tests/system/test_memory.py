"""What a daemon has forgotten is not in its memory: neither a password nor who somebody is, once the request is done."""
import os
import re

import pytest
from people import ANNA, VAULT, People
from world import World, check

PASSWORD = "correct horse battery staple"


def memory(process):
    """All that the process may write to, as bytes."""
    found = []
    with open(f"/proc/{process}/maps", encoding="ascii") as maps, open(f"/proc/{process}/mem", "rb", buffering=0) as bytes_of:
        for line in maps:
            first, last, rights = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+)", line).groups()
            if rights[:2] != "rw" or "[v" in line:
                continue
            try:
                bytes_of.seek(int(first, 16))
                found.append(bytes_of.read(int(last, 16) - int(first, 16)))
            except OSError:
                continue
    return b"".join(found)


@pytest.mark.skipif(os.geteuid() != 0, reason="reads another process's memory")
@pytest.mark.skipif("RCTD_SLOW" in os.environ, reason="a sanitizer maps terabytes, and keeps what was freed")
def test_neither_a_password_nor_an_identity_stays_in_the_daemons_memory(cluster):
    with World(cluster, protocol=VAULT) as world:
        people = People(world)
        check(world.first_password("auditor", PASSWORD))
        code = people.add(ANNA)
        check(people.change(code, phone="0701740606"))
        check(people.read(code, "safety"), 201)
        for _ in range(3):
            check(world.get("auditor", "/v1/me"))
        held = memory(world.daemon.process.pid)
        assert world.daemon.config.encode() in held, "the search can find what is there"
        for value in (PASSWORD, "Vävare-Quist", "850101-2382", "198501012382", "1740605", "1740606", "anna.vavare@example.se"):
            at = held.find(value.encode())
            assert at < 0, (value, held[max(0, at - 80):at + 80])
