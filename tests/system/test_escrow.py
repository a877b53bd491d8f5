"""A master key that is lost comes back from its escrow, and with it the seeds and who the participants are; of two
keepers neither opens it alone. The drill is the one of rctd(8)."""
import os
import subprocess

import harness
from people import ANNA, VAULT, People
import pytest
from world import World, check


def new_pair(path):
    return harness.run_rctd("--new-escrow-key", str(path)).stdout.split("=")[1].strip()


def rctctl(*arguments):
    return subprocess.run([harness.RCTCTL, *map(str, arguments)], capture_output=True, text=True, check=False)


def sealed_key(world, path):
    """What the operator prints who has the database alone: no master key is named."""
    config = harness.write_config(str(path.parent), {"database": world.cluster.login(world.database)})
    path.write_text(harness.run_rctd("--config", config, "--escrowed-key").stdout)
    return path


@pytest.mark.parametrize("keepers", [1, 2])
def test_a_lost_master_key_comes_back_and_with_it_identities_and_allocations(cluster, tmp_path, keepers):
    pairs = [tmp_path / "anna.pair", tmp_path / "bo.pair"][:keepers]
    config = dict(zip(("escrow_public_key", "escrow_second_key"), map(new_pair, pairs)))
    with World(cluster, protocol=VAULT, config=config) as world:
        people = People(world)
        code = people.add(ANNA)
        world.daemon.stop()
        os.unlink(world.daemon.master_key)  # lost
        file = sealed_key(world, tmp_path / "sealed.txt")
        for number, pair in enumerate(reversed(pairs)):
            wrong = rctctl("escrow", "open", file, "--pair", pairs[0] if pair != pairs[0] else pair, "--out", tmp_path / "wrong")
            assert (wrong.returncode == 0) == (pair == pairs[0]), wrong
            if pair != pairs[0]:
                assert "comes off first" in wrong.stderr and not (tmp_path / "wrong").exists(), wrong
            opened = tmp_path / f"opened{number}"
            done = rctctl("escrow", "open", file, "--pair", pair, "--out", opened)
            assert done.returncode == 0 and opened.stat().st_mode & 0o777 == 0o600, done
            file = opened
        world.daemon.master_key = str(file)
        world.daemon = harness.Daemon(world.database, cluster, master_key=str(file))
        world.daemons.append(world.daemon)
        assert check(people.read(code, "safety"), 201)["identity"]["name"] == ANNA["name"]
        assert people.register({"number": ANNA["number"]}).status == 409
        check(world.allocate("W0002", "main.main"), 201)


def test_the_sealed_key_is_of_no_use_to_anybody_else(cluster, tmp_path):
    public = new_pair(tmp_path / "anna.pair")
    with World(cluster, config={"escrow_public_key": public}) as world:
        with open(world.daemon.master_key, encoding="ascii") as file:
            master = file.read().strip()
        file = sealed_key(world, tmp_path / "sealed.txt")
        assert master not in file.read_text() and public in file.read_text()
        shown = rctctl("--csv", "escrow", "show", file).stdout.splitlines()[1].split(",")
        assert shown[1:] == ["yes", public, public]
        new_pair(tmp_path / "eva.pair")
        refused = rctctl("escrow", "open", file, "--pair", tmp_path / "eva.pair", "--out", tmp_path / "out")
        assert refused.returncode == 6 and public in refused.stderr and not (tmp_path / "out").exists(), refused
        missing = rctctl("escrow", "open", file, "--pair", tmp_path / "nobody.pair", "--out", tmp_path / "out")
        assert missing.returncode == 3 and "cannot be opened" in missing.stderr, missing
        kept = world.cluster.rows(world.database, "SELECT object_id, new FROM rctd.audit WHERE object_kind = 'key-escrow'")
        assert [row[0] for row in kept] == [shown[0]] and "rctd-escrow" not in kept[0][1]


def test_of_several_keys_the_one_in_use_is_told(cluster, tmp_path):
    with World(cluster, config={"escrow_public_key": new_pair(tmp_path / "anna.pair")}) as world:
        world.cluster.sql(world.database, '''
            INSERT INTO rctd_vault.key_escrow (key_id, sealed_to, sealed, made_at)
            SELECT 'ffffffffffffffff', k.sealed_to, replace(k.sealed, k.key_id, 'ffffffffffffffff'), now() + interval '1 hour'
              FROM rctd_vault.key_escrow k''')
        file = sealed_key(world, tmp_path / "sealed.txt")
        rows = [line.split(",")[:2] for line in rctctl("--csv", "escrow", "show", file).stdout.splitlines()[1:]]
        assert [used for _, used in rows] == ["yes", "no"] and rows[1][0] == "f" * 16, rows
        unclear = rctctl("escrow", "open", file, "--pair", tmp_path / "anna.pair", "--out", tmp_path / "out")
        assert unclear.returncode == 6 and f"{rows[0][0]} (in use), {'f' * 16}" in unclear.stderr, unclear
        done = rctctl("escrow", "open", file, "--pair", tmp_path / "anna.pair", "--out", tmp_path / "out", "--key", rows[0][0])
        assert done.returncode == 0, done
        with open(world.daemon.master_key, encoding="ascii") as key:
            assert (tmp_path / "out").read_text() == key.read()


def test_a_database_without_an_escrow_says_so(cluster, tmp_path):
    with World(cluster) as world:
        config = harness.write_config(str(tmp_path), {"database": world.cluster.login(world.database)})
        done = harness.run_rctd("--config", config, "--escrowed-key", check=False)
        assert done.returncode == 3 and "keeps no sealed master key" in done.stderr, done


def test_a_second_keeper_without_a_first_stops_the_daemon(cluster, tmp_path):
    database = cluster.database()
    daemon = harness.Daemon(database, cluster, config={"escrow_second_key": new_pair(tmp_path / "bo.pair")}, start=False)
    daemon.start(wait=False)
    assert daemon.process.wait(60) == 6 and "set escrow_public_key" in daemon.log()
