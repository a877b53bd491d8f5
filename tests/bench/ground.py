"""What the benches in Python share: the world of the system tests on a durable cluster, requests for the load
generator, pgbench, and how results are told.

A bench measures in rounds, rctd and its baseline in turn, so that other work on the machine falls on both,
and tells the median of each and of their ratios. `noise` is how far the ratios lie apart: (most - least) /
median."""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [TESTS, os.path.join(TESTS, "system")]

import harness  # noqa: E402  pylint: disable=wrong-import-position

HELPERS = os.path.join(harness.BUILD, "tests", "bench")
CLIENTS = 64
WORKERS = 8  # the daemon's connections to the database, and pgbench's
ROUNDS = 3


def wanted(name):
    """Was this bench asked for? The arguments are names; none means all."""
    return len(sys.argv) < 2 or name in sys.argv[1:]


def program(name):
    return os.path.join(HELPERS, name)


def clock():
    return time.monotonic()


def report(name, unit, baseline, rounds, **more):
    """One line for bench.py. `rounds` are pairs: what rctd reached, what the baseline reached."""
    ratios = [value / against for value, against in rounds]
    middle = statistics.median(ratios)
    result = {"name": name, "value": statistics.median(value for value, _ in rounds), "unit": unit,
              "against": statistics.median(against for _, against in rounds), "baseline": baseline,
              "ratio": middle, "noise": round((max(ratios) - min(ratios)) / middle, 2), **more}
    print(json.dumps(result), flush=True)


def request(method, path, token=None, body=None, key=None):
    """A whole HTTP request as bytes."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: bench"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if key:
        lines.append(f"Idempotency-Key: {key}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join(lines + ["", ""]).encode() + content


def load(port, requests, seconds, clients=CLIENTS):
    """Has the load generator send the requests (a single one again and again); gives what it says."""
    given = b"".join(b"%d\n%s" % (len(one), one) for one in requests)
    done = subprocess.run([program("load"), str(port), str(clients), str(seconds)], input=given,
                          stdout=subprocess.PIPE, check=True)
    result = json.loads(done.stdout)
    if result["refused"] > 0:
        raise RuntimeError(f"{result['refused']} of {result['answered']} requests were refused")
    return result


def pgbench(cluster, database, script, seconds, clients, user="postgres", **variables):
    """Transactions in a second of a pgbench script, over prepared statements."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        more = [f"-D{name}={value}" for name, value in variables.items()]
        done = subprocess.run(
            [f"{harness.pg_bin()}/pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(seconds),
             "-h", cluster.socket, "-U", user, "-f", file.name, *more, database],
            check=True, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        if line.startswith("tps = "):
            return float(line.split()[2])
    raise RuntimeError(f"pgbench tells no rate:\n{done.stdout}{done.stderr}")
