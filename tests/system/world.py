"""A trial that is ready to be allocated in, for the tests of the whole system: accounts of every role, a
locked protocol with eight strata, and as many workplaces as asked for."""
import concurrent.futures
import csv
import datetime
import io
import os
import subprocess
import uuid

from gems import ARM_WORDS, ARMS, BLOCKS, EMPLOYEES, PROTOCOL, RATIO, WITH_PEOPLE  # noqa: F401  pylint: disable=unused-import
import harness

ROLES = ("trial-manager", "coordinator", "researcher", "interviewer", "dispatcher", "statistician", "auditor")


def check(answer, *statuses):
    """The answer's JSON, when its status is one of these (200 and 201 by default)."""
    assert answer.status in (statuses or (200, 201)), answer
    return answer.json() if answer.body else None


def problem(answer, status, slug):
    """The same of a refusal, which is of this kind."""
    told = check(answer, status)
    assert told["type"] == f"urn:rctd:problem:{slug}", told
    return told


def faults(answer):
    """What is wrong with which field."""
    return {fault["pointer"]: fault["detail"] for fault in check(answer, 422)["errors"]}


def text_of(answer):
    """An answer's text without the number of its request, which may contain any digits."""
    return answer.text.replace(answer.json().get("instance", ""), "") if answer.body else ""


def said(done, status=0):
    """What a command printed that ended so: its output, or else its complaint."""
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status == 0 else done.stderr


def key():
    return str(uuid.uuid4())


def ago(days):
    """The moment so many days ago."""
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def at(days):
    """An appointment in so many days, in the middle of a working day wherever the trial is in Europe."""
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).strftime("%Y-%m-%dT12:00:00Z")


