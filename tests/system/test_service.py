"""rctd as a service: the words it exchanges with systemd, sockets that it is given, stopping while it works,
and what it says when it cannot start."""
import os
import signal
import socket
import subprocess
import threading

import harness
from world import World, check, key


def heard(listener, word, seconds=harness.WAIT_SECONDS):
    """Waits for a message that has this word."""
    listener.settimeout(seconds)
    while True:
        message = listener.recv(4096).decode()
        if word in message:
            return message


def started(world, more, command_prefix=(), **options):
    daemon = harness.Daemon(world.database, world.cluster, master_key=world.daemon.master_key, start=False)
    daemon.environment = more
    with open(f"{daemon.directory}/log", "a", encoding="utf-8") as log:
        daemon.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [*command_prefix, *daemon.command()], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            env={**os.environ, **more}, **options)
    return daemon


def test_systemd_hears_ready_watchdog_and_stopping(world, tmp_path):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path)
        daemon = started(world, {"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "600000"})
        heard(listener, "READY=1")
        assert daemon.is_ready(), "READY=1 came before it could serve"
        heard(listener, "WATCHDOG=1")
        heard(listener, "WATCHDOG=1")
        daemon.process.send_signal(signal.SIGTERM)
        heard(listener, "STOPPING=1")
        assert daemon.process.wait(harness.WAIT_SECONDS) == 0


def test_a_socket_from_systemd_is_served(world):
    with socket.create_server(("127.0.0.1", 0)) as given:
        port = given.getsockname()[1]

        def hand_over():
            os.dup2(given.fileno(), 3)

        daemon = started(world, {}, ["sh", "-c", 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', "sh"],
                         preexec_fn=hand_over, pass_fds=(3,))
        daemon.port = port
        harness.wait_until(daemon.is_ready, "rctd on the given socket")
        assert harness.Client(port).get("/healthz").status == 200
        daemon.stop()


def test_a_stop_finishes_what_is_under_way(world):
    codes = world.workplaces(200)
    answers, lock = [], threading.Lock()

    def client(mine):
        own = world.daemon.client(world.tokens["coordinator"])
        for code in mine:
            try:
                answer = own.request("POST", f"{world.path}/allocations", {"workplace": code, "scheme": "main"}, key=key())
            except OSError:
                return
            except Exception:  # http.client's: the connection was closed between two requests
                return
            with lock:
                answers.append(answer.status)

    clients = [threading.Thread(target=client, args=(codes[n::8],)) for n in range(8)]
    for thread in clients:
        thread.start()
    harness.wait_until(lambda: len(answers) > 20, "some allocations")
    assert world.daemon.stop() == 0
    for thread in clients:
        thread.join()
    stored = len(world.ledger())
    assert answers.count(201) == stored, "an answer and the ledger differ"
    world.daemon.start()


def test_a_database_with_another_schema_is_named(world):
    world.cluster.sql(world.database, "SET session_replication_role = replica; "
                      "INSERT INTO rctd.schema_migration (version, name, sha256) SELECT max(version) + 1, 'later', repeat('0', 64) "
                      "FROM rctd.schema_migration")
    done = subprocess.run(world.daemon.command(), capture_output=True, text=True, check=False, timeout=harness.WAIT_SECONDS)
    assert done.returncode == 1 and "newer" in done.stderr, done.stderr


def test_a_daemon_of_real_trials_refuses_a_rehearsal_and_the_other_way_round(cluster):
    with World(cluster, arguments=("--rehearsal",)) as world:
        check(world.post("administrator", "/v1/rehearsal/advance", {"days": 3}))
        real = [word for word in world.daemon.command() if word != "--rehearsal"]
        done = subprocess.run(real, capture_output=True, text=True, check=False, timeout=harness.WAIT_SECONDS)
        assert done.returncode == 6 and "rehearsal" in done.stderr, done.stderr
    with World(cluster, protocol=None) as world:
        answer = world.post("administrator", "/v1/rehearsal/advance", {"days": 3})
        assert answer.status == 409, answer
        done = subprocess.run([*world.daemon.command(), "--rehearsal"], capture_output=True, text=True, check=False,
                              timeout=harness.WAIT_SECONDS)
        assert done.returncode == 6 and "real trials" in done.stderr, done.stderr


def test_a_wrong_configuration_is_told_with_its_line(tmp_path):
    path = tmp_path / "rctd.conf"
    path.write_text("listen = 127.0.0.1:8470\nworkrs = 4\nprepare = perhaps\n")
    done = subprocess.run([harness.RCTD, "--config", str(path)], capture_output=True, text=True, check=False,
                          timeout=harness.WAIT_SECONDS)
    assert done.returncode == 6
    assert f"{path}:2" in done.stderr and "workers" in done.stderr and f"{path}:3" in done.stderr, done.stderr
