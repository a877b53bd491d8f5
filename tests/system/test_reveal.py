"""The end of a scheme: nothing is allocated behind its closing, two people and never one reveal its seed, what
they get is the seed that was committed to, and who read it stands in the trail."""
import concurrent.futures
import hashlib
import hmac
import os
import stat

import harness
from locks import locked, waiting
import pytest
from remains import dump, encodings
from world import PROTOCOL, World, check, key

TWO_SCHEMES = PROTOCOL.replace("\ninstruments:", """
  more:
    scheme:
      unit: workplace
      method: permuted-block
      ratio: {opal: 1, onyx: 1}
      blocks: [2, 4]
instruments:""", 1)


@pytest.fixture(scope="module", name="original")
def original_fixture(cluster):
    with World(cluster, protocol=TWO_SCHEMES, phases=("main", "more")) as made:
        yield made


@pytest.fixture(name="two")
def two_fixture(cluster):
    with World(cluster, protocol=TWO_SCHEMES, phases=("main", "more")) as made:
        yield made


def post(world, role, scheme, verb, daemon=None, token=None, reason="Verification", **more):
    return (daemon or world.daemon).post(f"{world.path}/schemes/{scheme}/{verb}", {"reason": reason},
                                         token=token or world.tokens[role], **{"key": key(), **more})


def close(world, scheme="main", **more):
    return post(world, "trial-manager", scheme, "close", **more)


def approve(world, role, scheme="main", **more):
    return post(world, role, scheme, "reveal", **more)


def seed_of(world, role="statistician", scheme="main", **more):
    return world.get(role, f"{world.path}/schemes/{scheme}/seed", **more)


def grant(world, account, role):
    return check(world.post("administrator", f"/v1/accounts/{account}/grants", {"role": role, "trial": world.trial, "reason": "Test"}))


def rctctl(world, role, *words):
    done = world.rctctl(role, *words)
    return done.returncode, done.stdout, done.stderr


def test_a_trial_manager_and_a_statistician_reveal_the_seed_that_was_committed_to(two):
    two.allocate_all(two.workplaces(12))
    assert approve(two, "statistician").status == 409, "an open scheme is not revealed"
    assert check(close(two))["state"] == "closed"
    assert seed_of(two).status == 409
    half = check(approve(two, "statistician", reason="To verify"))
    assert half["revealed"] is False and half["missing"] == ["A trial-manager approves, who is not statistician"]
    assert seed_of(two).status == 409, "one approval reveals nothing"
    whole = check(approve(two, "trial-manager"))
    assert whole["revealed"] is True and whole["missing"] == [] and whole["state"] == "revealed"
    assert [(half["role"], half["account"]) for half in whole["approvals"]] == [("statistician",) * 2, ("trial-manager",) * 2]
    told = check(seed_of(two))
    assert told["seed"] == two.seed("main") and told["label"] == "gems/main"
    assert told["protocol_sha256"] == hashlib.sha256(two.protocol.encode()).hexdigest()
    assert told["versions"] == [{"protocol_version": 1, "sha256": told["protocol_sha256"], "allocations": 12}]
    message = b"rctd-commitment-v1\0gems/main\0" + told["protocol_sha256"].encode()
    assert hmac.new(bytes.fromhex(told["seed"]), message, "sha256").hexdigest() == told["commitment"]
    assert told["commitment"] == next(row["commitment"] for row in two.items("researcher", f"{two.path}/schemes") if row["scheme"] == "main")


def test_a_closed_scheme_allocates_nobody_and_the_others_go_on(two):
    first, second, third = two.workplaces(3)
    check(two.allocate(first), 201)
    check(close(two))
    refused = two.allocate(second)
    assert refused.status == 409 and "The scheme main is closed for good" in refused.text, refused
    dry = check(two.post("coordinator", f"{two.path}/allocations/dry-run", {"workplace": second, "scheme": "main"}))
    assert dry["eligible"] is False and "The scheme main is closed for good" in dry["missing"]
    check(two.allocate(third, scheme="more"), 201)
    again = close(two)
    assert again.status == 409 and "closed already" in again.text
    assert [row["state"] for row in two.items("interviewer", f"{two.path}/schemes")] == ["closed", "open"]


