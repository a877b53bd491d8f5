"""The trail: who did what, when and why is in it for every change, an auditor can read all of it and nobody
else can, and whoever tampers with it is found by `rctctl audit verify`, which names the row."""
import concurrent.futures
import json

import pytest
from trail import NIL, tamper, verify
from world import ROLES, World, check

KEYS = ["trial_id", "stream", "sequence", "at", "actor", "actor_role", "organisation", "action", "object_kind",
        "object_id", "old", "new", "reason", "request_id", "previous", "hash"]


@pytest.fixture(scope="module", name="busy")
def busy_fixture(cluster):
    """A trial in which something has happened."""
    with World(cluster) as made:
        codes = made.workplaces(24)
        made.allocate_all(codes[:16])
        made.post("coordinator", f"{made.path}/workplaces/{codes[20]}/roster-lock", {"head_count": 12})
        yield made


@pytest.fixture(name="damaged")
def damaged_fixture(cluster):
    """A trial to tamper with."""
    with World(cluster) as made:
        made.allocate_all(made.workplaces(32))
        yield made


def longest(world, like):
    """A stream of the trail with at least three rows, and its length."""
    row = world.cluster.rows(world.database, f"SELECT stream, count(*) FROM rctd.audit WHERE stream LIKE '{like}' "
                                             "AND trial_id <> '" + NIL + "' GROUP BY 1 ORDER BY 2 DESC LIMIT 1")[0]
    assert int(row[1]) >= 3, row
    return row[0], int(row[1])


def test_an_untouched_trail_is_whole(busy):
    for instance in (False, True):
        status, findings, _ = verify(busy, instance)
        assert (status, findings) == (0, {})


def test_every_column_of_a_row_is_guarded(damaged):
    changes = {"actor": "'mallory'", "new": "replace(new, '\"', '''')", "old": "'{}'", "reason": "coalesce(reason, '') || '!'",
               "at": "at + interval '1 microsecond'", "action": "action || '.'", "actor_role": "'auditor '",
               "organisation": "organisation || ' '", "object_id": "'another'", "object_kind": "'other'",
               "request_id": "'another'", "hash": "sha256(hash)"}
    stream, length = longest(damaged, "trial")
    for column, value in changes.items():
        where = f"stream = '{stream}' AND sequence = {length - 1} AND trial_id <> '{NIL}'"
        before = damaged.cluster.sql(damaged.database, f"SELECT quote_nullable({column}) FROM rctd.audit WHERE {where}")
        tamper(damaged, f"UPDATE rctd.audit SET {column} = {value} WHERE {where}")
        status, findings, said = verify(damaged)
        assert (status, findings) == (8, {stream: (length - 1, "changed")}), column
        assert "damaged" in said
        tamper(damaged, f"UPDATE rctd.audit SET {column} = {before} WHERE {where}")
        assert verify(damaged)[0] == 0, column


@pytest.mark.parametrize("like", ["trial", "stratum:%"])
def test_a_removed_row_is_named_wherever_it_stood(damaged, like):
    stream, length = longest(damaged, like)
    rows = damaged.cluster.sql(damaged.database, f"CREATE TABLE public.kept AS SELECT * FROM rctd.audit WHERE stream = '{stream}' "
                                                 f"AND trial_id <> '{NIL}'; SELECT count(*) FROM public.kept")
    assert int(rows) == length
    for gone in (1, 2, length):
        tamper(damaged, f"DELETE FROM rctd.audit WHERE (trial_id, stream, sequence) IN "
                        f"(SELECT trial_id, stream, sequence FROM public.kept WHERE sequence = {gone})")
        assert verify(damaged)[:2] == (8, {stream: (gone, "missing")})
        tamper(damaged, f"INSERT INTO rctd.audit SELECT * FROM public.kept WHERE sequence = {gone}")
        assert verify(damaged)[0] == 0
    tamper(damaged, "DELETE FROM rctd.audit WHERE (trial_id, stream) IN (SELECT trial_id, stream FROM public.kept)")
    assert verify(damaged)[:2] == (8, {stream: (1, "missing")}), "a stream that is gone as a whole is named too"


@pytest.mark.parametrize("like", ["trial", "stratum:%"])
def test_two_swapped_rows_are_named(damaged, like):
    stream, length = longest(damaged, like)
    tamper(damaged, f"UPDATE rctd.audit SET sequence = sequence + 1000 WHERE stream = '{stream}' AND sequence IN (2, 3) AND trial_id <> '{NIL}';"
                    f"UPDATE rctd.audit SET sequence = 1005 - sequence WHERE stream = '{stream}' AND sequence > 1000 AND trial_id <> '{NIL}'")
    assert length >= 3
    assert verify(damaged)[:2] == (8, {stream: (2, "swapped")})


