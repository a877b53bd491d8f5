"""What the Python tests share: private PostgreSQL clusters, daemons on a free port, and an HTTP client.

    with Cluster() as cluster:
        with Daemon(cluster.database(), cluster) as daemon:
            admin = daemon.first_administrator()
            answer = daemon.get("/v1/me", token=admin)

A cluster lives in a temporary directory and listens on a socket there. It is not durable unless asked
(`durable=True`): fsync is off where loss of power is not the subject. Run as root, the server runs as
the user postgres. Everything started here ends with the test run, also when that is killed.

`python3 tests/harness.py cluster` is for the C tests: it starts a cluster, prints its directory, and
stops it when its standard input ends.

RCTD_BUILD names the build directory (default: build), PG_BIN the server's programs, RCTD_SLOW how many
times longer everything may take (under a sanitizer).
"""
import atexit
import ctypes
import glob
import http.client
import itertools
import json
import os
import pwd
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, os.environ.get("RCTD_BUILD", "build"))
RCTD = os.path.join(BUILD, "rctd")
RCTCTL = os.path.join(BUILD, "rctctl")
SERVER_USER = "postgres"
MEMORY = "/dev/shm"
MEMORY_NEEDED = 4 << 30
WAIT_SECONDS = 60 * float(os.environ.get("RCTD_SLOW", "1"))

_numbers = itertools.count(1)


def pg_bin():
    """The directory of initdb and postgres: PG_BIN, or the newest that Debian has installed."""
    if "PG_BIN" in os.environ:
        return os.environ["PG_BIN"]
    found = glob.glob("/usr/lib/postgresql/*/bin")
    if not found:
        raise RuntimeError("no PostgreSQL server in /usr/lib/postgresql; install postgresql-15")
    return max(found, key=lambda path: int(path.split("/")[-2]))


PSQL = f"{pg_bin()}/psql"  # Debian's psql is a Perl program that looks for this one


def as_server_user(command, die_with_us=False):
    """The command as an unprivileged user; with die_with_us it gets SIGQUIT when this process ends."""
    prefix = ["setpriv"]
    if os.geteuid() == 0:
        prefix += ["--reuid", SERVER_USER, "--regid", SERVER_USER, "--init-groups"]
    if die_with_us:
        prefix += ["--pdeathsig", "QUIT"]
    return command if len(prefix) == 1 else prefix + ["--"] + command


def die_with_parent():
    """Runs in a child before exec: it is killed when the test run ends in any way."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def wait_until(condition, what, seconds=WAIT_SECONDS):
    """Calls `condition` until it gives something true, and gives that back."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.02)


def _own_ports():
    """Ports of loopback, in turn, that no other run of tests has at the same time and that the kernel gives to no
    connection by itself. The socket's name, held until this process ends, is what makes them ours."""
    for lane in itertools.cycle(range(100)):
        try:
            _held.bind(f"\0rctd-test-ports-{lane}")
            break
        except OSError:
            continue
    return itertools.cycle(range(10000 + 200 * lane, 10200 + 200 * lane))


_held = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
_ports = _own_ports()
_port_lock = threading.Lock()


def free_port():
    with _port_lock:
        for port in _ports:
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                    return port
                except OSError:
                    continue


def temporary_directory(name="rctd", where="/tmp"):
    """A short path (sockets allow 107 bytes) that is removed at the end of the run."""
    path = tempfile.mkdtemp(prefix=f"{name}-", dir=where)
    os.chmod(path, 0o755)
    if os.geteuid() == 0:
        user = pwd.getpwnam(SERVER_USER)
        os.chown(path, user.pw_uid, user.pw_gid)
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def memory_directory():
    """A directory in memory, or None where there is little of it. What runs that were killed left there goes first."""
    for path in glob.glob(f"{MEMORY}/rctd-pg-*"):
        if not os.path.exists(f"/proc/{path.split('-')[2]}"):
            shutil.rmtree(path, ignore_errors=True)
    try:
        room = os.statvfs(MEMORY)
    except OSError:
        return None
    if room.f_bavail * room.f_frsize < MEMORY_NEEDED:
        return None
    return temporary_directory(f"rctd-pg-{os.getpid()}", MEMORY)