def test_the_answer_to_an_allocation_stays_when_its_scheme_is_closed_and_revealed(two):
    code, its_key = two.workplaces(1)[0], key()
    before = two.allocate(code, key=its_key)
    check(before, 201)
    check(close(two))
    check(approve(two, "trial-manager"))
    check(approve(two, "statistician"))
    after = two.allocate(code, key=its_key)
    assert after.status == 201 and after.text == before.text


def test_none_of_sixteen_clients_allocates_behind_the_closing_of_their_scheme(world):
    codes = world.workplaces(320)
    check(world.allocate(codes[0]), 201)
    second = world.another()
    with concurrent.futures.ThreadPoolExecutor(17) as pool:
        pending = [pool.submit(world.allocate, code, daemon=(world.daemon, second)[n % 2]) for n, code in enumerate(codes[1:-2])]
        harness.wait_until(lambda: len(world.ledger()) > 40, "some allocations")
        check(close(world))
        count = len(world.ledger())
        answers = [future.result() for future in pending]
    answers += [world.allocate(code, daemon=daemon) for code, daemon in zip(codes[-2:], (world.daemon, second))]
    assert [answer.status for answer in answers[-2:]] == [409, 409] and {answer.status for answer in answers} <= {201, 409}
    assert len([answer for answer in answers if answer.status == 201]) + 1 == len(world.ledger()) == count
    late = world.cluster.sql(world.database, "SELECT count(*) FROM rctd.audit l, rctd.audit c WHERE l.object_kind = 'allocation' "
                                             "AND c.object_kind = 'scheme-closing' AND l.at > c.at")
    assert late == "0"


def test_an_allocation_under_way_comes_before_the_closing_and_one_that_meets_it_is_refused(world):
    code, late = world.workplaces(2)
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        with locked(world, "LOCK TABLE rctd.task IN SHARE ROW EXCLUSIVE MODE"):
            allocating = pool.submit(world.allocate, code)
            harness.wait_until(lambda: waiting(world), "the allocation to stop")
            closing = pool.submit(close, world)
            harness.wait_until(lambda: closing.done() or waiting(world, 2), "the closing to wait or end")
            assert not closing.done(), "the scheme was closed, and an allocation in it came afterwards"
        check(allocating.result(), 201)
        check(closing.result())
    refused = world.allocate(late)
    assert refused.status == 409 and len(world.ledger()) == 1


def test_the_database_refuses_what_a_daemon_of_before_the_closing_would_store(world):
    """An allocation that looked before the closing and stores behind it: the guard has the last word."""
    code = world.workplaces(1)[0]
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        check(close(world))
        with pytest.raises(Exception, match="closed for good"):
            world.cluster.sql(world.database, f"""
                INSERT INTO rctd.stratum SELECT trial_id, 'main', '' FROM rctd.trial;
                INSERT INTO rctd.allocation (trial_id, allocation_id, scheme, stratum, position, unit_id, arm, phase, protocol_version,
                       method, decision, allocated_at, allocated_by, idempotency_key)
                SELECT trial_id, gen_random_uuid(), 'main', '', 1, unit_id, 'opal', 'main', 1, 'permuted-block', '{{}}', now(),
                       (SELECT account_id FROM rctd.account WHERE name = 'coordinator'), 'k' FROM rctd.unit WHERE code = '{code}'""")
        assert pool.submit(world.allocate, code).result().status == 409


def test_who_holds_both_roles_gives_one_half_and_the_other_person_the_other(two):
    grant(two, "statistician", "trial-manager")
    check(close(two))
    check(approve(two, "statistician"))
    refused = approve(two, "statistician")
    assert refused.status == 409 and "the other half is another person's" in refused.text, refused
    check(two.post("administrator", "/v1/accounts", {"name": "second", "display": "Second"}))
    grant(two, "second", "statistician")
    token = two.token("second")
    blocked = approve(two, None, token=token)
    assert blocked.status == 409 and "statistician has approved" in blocked.text, blocked
    assert check(approve(two, "trial-manager"))["revealed"] is True