class World:
    """A daemon (and more of them, by `another()`) over a database of its own, and a trial.

    The first world of a kind is made request by request; its database then serves as the template of
    the next ones, which so have its tokens, seeds and master key. A world with a configuration of its
    own is always made anew.
    """

    originals = {}

    def __init__(self, cluster, protocol=PROTOCOL, trial="gems", phases=("main",), arguments=(), config=None):
        self.cluster = cluster
        self.trial = trial
        self.path = f"/v1/trials/{trial}"
        self.arguments = arguments
        self.config = config
        self.protocol = protocol
        self.tokens = {}
        kind = (cluster.directory, protocol, trial, phases, arguments)
        if config is not None or kind not in self.originals:
            self._start(cluster.database())
            self._fill(phases)
        if config is None:
            if kind not in self.originals:
                self.daemon.stop()
                self.originals[kind] = (self.database, self.daemon.master_key, self.tokens)
            template, master_key, tokens = self.originals[kind]
            self.tokens = dict(tokens)
            self._start(cluster.copy(template), master_key)

    def _start(self, database, master_key=None):
        self.database = database
        self.daemon = harness.Daemon(database, self.cluster, arguments=self.arguments, config=self.config, master_key=master_key)
        self.daemons = [self.daemon]

    def _fill(self, phases):
        self.tokens["administrator"] = self.daemon.first_administrator()
        check(self.as_role("administrator", "POST", "/v1/trials", {"trial": self.trial, "title": "A trial"}))
        for role in ROLES:
            self.tokens[role] = self.account(role, role)
        if self.protocol:
            self.lock(self.protocol)
            for phase in phases:
                check(self.as_role("trial-manager", "POST", f"{self.path}/phases/{phase}/open", {"reason": "Test"}))

    def another(self):
        """One more daemon over the same database, with the same master key."""
        daemon = harness.Daemon(self.database, self.cluster, master_key=self.daemon.master_key,
                                arguments=self.arguments, config=self.config)
        self.daemons.append(daemon)
        return daemon

    def first_password(self, role, password):
        """With the code of an administrator, as the first one is set."""
        account = check(self.get(role, "/v1/me"))["name"]
        code = check(self.as_role("administrator", "POST", f"/v1/accounts/{account}/password-code"), 201)["code"]
        return self.post(role, "/v1/me/password", {"password": password, "code": code})

    def account(self, name, role, **bounds):
        """A new account with a role on the trial; gives its token."""
        check(self.as_role("administrator", "POST", "/v1/accounts", {"name": name, "display": name.title()}))
        check(self.as_role("administrator", "POST", f"/v1/accounts/{name}/grants",
                           {"role": role, "trial": self.trial, "reason": "Test", **bounds}))
        return self.token(name)

    def token(self, name, **more):
        return check(self.as_role("administrator", "POST", f"/v1/accounts/{name}/tokens",
                                  {"name": key()[:8], "days": 2, **more}))["token"]

    def as_role(self, role, method, path, body=None, **more):
        if method == "POST" and "key" not in more:
            more["key"] = key()
        return self.daemon.request(method, path, body, token=self.tokens[role], **more)

    def get(self, role, path, **more):
        return self.as_role(role, "GET", path, **more)

    def post(self, role, path, body=None, **more):
        return self.as_role(role, "POST", path, body, **more)

    def lock(self, document, reason="Test"):
        made = check(self.post("trial-manager", f"{self.path}/protocols", {"document": document, "reason": reason}))
        return check(self.post("trial-manager", f"{self.path}/protocols/{made['version']}/lock", {"reason": reason}))

    def table(self, count, first=0):
        """A CSV file of so many workplaces, spread over the eight strata and two counties."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["name", "number", "sector", "employees", "county"])
        sizes = list(EMPLOYEES.values())
        for n in range(first, first + count):
            writer.writerow([f"Workplace {n}", f"{n:06d}", ("public", "private")[n % 2], sizes[n // 2 % 4],
                             ("north", "south")[n // 8 % 2]])
        return out.getvalue()

    def import_table(self, text, role="coordinator", query="", **more):
        return self.post(role, f"{self.path}/workplaces/import{query}", text, headers={"Content-Type": "text/csv"}, **more)

    def workplaces(self, count, first=0):
        """Registers so many; gives their codes."""
        made = check(self.import_table(self.table(count, first)))
        start = int(made["first"][1:])
        return [f"W{n:04d}" for n in range(start, start + count)]

    def allocate(self, code, scheme="main", daemon=None, token=None, **more):
        more.setdefault("key", key())
        return (daemon or self.daemon).request("POST", f"{self.path}/allocations",
                                               {"workplace": code, "scheme": scheme},
                                               token=token or self.tokens["coordinator"], **more)

    def people(self, count, workplace="W0001", ready=True):
        """Registers so many people (WITH_PEOPLE), ready to be allocated or not; gives their codes."""
        path = f"{self.path}/participants"
        codes = []
        for n in range(count):
            body = {"workplace": workplace, "attributes": {"sex": ("woman", "man")[n % 2], "birth_year": str(1965 + n % 30)}}
            codes.append(check(self.post("coordinator", path, body), 201)["code"])
            if ready:
                check(self.post("coordinator", f"{path}/{codes[-1]}/answers", {"answers": {"employed": True}}))
                check(self.post("coordinator", f"{path}/{codes[-1]}/consents", {
                    "form": "participation", "version": 1, "decision": "given", "scopes": {"participate": True},
                    "signed_at": "2026-01-10T09:00:00Z", "how": "link"}), 201)
        return codes

    def allocate_person(self, code, scheme="people", **more):
        return self.post("coordinator", f"{self.path}/allocations", {"participant": code, "scheme": scheme}, **more)

    def allocate_all(self, codes, clients=8):
        with concurrent.futures.ThreadPoolExecutor(clients) as pool:
            return [check(answer) for answer in pool.map(self.allocate, codes)]

    def items(self, role, path):
        """Every item of a list, page after page."""
        found, after = [], ""
        while True:
            mark = "&" if "?" in path else "?"
            page = check(self.get(role, f"{path}{mark}limit=1000{after}"))
            found += page["items"]
            if page["next"] is None:
                return found
            after = f"&after={page['next']}"

    def rctctl(self, role, *words, **more):
        """rctctl with a role's token, run to its end."""
        environment = {**os.environ, "RCTD_URL": self.daemon.url, "RCTD_TOKEN": self.tokens[role], "HOME": self.daemon.directory,
                       "COLUMNS": "160", "LC_ALL": "C.UTF-8"}
        return subprocess.run([harness.RCTCTL, *words], env=environment, text=True, capture_output=True, check=False,
                              timeout=more.pop("timeout", harness.WAIT_SECONDS), **{"stdin": subprocess.DEVNULL, **more})

    def ledger(self):
        """The allocations as they stand in the database: rows of scheme, stratum, position, arm, unit."""
        return self.cluster.rows(self.database,
                                 "SELECT scheme, stratum, position, arm, unit_id FROM rctd.allocation "
                                 "ORDER BY scheme, stratum, position")

    def seed(self, scheme="main"):
        """The scheme's seed, opened with the master key as only a test may."""
        sealed = self.cluster.sql(self.database, "SELECT encode(sealed, 'hex') FROM rctd.scheme_seed s JOIN rctd.scheme c "
                                                 f"ON c.scheme = s.scheme AND c.seed_version = s.version WHERE s.scheme = '{scheme}'")
        done = subprocess.run([os.path.join(harness.BUILD, "tests/system/open_seed"), self.daemon.master_key, sealed.strip()],
                              check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def sequences(self, scheme, keys, count):
        """What one client alone would have been given: `count` arms of each stratum, offline."""
        path = os.path.join(self.daemon.directory, "protocol.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.protocol)
        found = {}
        for stratum in keys:
            done = subprocess.run([harness.RCTCTL, "sequence", "--seed", self.seed(scheme), "--protocol", path, "--scheme",
                                   scheme, "--stratum", stratum, "--count", str(count), "--csv"],
                                  check=True, capture_output=True, text=True)
            found[stratum] = [line.split(",")[1] for line in done.stdout.split()[1:]]
        return found

    def close(self):
        for daemon in self.daemons:
            daemon.stop()
        self.cluster.drop(self.database)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def assert_ledger_is_right(world, expected):
    """No gap, no duplicate, and every stratum's sequence is the one that one client would have got."""
    rows = world.ledger()
    assert len(rows) == expected, f"{len(rows)} allocations, expected {expected}"
    assert len({row[4] for row in rows}) == expected, "a workplace was allocated twice"
    strata = {}
    for _, stratum, position, arm, _ in rows:
        assert int(position) == len(strata.setdefault(stratum, [])) + 1, f"a gap in {stratum} before {position}"
        strata[stratum].append(arm)
    longest = max(len(arms) for arms in strata.values())
    wanted = world.sequences("main", strata, longest)
    for stratum, arms in strata.items():
        assert arms == wanted[stratum][:len(arms)], f"{stratum} is not the sequence of its seed"
    return strata