class Cluster:
    """A private PostgreSQL. `settings` are lines of postgresql.conf; `tcp` also listens on loopback. Its files are in
    memory unless it is durable: each test has a database of its own, and a database is a thousand files."""

    def __init__(self, durable=False, settings=None, tcp=False):
        self.directory = temporary_directory("rctd-pg")
        self.memory = None if durable else memory_directory()
        self.data = f"{self.memory or self.directory}/data"
        self.socket = self.directory
        self.port = free_port() if tcp else 5432
        self.process = None
        self._template = None
        self._lock = threading.Lock()
        self._make(durable, settings or {}, tcp)
        self.start()

    def _make(self, durable, settings, tcp):
        command = [f"{pg_bin()}/initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                   "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        subprocess.run(as_server_user(command), check=True, stdout=subprocess.DEVNULL, cwd="/")
        lines = {
            "listen_addresses": "'127.0.0.1'" if tcp else "''",
            "port": self.port,
            "unix_socket_directories": f"'{self.socket}'",
            "max_connections": 200,
            "shared_buffers": "'64MB'",
            "max_wal_size": "'128MB'" if self.memory else "'1GB'",
            "fsync": "on" if durable else "off",
            "full_page_writes": "on" if durable else "off",
            "autovacuum": "on" if durable else "off",
            "log_min_messages": "warning",
            "log_statement": "none",
            **settings,
        }
        with open(f"{self.data}/postgresql.conf", "a", encoding="utf-8") as file:
            file.writelines(f"{key} = {value}\n" for key, value in lines.items())

    def start(self):
        command = as_server_user([f"{pg_bin()}/postgres", "-D", self.data], die_with_us=True)
        with open(f"{self.directory}/log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/")
        atexit.register(self.stop, signal.SIGQUIT)
        wait_until(self._answers, f"PostgreSQL to start; see {self.directory}/log")

    def _answers(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended at its start:\n{self.log()}")
        return os.path.exists(f"{self.data}/postmaster.pid") and subprocess.run(
            [f"{pg_bin()}/pg_isready", "-q", "-h", self.socket, "-p", str(self.port)],
            check=False).returncode == 0

    def stop(self, how=signal.SIGINT):
        """SIGINT: fast shutdown; SIGQUIT: as after a crash, without a checkpoint."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(WAIT_SECONDS)
        self.process = None

    def log(self):
        with open(f"{self.directory}/log", encoding="utf-8", errors="replace") as file:
            return file.read()

    def conninfo(self, database, user="postgres"):
        return f"host={self.socket} port={self.port} user={user} dbname={database}"

    def superuser(self, database):
        return self.conninfo(database, "postgres")

    def owner(self, database):
        return self.conninfo(database, "rctd_owner")

    def login(self, database):
        return self.conninfo(database, "rctd_login")

    def sql(self, database, text, user="postgres"):
        """Runs SQL with psql; gives what it prints (no headers, tabs between columns)."""
        done = subprocess.run(
            [PSQL, "-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo(database, user)],
            input=text, text=True, capture_output=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr.strip()}")
        return done.stdout.rstrip("\n")

    def rows(self, database, text, user="postgres"):
        """The same as a list of rows, each a list of strings."""
        out = self.sql(database, text, user)
        return [line.split("\t") for line in out.split("\n")] if out else []

    def sql_file(self, database, path, user="postgres"):
        with open(path, encoding="utf-8") as file:
            return self.sql(database, file.read(), user)

    def empty_database(self, name=None):
        name = name or f"empty{next(_numbers)}"
        self.sql("postgres", f'CREATE DATABASE "{name}"')
        return name

    def _make_template(self):
        name = self.empty_database("rctd_template")
        config = write_config(self.directory, {
            "database": self.login(name), "database_owner": self.superuser(name)})
        run_rctd("--migrate", "--config", config)
        self.sql("postgres", f'ALTER DATABASE "{name}" OWNER TO rctd_owner')
        return name

    def database(self, name=None):
        """A database with the whole schema and nothing in it, copied from a template; gives its name."""
        with self._lock:
            if self._template is None:
                self._template = self._make_template()
        return self.copy(self._template, name)

    def copy(self, template, name=None):
        """A copy of a database that nobody is connected to; gives its name."""
        name = name or f"rctd{next(_numbers)}"
        how = "file_copy" if self.memory else "wal_log"
        self.sql("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{template}" OWNER rctd_owner STRATEGY {how}')
        return name

    def drop(self, name):
        self.sql("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop(signal.SIGQUIT)
        for path in filter(None, (self.directory, self.memory)):
            shutil.rmtree(path, ignore_errors=True)


def write_config(directory, values, name=None):
    """Writes a configuration file of `key = value` lines, readable by its owner only."""
    path = os.path.join(directory, name or f"rctd{next(_numbers)}.conf")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"{key} = {value}\n" for key, value in values.items())
    return path


def run_rctd(*arguments, check=True):
    """Runs rctd to its end; with `check`, a failure is an error that shows what it said."""
    done = subprocess.run([RCTD, *arguments], text=True, capture_output=True, check=False,
                          stdin=subprocess.DEVNULL, timeout=WAIT_SECONDS)
    if check and done.returncode != 0:
        raise RuntimeError(f"rctd {' '.join(arguments)} gave {done.returncode}:\n{done.stderr}")
    return done


class Answer:
    """An HTTP answer: status, headers (names in lower case), body as bytes."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def text(self):
        return self.body.decode("utf-8")

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:400]!r}>"