def test_a_row_moved_to_another_stream_is_named_in_both(damaged):
    stream, length = longest(damaged, "trial")
    tamper(damaged, f"UPDATE rctd.audit SET stream = 'trial2' WHERE stream = '{stream}' AND sequence = {length} AND trial_id <> '{NIL}'")
    status, findings, _ = verify(damaged)
    assert status == 8 and findings[stream] == (length, "missing") and "trial2" in findings


def test_a_row_added_with_a_right_hash_but_not_by_the_trigger_is_named(damaged):
    stream, length = longest(damaged, "trial")
    tamper(damaged, f"""
        WITH last AS (SELECT * FROM rctd.audit WHERE stream = '{stream}' AND sequence = {length} AND trial_id <> '{NIL}'),
             next AS (SELECT (trial_id, stream, sequence + 1, clock_timestamp(), 'anna', 'coordinator', '', 'forged', object_kind,
                      object_id, NULL, '{{}}', NULL, NULL, hash, hash)::rctd.audit AS row FROM last)
        INSERT INTO rctd.audit SELECT (n.row).trial_id, (n.row).stream, (n.row).sequence, (n.row).at, (n.row).actor,
               (n.row).actor_role, (n.row).organisation, (n.row).action, (n.row).object_kind, (n.row).object_id, (n.row).old,
               (n.row).new, (n.row).reason, (n.row).request_id, (n.row).previous, rctd.audit_hash(n.row) FROM next n""")
    assert verify(damaged)[:2] == (8, {stream: (length + 1, "extra")})


def test_the_instances_trail_is_guarded_too(damaged):
    row = damaged.cluster.rows(damaged.database, f"SELECT stream FROM rctd.audit WHERE trial_id = '{NIL}' AND object_kind = 'grant'")[0]
    tamper(damaged, f"UPDATE rctd.audit SET new = replace(new, 'administrator', 'auditor') WHERE trial_id = '{NIL}' AND object_kind = 'grant'")
    status, findings, _ = verify(damaged, instance=True)
    assert status == 8 and list(findings) == [row[0]]
    assert verify(damaged)[0] == 0


def test_a_trail_that_grows_while_it_is_verified_is_not_called_damaged(damaged):
    codes = damaged.workplaces(400, first=1000)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        pending = [pool.submit(damaged.allocate, code) for code in codes]
        statuses = []
        while not all(future.done() for future in pending):
            statuses.append(verify(damaged)[:2])
    assert statuses and all(status == (0, {}) for status in statuses), statuses
    assert all(future.result().status == 201 for future in pending)


def test_every_row_says_who_what_when_and_why_in_the_shape_that_the_api_promises(busy):
    rows = busy.items("auditor", f"{busy.path}/audit")
    ids = {check(busy.get("auditor", busy.path))["trial_id"]}
    assert len(rows) > 100
    for row in rows:
        assert list(row) == KEYS
        assert row["trial_id"] in ids
        assert len(row["hash"]) == len(row["previous"]) == 64
        assert row["at"].endswith("Z") and len(row["at"]) == len("2026-11-22T08:30:00.000000Z")
        assert row["actor"] in ("admin", "rctd", *ROLES), row
        for value in (row["old"], row["new"]):
            assert value is None or isinstance(json.loads(value), dict)
    opened = next(row for row in rows if row["object_kind"] == "phase" and '"open"' in row["new"])
    assert (opened["actor"], opened["actor_role"], opened["reason"]) == ("trial-manager", "trial-manager", "Test")
    assert json.loads(opened["old"])["state"] == "planned" and json.loads(opened["new"])["state"] == "open"
    given = [row for row in rows if row["object_kind"] == "allocation"]
    assert len(given) == 16
    assert {row["actor_role"] for row in given} == {"coordinator"}


def test_accounts_tokens_and_roles_are_in_the_trail_with_old_and_new(cluster):
    with World(cluster, protocol=None) as world:
        path = "/v1/accounts/researcher"
        answer = world.as_role("administrator", "PATCH", path, {"display": "Rita"}, headers={"If-Match": "*"})
        check(answer)
        held = world.items("administrator", f"{path}/grants")[0]["grant"]
        check(world.as_role("administrator", "DELETE", f"{path}/grants/{held}"))
        rows = world.items("administrator", "/v1/audit")
        changed = next(row for row in rows if row["object_kind"] == "account" and row["old"] is not None)
        assert (json.loads(changed["old"])["display"], json.loads(changed["new"])["display"]) == ("Researcher", "Rita")
        assert changed["actor"] == "admin" and changed["actor_role"] == "administrator"
        assert changed["request_id"] == answer.headers["x-request-id"]
        assert {row["object_kind"] for row in rows} >= {"account", "token", "grant"}
        of_trial = world.items("auditor", f"{world.path}/audit")
        given = next(row for row in of_trial if row["object_kind"] == "grant" and '"researcher"' in row["new"])
        assert (given["old"], given["reason"]) == (None, "Test")
        taken = next(row for row in of_trial if row["object_id"] == held and row["old"] is not None)
        assert json.loads(taken["old"])["revoked_at"] is None and json.loads(taken["new"])["revoked_at"] is not None