def test_who_holds_both_roles_gives_the_half_that_is_missing(two):
    grant(two, "statistician", "trial-manager")
    check(close(two))
    check(two.post("administrator", "/v1/accounts", {"name": "second", "display": "Second"}))
    grant(two, "second", "statistician")
    check(approve(two, None, token=two.token("second")))
    whole = check(approve(two, "statistician"))
    assert [half["role"] for half in whole["approvals"]] == ["statistician", "trial-manager"] and whole["revealed"]
    rows = two.cluster.rows(two.database, "SELECT actor, actor_role FROM rctd.audit WHERE object_kind = 'seed-reveal' ORDER BY at")
    assert rows == [["second", "statistician"], ["statistician", "trial-manager"]]


def test_two_approvals_of_one_person_at_once_on_two_daemons_are_one(two):
    grant(two, "statistician", "trial-manager")
    check(close(two))
    second = two.another()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        with locked(two, "SELECT FROM rctd.audit_head WHERE stream = 'trial' FOR UPDATE"):
            answers = [pool.submit(approve, two, "statistician", daemon=daemon) for daemon in (two.daemon, second)]
            harness.wait_until(lambda: waiting(two, 2), "both to wait")
        assert sorted(answer.result().status for answer in answers) == [200, 409]
    assert two.cluster.sql(two.database, "SELECT count(*) FROM rctd.seed_reveal") == "1"
    assert seed_of(two).status == 409


def test_an_approval_that_meets_the_end_of_its_role_is_refused(two):
    check(close(two))
    grants = two.items("administrator", "/v1/accounts/statistician/grants")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        with locked(two, "SELECT FROM rctd.audit_head WHERE stream LIKE 'account:%' FOR UPDATE"):
            revoking = pool.submit(two.as_role, "administrator", "DELETE", f"/v1/accounts/statistician/grants/{grants[0]['grant']}")
            harness.wait_until(lambda: waiting(two), "the revocation to stop")
            approving = pool.submit(approve, two, "statistician")
            harness.wait_until(lambda: approving.done() or waiting(two, 2), "the approval to wait or end")
            assert not approving.done(), "an approval did not wait for what becomes of its role"
        check(revoking.result())
        assert approving.result().status == 403
    assert two.cluster.sql(two.database, "SELECT count(*) FROM rctd.seed_reveal") == "0"


def test_an_approval_falls_with_the_role_of_who_gave_it_and_is_given_anew(two):
    check(close(two))
    check(approve(two, "trial-manager"))
    for held in two.items("administrator", "/v1/accounts/trial-manager/grants"):
        check(two.as_role("administrator", "DELETE", f"/v1/accounts/trial-manager/grants/{held['grant']}"))
    refused = approve(two, "statistician")
    assert refused.status == 409 and "trial-manager approved" in refused.text and "another trial-manager" in refused.text, refused
    shown = check(two.get("statistician", f"{two.path}/schemes/main/reveal"))
    assert [half["stands"] for half in shown["approvals"]] == [False] and len(shown["missing"]) == 2, shown
    check(two.post("administrator", "/v1/accounts", {"name": "second", "display": "Second"}))
    grant(two, "second", "trial-manager")
    half = check(approve(two, None, token=two.token("second")))
    assert not half["revealed"] and [one["stands"] for one in half["approvals"]] == [False, True], half
    whole = check(approve(two, "statistician"))
    assert whole["revealed"] and all(one["stands"] for one in whole["approvals"]), whole
    check(seed_of(two))
    code, said, _ = rctctl(two, "auditor", "audit", "verify", two.trial)
    assert code == 0, said


def test_a_closed_phase_lets_its_seed_be_revealed_and_an_open_scheme_does_not(two):
    refused = approve(two, "trial-manager", scheme="more")
    assert refused.status == 409 and "still allocates" in refused.text, refused
    check(two.post("trial-manager", f"{two.path}/phases/more/close", {"reason": "Enough"}))
    check(approve(two, "trial-manager", scheme="more"))
    assert check(approve(two, "statistician", scheme="more"))["closed_at"] is None
    assert check(seed_of(two, scheme="more"))["seed"] == two.seed("more")
    assert seed_of(two, scheme="main").status == 409, "another scheme's seed stays sealed"


