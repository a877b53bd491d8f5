"""The trail, tampered with and held against what is stored."""
import json

import harness

NIL = "00000000-0000-0000-0000-000000000000"


def tamper(world, sql):
    """As a superuser who knows how to get past triggers."""
    world.cluster.sql(world.database, f"SET session_replication_role = replica; {sql}")


def verify(world, instance=False, seconds=harness.WAIT_SECONDS):
    """What `rctctl audit verify --json` says: (exit status, findings as {stream: (row, fault)}, message)."""
    role, where = ("administrator", "--instance") if instance else ("auditor", world.trial)
    done = world.rctctl(role, "--json", "audit", "verify", where, timeout=seconds)
    assert done.stdout, done.stderr
    said = json.loads(done.stdout)
    assert said["whole"] == (done.returncode == 0)
    return done.returncode, {item["stream"]: (item["sequence"], item["fault"]) for item in said["findings"]}, done.stderr