def test_what_a_superuser_does_with_psql_is_in_the_trail_under_his_own_name(busy):
    busy.cluster.sql(busy.database, "SET rctd.actor = 'coordinator'; SET rctd.actor_role = 'coordinator'; "
                                    f"UPDATE rctd.trial SET title = 'By hand' WHERE name = '{busy.trial}'")
    last = busy.items("auditor", f"{busy.path}/audit?stream=trial")[-1]
    assert (last["actor"], last["actor_role"]) == ("database:postgres", "none")
    assert json.loads(last["new"])["title"] == "By hand"
    assert verify(busy)[0] == 0


def test_the_trail_of_a_trial_is_read_by_its_auditors_only(busy):
    for role in ("administrator", *ROLES):
        for end in ("audit", "audit/heads", "audit?stream=trial", "audit?after=MSB0cmlhbA"):
            answer = busy.get(role, f"{busy.path}/{end}")
            assert answer.status == (200 if role == "auditor" else 403), (role, end, answer)
    assert busy.get("auditor", "/v1/audit").status == 403, "an auditor of a trial is none of the instance"


def test_an_auditor_of_the_instance_reads_every_trail_and_changes_nothing(cluster):
    with World(cluster, protocol=None) as world:
        check(world.post("administrator", "/v1/accounts", {"name": "inspector", "display": "Inspector"}))
        check(world.post("administrator", "/v1/accounts/inspector/grants", {"role": "auditor", "reason": "Inspection"}))
        token = world.token("inspector")
        for path in ("/v1/audit", "/v1/audit/heads", f"{world.path}/audit", f"{world.path}/audit/heads", "/v1/accounts",
                     "/v1/accounts/inspector", "/v1/accounts/inspector/grants", world.path):
            check(world.daemon.get(path, token=token))
        for method, path, body in (("POST", "/v1/accounts", {"name": "x", "display": "X"}),
                                   ("POST", "/v1/trials", {"trial": "x", "title": "X"}),
                                   ("POST", "/v1/accounts/inspector/tokens", {"name": "x"})):
            assert world.daemon.request(method, path, body, token=token).status == 403


def test_pages_and_streams_are_the_same_rows(busy):
    everything = busy.items("auditor", f"{busy.path}/audit")
    places = [(row["stream"], row["sequence"]) for row in everything]
    assert places == sorted(places) and len(set(places)) == len(places)
    paged, path = [], f"{busy.path}/audit?limit=37"
    while path:
        page = check(busy.get("auditor", path))
        paged += page["items"]
        path = page["next"] and f"{busy.path}/audit?limit=37&after={page['next']}"
    assert paged == everything
    heads = busy.items("auditor", f"{busy.path}/audit/heads")
    assert [head["stream"] for head in heads] == sorted({stream for stream, _ in places})
    for head in heads:
        rows = busy.items("auditor", f"{busy.path}/audit?stream={head['stream'].replace('|', '%7C').replace('=', '%3D')}")
        assert rows == [row for row in everything if row["stream"] == head["stream"]]
        assert head["sequence"] == rows[-1]["sequence"] == len(rows)
        assert head["hash"] == (None if head["stream"].startswith("stratum:") else rows[-1]["hash"])
    assert busy.items("auditor", f"{busy.path}/audit?stream=nothing") == []
    for query in ("after=eHg", "after=%21", "stream=", "streams=trial"):
        assert busy.get("auditor", f"{busy.path}/audit?{query}").status == 422, query


def test_secrets_are_not_in_the_trail(busy):
    text = busy.get("auditor", f"{busy.path}/audit?limit=1000").text
    instance = busy.get("administrator", "/v1/audit?limit=1000").text
    assert '"allocation"' in text and '"token"' in instance
    for secret in busy.cluster.rows(busy.database, "SELECT encode(sealed, 'hex') FROM rctd.scheme_seed UNION ALL "
                                                   "SELECT encode(hash, 'hex') FROM rctd.token"):
        assert secret[0] not in text and secret[0] not in instance
    for word in ("blocks: [4, 8]", "ratio:"):
        assert word not in text, "the protocol stands in the trail by its digest"
