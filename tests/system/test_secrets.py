"""What somebody learns who has the database, a dump or the log, but not the master key: no seed, no token,
no secret, and nothing from which the next arm follows."""
import base64

import harness
from people import ANNA, VAULT, People
import pytest
from remains import dump, encodings
from world import World, check


def dry_run(world, code, scheme, daemon):
    return daemon.request("POST", f"{world.path}/allocations/dry-run", {"workplace": code, "scheme": scheme},
                          token=world.tokens["coordinator"])


def test_a_dump_holds_neither_seed_nor_token_nor_endpoint_secret(world):
    codes = world.workplaces(16)
    world.allocate_all(codes[:10])
    made = check(world.post("trial-manager", f"{world.path}/endpoints", {"url": "https://hooks.example.org/x"}, key=None))
    seed = bytes.fromhex(world.seed())
    with open(world.daemon.master_key, encoding="ascii") as file:
        master = bytes.fromhex(file.read().strip())
    everything = dump(world) + world.daemon.log().encode()
    secret = base64.b64decode(made["secret"].removeprefix("whsec_"))
    for hidden in (seed, master, secret):
        assert len(hidden) >= 24
        for form in encodings(hidden):
            assert form not in everything
    for token in world.tokens.values():
        assert token.encode() not in everything
    assert world.tokens["coordinator"][:12].encode() not in everything
    assert codes[0].encode() in everything, "the search can find what is there"


def test_nothing_about_the_future_is_stored(world):
    """The same dump, but for what has happened: an allocation adds rows, and none is there before it."""
    codes = world.workplaces(2)
    tables = "SELECT (SELECT count(*) FROM rctd.allocation), (SELECT count(*) FROM rctd.stratum)"
    assert world.cluster.sql(world.database, tables) == "0\t0"
    check(world.allocate(codes[0]), 201)
    assert world.cluster.sql(world.database, tables) == "1\t1"
    decision = world.cluster.sql(world.database, "SELECT decision FROM rctd.allocation")
    assert decision == '{"counts": [0, 0, 0]}', "a decision that tells the block would tell the rest of it"


def test_without_the_master_key_allocation_answers_503_and_says_why_and_the_rest_goes_on(world):
    code = world.workplaces(1)[0]
    bare = harness.Daemon(world.database, world.cluster, master_key=world.daemon.master_key,
                          config={"master_key_file": None})
    try:
        answer = world.allocate(code, daemon=bare)
        assert answer.status == 503 and answer.json()["type"].endswith(":no-master-key"), answer
        assert "started without its master key" in answer.text, answer
        dry = check(dry_run(world, code, "main", bare))
        assert not dry["eligible"] and "Nothing can be allocated now" in dry["missing"][-1], dry
        assert bare.get("/readyz").json() == {"status": "ok", "allocation": "closed"}
        assert bare.get(f"{world.path}/workplaces", token=world.tokens["coordinator"]).status == 200
        assert world.ledger() == []
    finally:
        bare.stop()


def test_with_another_master_key_nothing_is_allocated_read_or_escrowed_and_everybody_is_told_why(cluster, tmp_path):
    public = harness.run_rctd("--new-escrow-key", str(tmp_path / "anna.pair")).stdout.split("=")[1].strip()
    with World(cluster, protocol=VAULT) as world:
        people = People(world)
        person, code = people.add(ANNA), "W0002"
        check(dry_run(world, code, "main.main", world.daemon))
        ours = world.cluster.rows(world.database, "SELECT DISTINCT key_id FROM rctd.scheme_seed")[0][0]
        other = harness.Daemon(world.database, cluster, config={"escrow_public_key": public})
        try:
            read = other.request("POST", f"{people.path}/{person}/identity/readings", {"purpose": "safety", "reason": "interview"},
                                 token=world.tokens["safety"])
            refused = [world.allocate(code, "main.main", daemon=other), read]
            for answer in refused:
                assert answer.status == 503 and answer.json()["type"].endswith(":other-master-key"), answer
                assert "is not the key of this database" in answer.text and "allocated" not in answer.text, answer
            dry = check(dry_run(world, code, "main.main", other))
            assert not dry["eligible"] and "is not the key of this database" in dry["missing"][-1], dry
            assert other.get("/readyz").json() == {"status": "ok", "allocation": "closed"}
            assert f'expected="{ours}"' in other.log() and "came=" in other.log(), other.log()
        finally:
            other.stop()
        assert world.ledger() == []
        assert world.cluster.sql(world.database, "SELECT count(*) FROM rctd_vault.key_escrow") == "0"
        check(world.allocate(code, "main.main"), 201)


def test_a_seed_moved_from_one_scheme_to_another_is_found_out(cluster):
    two = """
trial: gems
title: {en: Two}
registration: none
time_zone: Europe/Stockholm
languages: [en]
workplace:
  identifiers: {number: {type: pattern, pattern: "^[0-9]{6}$", required: true}}
  attributes: {sector: {levels: [public, private]}, employees: {type: integer}, county: {levels: [north, south]}}
arms: {a: {label: {en: A}}, b: {label: {en: B}}}
phases:
  main: {scheme: {unit: workplace, method: permuted-block, ratio: {a: 1, b: 1}, blocks: [2, 4]}}
  more: {scheme: {unit: workplace, method: permuted-block, ratio: {a: 1, b: 1}, blocks: [2, 4]}}
"""
    with World(cluster, protocol=two, phases=("main", "more")) as world:
        code = world.workplaces(1)[0]
        with pytest.raises(Exception, match="scheme_seed_sealed"):
            world.cluster.sql(world.database, """
                SET session_replication_role = replica;
                UPDATE rctd.scheme_seed s SET sealed = o.sealed FROM rctd.scheme_seed o WHERE s.scheme = 'main' AND o.scheme = 'more'""")
        world.cluster.sql(world.database, """
            DROP INDEX rctd.scheme_seed_sealed; SET session_replication_role = replica;
            UPDATE rctd.scheme_seed s SET sealed = o.sealed FROM rctd.scheme_seed o WHERE s.scheme = 'main' AND o.scheme = 'more'""")
        answer = world.allocate(code)
        assert answer.status == 503 and answer.json()["type"].endswith(":no-master-key"), answer
        assert world.ledger() == []


@pytest.mark.parametrize("statement", [
    "UPDATE rctd.allocation SET arm = 'jade'", "DELETE FROM rctd.allocation", "TRUNCATE rctd.allocation CASCADE",
    "UPDATE rctd.consent SET decision = 'given'", "DELETE FROM rctd.audit", "UPDATE rctd.scheme_seed SET sealed = '\\x00'",
])
def test_ledgers_take_new_rows_only_even_from_a_superuser(world, statement):
    check(world.allocate(world.workplaces(1)[0]), 201)
    with pytest.raises(Exception, match="takes new rows only"):
        world.cluster.sql(world.database, statement)
