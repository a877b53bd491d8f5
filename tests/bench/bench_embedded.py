"""Seconds from nothing to a daemon that answers: `rctd --embedded` on a new directory, against initdb and a start of
plain PostgreSQL."""
import os
import shutil
import signal
import subprocess
import sys
import time

import ground
import harness

TICK = 0.002


def wait(condition):
    end = ground.clock() + harness.WAIT_SECONDS
    while not condition():
        if ground.clock() > end:
            raise TimeoutError("it does not start")
        time.sleep(TICK)


def rctd():
    directory = harness.temporary_directory()
    daemon = harness.Daemon(embedded=os.path.join(directory, "new"), start=False)
    start = ground.clock()
    daemon.start(wait=False)
    wait(daemon.is_ready)
    seconds = ground.clock() - start
    daemon.stop()
    shutil.rmtree(directory)
    return seconds


def plain():
    directory = harness.temporary_directory()
    data = f"{directory}/data"
    start = ground.clock()
    subprocess.run(harness.as_server_user([f"{harness.pg_bin()}/initdb", "-D", data, "-U", "postgres", "-E", "UTF8",
                                           "--locale=C.UTF-8"]), check=True, capture_output=True, cwd="/")
    command = [f"{harness.pg_bin()}/postgres", "-D", data, "-c", "listen_addresses=", "-c",
               f"unix_socket_directories={directory}"]
    with subprocess.Popen(harness.as_server_user(command), stderr=subprocess.DEVNULL, cwd="/") as server:
        wait(lambda: subprocess.run([f"{harness.pg_bin()}/pg_isready", "-q", "-h", directory], check=False).returncode == 0)
        seconds = ground.clock() - start
        server.send_signal(signal.SIGINT)
    shutil.rmtree(directory)
    return seconds


def main():
    if ground.wanted("embedded.start"):
        ground.report("embedded.start", "s", "initdb and start of PostgreSQL", [(rctd(), plain()) for _ in range(ground.ROUNDS)])


if __name__ == "__main__":
    sys.exit(main())
