"""What meets at one moment: a session of ours holds a lock, and the daemon's sessions that wait for it are counted."""
import contextlib
import subprocess

import harness


@contextlib.contextmanager
def locked(world, sql, then=None):
    """Another session holds what this SQL locks, until the end of the block, and then commits with this, if anything."""
    with subprocess.Popen([harness.PSQL, "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", world.cluster.superuser(world.database)],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as session:
        session.stdin.write(f"BEGIN; {sql};\nSELECT 'held';\n")
        session.stdin.flush()
        while session.stdout.readline().strip() != "held":
            assert session.poll() is None
        yield
        if then is not None:
            session.stdin.write(f"{then};\nCOMMIT;\n")
        session.stdin.close()
        session.wait(harness.WAIT_SECONDS)


def waiting(world, count=1):
    """So many sessions of the daemon wait for a lock."""
    rows = world.cluster.sql(world.database, "SELECT count(DISTINCT l.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
                                             f"WHERE NOT l.granted AND a.usename = 'rctd_login' AND a.datname = '{world.database}'")
    return int(rows) >= count


PLANS = "LOCK TABLE rctd.task IN SHARE ROW EXCLUSIVE MODE"  # an allocation stops behind its ledger row