def test_an_amendment_gives_a_closed_scheme_no_new_seed_and_does_not_open_it(two):
    before = {row["scheme"]: row["commitment"] for row in two.items("auditor", f"{two.path}/schemes")}
    check(close(two))
    check(approve(two, "trial-manager"))
    check(approve(two, "statistician"))
    two.lock(two.protocol + "# amended\n")
    after = {row["scheme"]: row["commitment"] for row in two.items("auditor", f"{two.path}/schemes")}
    assert after["main"] == before["main"], "a revealed seed stays the scheme's"
    assert after["more"] != before["more"], "an unused scheme gets a seed of the new version"
    assert two.allocate(two.workplaces(1)[0]).status == 409
    told = check(seed_of(two))
    assert told["commitment"] == before["main"] and told["protocol_version"] == 1


def test_an_amendment_that_renames_a_closed_scheme_makes_another_seed(cluster):
    renamed = TWO_SCHEMES.replace("  more:\n", "  again:\n")
    with World(cluster, protocol=TWO_SCHEMES, phases=("main", "more")) as world:
        check(close(world, scheme="more"))
        check(approve(world, "trial-manager", scheme="more"))
        check(approve(world, "statistician", scheme="more"))
        known = check(seed_of(world, scheme="more"))["seed"]
        check(world.post("trial-manager", f"{world.path}/protocols", {"document": renamed, "reason": "Test"}))
        check(world.post("trial-manager", f"{world.path}/protocols/2/lock", {"reason": "Test"}))
        assert world.seed("again") != known
        assert [row["label"] for row in world.items("auditor", f"{world.path}/schemes")] == ["gems/again", "gems/main"]


@pytest.mark.parametrize("role", ["coordinator", "researcher", "interviewer", "dispatcher", "administrator", "auditor"])
def test_nobody_else_closes_or_approves(original, role):
    for answer in (post(original, role, "main", "close"), post(original, role, "main", "reveal")):
        assert answer.status == 403, answer


@pytest.mark.parametrize("role", ["coordinator", "researcher", "interviewer", "dispatcher", "administrator", "trial-manager"])
def test_nobody_but_statisticians_and_auditors_reads_a_revealed_seed(two, role):
    check(close(two))
    check(approve(two, "trial-manager"))
    check(approve(two, "statistician"))
    answer = seed_of(two, role=role)
    assert answer.status == 403 and two.seed("main") not in answer.text
    assert check(seed_of(two, role="auditor"))["seed"] == two.seed("main")


def test_the_reveal_is_told_to_those_whose_it_is(two):
    for role, status in (("trial-manager", 200), ("statistician", 200), ("auditor", 200), ("coordinator", 403), ("researcher", 403)):
        assert two.get(role, f"{two.path}/schemes/main/reveal").status == status
    missing = check(two.get("auditor", f"{two.path}/schemes/main/reveal"))["missing"]
    assert missing == ["A trial manager closes the scheme main, or its phase main", "A trial-manager approves", "A statistician approves"]
    unknown = two.get("auditor", f"{two.path}/schemes/mian/reveal")
    assert unknown.status == 404 and "it has main, more" in unknown.text


def test_a_scheme_of_a_phase_that_was_never_open_is_not_closed(cluster):
    with World(cluster, protocol=TWO_SCHEMES, phases=("main",)) as world:
        refused = close(world, scheme="more")
        assert refused.status == 409 and "was never open" in refused.text


def test_a_seed_is_not_shown_without_the_master_key_and_not_with_another(two):
    check(close(two))
    check(approve(two, "trial-manager"))
    check(approve(two, "statistician"))
    other = harness.Daemon(two.database, two.cluster)
    try:
        answer = other.get(f"{two.path}/schemes/main/seed", token=two.tokens["statistician"])
        assert answer.status == 503 and answer.json()["type"].endswith("other-master-key"), answer
    finally:
        other.stop()
    assert two.cluster.sql(two.database, "SELECT count(*) FROM rctd.seed_read") == "0", "what was not shown was not read"