class Client:
    """Requests to one daemon. One connection is kept alive; a client belongs to one thread."""

    def __init__(self, port, token=None, timeout=WAIT_SECONDS):
        self.port = port
        self.token = token
        self.timeout = timeout
        self._connection = None

    def request(self, method, path, body=None, token=None, headers=None, key=None):
        """`body`: bytes as they are, str as UTF-8, anything else as JSON; `key`: Idempotency-Key."""
        sent = {"Accept": "application/json"}
        if body is not None:
            sent["Content-Type"] = "application/json"
            if not isinstance(body, (bytes, str)):
                body = json.dumps(body)
            if isinstance(body, str):
                body = body.encode("utf-8")
        if token or self.token:
            sent["Authorization"] = f"Bearer {token or self.token}"
        if key:
            sent["Idempotency-Key"] = key
        sent.update(headers or {})
        if self._has_ended():
            self.close()
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            self._connection.request(method, path, body, sent)
            answer = self._connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())
        except BaseException:
            self.close()
            raise

    def _has_ended(self):
        """Has the daemon closed the kept connection, which was idle for too long? Nothing else comes unasked."""
        if self._connection is None or self._connection.sock is None:
            return False
        poll = select.poll()
        poll.register(self._connection.sock, select.POLLIN)
        return bool(poll.poll(0))

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def patch(self, path, body=None, **more):
        return self.request("PATCH", path, body, **more)

    def delete(self, path, **more):
        return self.request("DELETE", path, **more)

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Daemon:
    """
    A running rctd on a free port of loopback, over a database of a cluster, or with `embedded=DIR`
    over its own PostgreSQL. `config` adds or replaces configuration keys; `arguments` go on the command
    line (for example "--rehearsal").
    """

    def __init__(self, database=None, cluster=None, config=None, arguments=(), embedded=None,
                 master_key=None, environment=None, start=True):
        self.directory = temporary_directory("rctd-d")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.cluster = cluster
        self.database = database
        self.embedded = embedded
        self.environment = environment or {}
        self.arguments = list(arguments)
        self.process = None
        self.master_key = master_key or self._new_master_key()
        values = {"listen": f"127.0.0.1:{self.port}", "master_key_file": self.master_key,
                  "webhook_allow": "127.0.0.0/8"}
        if cluster is not None:
            values["database"] = cluster.login(database)
            values["database_owner"] = cluster.superuser(database)
        values.update(config or {})
        self.config = write_config(self.directory, {k: v for k, v in values.items() if v is not None})
        self._client = threading.local()
        if start:
            self.start()

    def _new_master_key(self):
        path = f"{self.directory}/master.key"
        run_rctd("--new-master-key", path)
        return path

    def command(self):
        more = ["--embedded", self.embedded] if self.embedded else []
        return [RCTD, "--config", self.config, *more, *self.arguments]

    def start(self, wait=True):
        self._client = threading.local()  # connections to an earlier process are of no use
        with open(f"{self.directory}/log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                self.command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                env={**os.environ, **self.environment}, preexec_fn=die_with_parent)
        if wait:
            wait_until(self.is_ready, f"rctd to be ready; see {self.directory}/log")
        return self

    def is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"rctd ended at its start with {self.process.returncode}:\n{self.log()}")
        client = Client(self.port, timeout=5)
        try:
            return client.get("/readyz").status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            client.close()

    def stop(self):
        """SIGTERM, which drains. A daemon that did not end well is an error that shows what it said: a
        sanitizer reports a leak at the end."""
        status = self._end(signal.SIGTERM)
        if status:
            raise RuntimeError(f"rctd ended with {status}:\n{self.log()}")
        return status

    def kill(self):
        """SIGKILL: nothing is drained."""
        return self._end(signal.SIGKILL)

    def _end(self, how):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(how)
        status = self.process.wait(WAIT_SECONDS)
        self.process = None
        return status

    def restart(self):
        self.stop()
        return self.start()

    def log(self):
        with open(f"{self.directory}/log", encoding="utf-8", errors="replace") as file:
            return file.read()

    def client(self, token=None):
        return Client(self.port, token)

    def first_administrator(self, name="admin"):
        """Makes the first administrator and gives the token."""
        path = f"{self.directory}/{name}.token"
        more = ["--embedded", self.embedded] if self.embedded else []
        run_rctd("--config", self.config, *more, "--first-administrator", name, "--token-file", path)
        with open(path, encoding="utf-8") as file:
            return file.read().strip()

    def _own_client(self):
        if not hasattr(self._client, "value"):
            self._client.value = Client(self.port)
        return self._client.value

    def request(self, method, path, body=None, **more):
        """One request on this thread's kept connection, opened again where the daemon closed it."""
        client = self._own_client()
        try:
            return client.request(method, path, body, **more)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            if method not in ("GET", "HEAD"):
                raise
            return client.request(method, path, body, **more)

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def patch(self, path, body=None, **more):
        return self.request("PATCH", path, body, **more)

    def delete(self, path, **more):
        return self.request("DELETE", path, **more)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def serve_cluster():
    """For the C tests: a cluster until standard input ends; its socket's directory on standard output."""
    with Cluster(settings=dict(argument.split("=", 1) for argument in sys.argv[2:])) as cluster:
        print(cluster.socket, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    if sys.argv[1:2] != ["cluster"]:
        sys.exit("usage: harness.py cluster [setting=value...]")
    serve_cluster()
