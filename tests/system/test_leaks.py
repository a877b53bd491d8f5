"""Handlers that were written to leak (leaky_daemon.c): they run every statement there is, or any text of SQL, for
whoever asks, and answer with all that comes back. The database keeps arms from roles that are blinded and identities
from all: no answer and no line of the log has one."""
import os
import re
import subprocess
import sys

from crawl import words_in
from crowd import Crowd, number
import harness
import pytest
from world import check, key

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "sql"))
import statements as maker  # noqa: E402  pylint: disable=wrong-import-position

BLINDED = ("researcher", "interviewer", "dispatcher", "contact", "trial-manager")
# These tell an arm to who asks, and write down that they did: tests/system/test_unblinding.py.
RECORDED = ("unblind", "unblinding_arm")
# The protocol names arms, and a trial manager reads it.
OF_PROTOCOL = re.compile("protocol|scheme_arm|consent_text")


class Leaky:
    """leaky_daemon over a world's database."""

    def __init__(self, world):
        self.world = world
        self.log_path = os.path.join(world.daemon.directory, "leaky.log")
        with open(self.log_path, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [os.path.join(harness.BUILD, "tests/system/leaky_daemon"), world.cluster.login(world.database), world.daemon.master_key],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        self.client = harness.Client(int(self.process.stdout.readline().split()[1]))
        self.values = self.find_values()

    def find_values(self):
        def one(query):
            return self.world.cluster.sql(self.world.database, query).split("\n")[0]
        return {
            "trial_id": one("SELECT trial_id FROM rctd.trial"), "after": None, "most": "1000", "scope": None, "trial": "gems", "name": "gems",
            "unit_id": one("SELECT unit_id FROM rctd.allocation ORDER BY allocated_at"), "code": "W0001", "kind": "workplace",
            "allocation_id": one("SELECT allocation_id FROM rctd.allocation ORDER BY allocated_at"), "scheme": "main", "phase": "main",
            "stratum": one("SELECT stratum FROM rctd.allocation WHERE scheme = 'main'"), "version": "1", "protocol_version": "1",
            "key": one("SELECT key FROM rctd.idempotency WHERE restricted"), "account": "coordinator", "step": "allocation",
            "account_id": one("SELECT account_id FROM rctd.account WHERE name = 'coordinator'"), "limit": "1000",
            "task_id": one("SELECT task_id FROM rctd.task WHERE arm_specific"), "stream": None,
            "deviation_id": one("SELECT deviation_id FROM rctd.allocation_deviation"),
            "unblinding_id": one("SELECT unblinding_id FROM rctd.unblinding"), "state": None,
        }

    def value(self, field):
        if field.name in self.values and not (field.name == "after" and not field.nullable):
            return self.values[field.name]
        if field.nullable:
            return None
        return {"uuid": "00000000-0000-0000-0000-000000000000", "text": "", "int4": "1000", "int8": "1000", "bool": "true", "jsonb": "{}",
                "timestamptz": "2020-01-01T00:00:00Z", "date": "2020-01-01", "float8": "1", "bytea": "\\x00"}[field.type_name]

    def statement(self, role, statement):
        values = {field.name: self.value(field) for field in statement.parameters}
        return self.client.post(f"{self.world.path}/statement", {
            "statement": statement.name, "values": {name: value for name, value in values.items() if value is not None}},
            token=self.world.tokens[role])

    def sql(self, role, text):
        return self.client.post(f"{self.world.path}/sql", {"sql": text}, token=self.world.tokens[role])

    def log(self):
        with open(self.log_path, encoding="utf-8") as file:
            return file.read()

    def close(self):
        self.client.close()
        self.process.stdin.close()
        assert self.process.wait(60) == 0


@pytest.fixture(scope="module", name="leaky")
def leaky_fixture(cluster):
    with Crowd(cluster) as world:
        made = Leaky(world)
        yield made
        made.close()


def all_statements():
    faults, found = maker.Faults(), []
    for name in sorted(os.listdir(os.path.join(ROOT, "sql/query"))):
        found += maker.parse_file(os.path.join(ROOT, "sql/query", name), faults)
    return found


STATEMENTS = all_statements()


def identities_in(text):
    """Names, numbers and telephone numbers of the people of the crowd."""
    return [word for n in range(28) for word in (f"Person {n}\"", number(n), number(n)[2:], f"+4670174{n:04d}") if word in text]


def test_no_statement_that_rctd_has_tells_a_blinded_role_an_arm_or_an_identity(leaky):
    refused = {role: set() for role in BLINDED}
    for role in BLINDED:
        for statement in STATEMENTS:
            if statement.name in RECORDED:
                continue
            answer = leaky.statement(role, statement)
            what = f"{statement.name} for a {role}: {answer.status} {answer.text[:300]}"
            assert identities_in(answer.text) == [], what
            if role != "trial-manager" or not OF_PROTOCOL.search(statement.name):
                assert words_in(answer.text) == [], what
                assert not re.search("permuted-block|minimisation", answer.text), what
            if answer.status != 200:
                refused[role].add(statement.name)
    for role in BLINDED:
        for name in ("ledger_list", "ledger_by_position", "minimisation_sums", "stratum_last", "allocation_receipt", "audit_list", "audit_records",
                     "scheme_seed_get", "deviation_restricted", "deviation_allocation", "unblinding_told", "attempt_list"):
            assert name in refused[role], f"{name} was not refused to a {role}"
    for role in ("researcher", "interviewer", "dispatcher", "contact"):
        assert "protocol_document" in refused[role]


def test_the_same_handler_tells_a_coordinator_arms_and_nobody_an_identity(leaky):
    told = {}
    for statement in STATEMENTS:
        answer = leaky.statement("coordinator", statement)
        assert identities_in(answer.text) == [], f"{statement.name}: {answer.text[:300]}"
        told[statement.name] = words_in(answer.text)
    assert told["ledger_list"] and told["idempotency_find"] and told["deviation_restricted"]


LEAKS = [
    "SELECT arm FROM rctd.allocation", "SELECT * FROM rctd.allocation", "SELECT l.position, l.stratum FROM rctd.allocation l",
    "SELECT to_jsonb(l) FROM rctd.allocation l", "SELECT count(*) FROM rctd.allocation WHERE arm = 'opal'",
    "SELECT l.allocation_id FROM rctd.allocation l ORDER BY l.arm", "SELECT l::text FROM rctd.allocation l",
    "SELECT arm FROM rctd.scheme_arm", "SELECT document FROM rctd.protocol_version", "SELECT sealed FROM rctd.scheme_seed",
    "SELECT new FROM rctd.audit", "SELECT reason FROM rctd.allocation_deviation", "SELECT guess FROM rctd.contact",
    "SELECT * FROM rctd_vault.identity", "SELECT box FROM rctd_vault.identity", "SELECT number_hash FROM rctd_vault.identity",
    "SELECT rctd.record_image('allocation', '{}'::jsonb)",
    "SELECT * FROM rctd.unblinding_arm((SELECT trial_id FROM rctd.trial), '00000000-0000-0000-0000-000000000000')",
    "SELECT rctd.arm_unit((SELECT trial_id FROM rctd.trial), '00000000-0000-0000-0000-000000000000')",
    "INSERT INTO rctd.unblinding SELECT * FROM rctd.unblinding", "DELETE FROM rctd.arm_knowledge", "UPDATE rctd.notice SET account_id = account_id",
    "INSERT INTO rctd.arm_knowledge SELECT * FROM rctd.arm_knowledge",
    "COPY rctd.allocation TO STDOUT", "SELECT pg_read_file('postgresql.conf')",
    "SELECT most_common_vals FROM pg_stats WHERE tablename = 'allocation' AND attname = 'arm'",
    "DO $$ BEGIN RAISE EXCEPTION '%', (SELECT string_agg(arm, ',') FROM rctd.allocation); END $$",
    "SELECT (SELECT string_agg(arm, ',') FROM rctd.allocation)::integer",
]
# What gives no error gives no row either: the rows are not there for who is blinded.
EMPTY = [
    "SELECT answer FROM rctd.idempotency WHERE restricted", "SELECT * FROM rctd.task WHERE arm_specific",
    "SELECT * FROM rctd.reminder WHERE arm_specific", "SELECT * FROM rctd.task WHERE task IN ('talk', 'call', 'extra')",
    "SELECT * FROM rctd.notice WHERE account_id <> rctd.acting_account()",
    "SELECT most_common_vals FROM pg_stats WHERE tablename = 'allocation' AND attname = 'arm'",
]


@pytest.mark.parametrize("role", BLINDED)
def test_no_text_of_sql_gets_an_arm_or_an_identity_out(leaky, role):
    for text in LEAKS:
        answer = leaky.sql(role, text)
        told = answer.status == 200 and bool(answer.json()["rows"] or answer.json()["done"] not in ("", "SELECT 0", "0"))
        allowed = role == "trial-manager" and ("scheme_arm" in text or "document" in text)
        assert allowed or text in EMPTY or (answer.status >= 400 and not told), f"{role}: {text}: {answer}"
        assert allowed or words_in(answer.text) == [], f"{role}: {text}: {answer}"
        assert identities_in(answer.text) == []
    for text in EMPTY:
        answer = leaky.sql(role, text)
        assert answer.status == 200 and answer.json()["rows"] == [], f"{role}: {text}: {answer}"


def test_unblinded_roles_get_no_identity_out_either(leaky):
    for role in ("coordinator", "statistician", "auditor"):
        for text in ("SELECT * FROM rctd_vault.identity", "SELECT number_hash FROM rctd_vault.identity", "COPY rctd_vault.identity TO STDOUT"):
            answer = leaky.sql(role, text)
            assert answer.status >= 400 and identities_in(answer.text) == [], f"{role}: {text}: {answer}"


def test_a_handler_that_asks_for_an_arm_leaves_its_users_name(leaky):
    """The one way to an arm writes down who took it: a leak through it stands in the report."""
    world = leaky.world
    before = len(world.items("auditor", f"{world.path}/unblindings"))
    answer = leaky.sql("researcher", f"SELECT * FROM rctd.unblind('{leaky.values['trial_id']}', gen_random_uuid(), "
                                     f"'{leaky.values['unit_id']}', 'leak', '{key()}')")
    assert words_in(check(answer)["rows"][0]["arm"]) != []
    rows = world.items("auditor", f"{world.path}/unblindings?account=researcher")
    assert len(world.items("auditor", f"{world.path}/unblindings")) == before + 1 and rows[-1]["reason"] == "leak"
    for role in ("dispatcher", "contact"):
        answer = leaky.sql(role, f"SELECT * FROM rctd.unblind('{leaky.values['trial_id']}', gen_random_uuid(), "
                                 f"'{leaky.values['unit_id']}', 'leak', '{key()}')")
        assert answer.status >= 400 and words_in(answer.text) == []


def test_the_log_of_the_leaking_daemon_names_no_arm_and_nobody(leaky):
    assert leaky.log() != "" and words_in(leaky.log()) == [] and identities_in(leaky.log()) == []


def test_a_request_runs_as_its_callers_role_and_only_these_files_say_so():
    """What this file shows holds as long as no handler takes another role of the database: these may, and why."""
    may = {"rctd/api/call.c": "the caller's own role", "rctd/api/call_role.c": "likewise",
           "rctd/api/people/refusal.c": "the record of a refusal, which outlives what was refused", "rctd/api/conduct/allocate.c": "allocations, served together, each as its caller",
           "rctd/store/vault/vault.c": "the vault's, for what the database says that the caller may read",
           "rctd/store/contact/reminder.c": "who sends, in the trail"}
    found = set()
    for room in ("api", "store", "report", "http", "trial"):
        for folder, _, names in os.walk(os.path.join(ROOT, "rctd", room)):
            for name in [name for name in names if name.endswith(".c")]:
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as file:
                    if re.search(r"\btx_act_as\(|\bDB_ROLE_\w+", file.read()):
                        found.add(os.path.relpath(path, ROOT))
    assert found <= set(may), f"who else says as whom a request runs: {found - set(may)}"