def test_a_seed_that_does_not_fit_its_commitment_is_not_shown(two):
    check(close(two))
    check(approve(two, "trial-manager"))
    check(approve(two, "statistician"))
    two.cluster.sql(two.database, """SET session_replication_role = replica;
        UPDATE rctd.scheme_seed SET commitment = sha256(commitment) WHERE scheme = 'main'""")
    answer = seed_of(two)
    assert answer.status == 503 and two.seed("main") not in answer.text


def test_each_reading_is_in_the_trail_and_the_seed_in_nothing_that_is_kept(two):
    two.allocate_all(two.workplaces(4))
    check(close(two, reason="Recruitment is over"))
    check(approve(two, "trial-manager", reason="Verification by the board"))
    check(approve(two, "statistician"))
    for role in ("statistician", "auditor"):
        check(seed_of(two, role=role, key=key()))
    rows = two.cluster.rows(two.database, "SELECT action, object_kind, actor, actor_role, reason FROM rctd.audit "
                                          "WHERE action LIKE 'scheme.%' ORDER BY at")
    assert [row[:4] for row in rows] == [
        ["scheme.close", "scheme-closing", "trial-manager", "trial-manager"],
        ["scheme.reveal", "seed-reveal", "trial-manager", "trial-manager"],
        ["scheme.reveal", "seed-reveal", "statistician", "statistician"],
        ["scheme.seed", "seed-read", "statistician", "statistician"],
        ["scheme.seed", "seed-read", "auditor", "auditor"]]
    assert [row[4] for row in rows[:2]] == ["Recruitment is over", "Verification by the board"]
    everything = dump(two) + two.daemon.log().encode() + two.daemon.get("/metrics").text.encode()
    for form in encodings(bytes.fromhex(two.seed("main"))):
        assert form not in everything
    assert b"Verification by the board" in everything, "the search can find what is there"
    status, _, said = rctctl(two, "auditor", "audit", "verify", two.trial)
    assert status == 0, said


def test_rctctl_tells_who_is_waited_for_and_writes_the_seed_for_its_owner_only(two, tmp_path):
    two.allocate_all(two.workplaces(2))
    file = str(tmp_path / "main.seed")
    status, _, said = rctctl(two, "statistician", "scheme", "seed", "gems", "main", "--out", file)
    assert status == 4 and "takes the approvals" in said and not os.path.exists(file)
    status, _, said = rctctl(two, "trial-manager", "scheme", "close", "gems", "main", "--reason", "Enough")
    assert status == 2 and "--yes" in said
    status, said, _ = rctctl(two, "trial-manager", "scheme", "close", "gems", "main", "--reason", "Enough", "--yes")
    assert status == 0 and "nothing more is allocated in it" in said
    status, said, _ = rctctl(two, "trial-manager", "scheme", "reveal", "gems", "main", "--reason", "Verify")
    assert status == 0 and "A statistician approves, who is not trial-manager" in said, said
    status, said, _ = rctctl(two, "auditor", "scheme", "show", "gems", "main")
    assert status == 0 and "Approved by trial-manager as trial-manager: Verify" in said
    status, said, _ = rctctl(two, "researcher", "scheme", "show", "gems", "main")
    assert status == 0 and "Approved" not in said and "closed" in said
    status, said, _ = rctctl(two, "statistician", "scheme", "reveal", "gems", "main", "--reason", "Verify")
    assert status == 0 and "is revealed" in said
    status, said, err = rctctl(two, "statistician", "scheme", "seed", "gems", "main", "--out", file)
    assert status == 0 and two.seed("main") not in said, err
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    with open(file, encoding="ascii") as handle:
        assert handle.read() == two.seed("main") + "\n"
    assert rctctl(two, "statistician", "scheme", "seed", "gems", "main", "--out", file)[0] == 4, "a file is not overwritten"
    status, said, _ = rctctl(two, "statistician", "scheme", "list", "gems", "--csv")
    assert status == 0 and "main,main,revealed" in said
