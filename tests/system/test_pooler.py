"""Behind a transaction pooler: prepare = no, and every setting travels with its transaction."""
import concurrent.futures
import os
import pwd
import shutil
import subprocess

from designs import PROTOCOL, assert_batches, assert_minimised, batch
import harness
import pytest
from world import World, assert_ledger_is_right, check


@pytest.fixture
def pooler(cluster):
    """PgBouncer in front of the cluster, on a socket of its own, two server connections for all."""
    directory = harness.temporary_directory("rctd-pool")
    port = harness.free_port()
    with open(f"{directory}/users", "w", encoding="ascii") as file:
        file.write('"rctd_login" ""\n')
    with open(f"{directory}/pgbouncer.ini", "w", encoding="ascii") as file:
        file.write(f"[databases]\n* = host={cluster.socket} port={cluster.port}\n"
                   f"[pgbouncer]\nlisten_addr = \nunix_socket_dir = {directory}\nlisten_port = {port}\nauth_type = trust\n"
                   f"auth_file = {directory}/users\npool_mode = transaction\ndefault_pool_size = 2\n"
                   "ignore_startup_parameters = options,extra_float_digits\nlogfile = \n")
    if os.geteuid() == 0:
        user = pwd.getpwnam(harness.SERVER_USER)
        os.chown(directory, user.pw_uid, user.pw_gid)
    with open(f"{directory}/log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(  # pylint: disable=consider-using-with
            harness.as_server_user(["/usr/sbin/pgbouncer", f"{directory}/pgbouncer.ini"], die_with_us=True),
            stdout=log, stderr=log, cwd="/")
    harness.wait_until(lambda: os.path.exists(f"{directory}/.s.PGSQL.{port}"), "the pooler")
    yield directory, port
    process.terminate()
    process.wait()
    shutil.rmtree(directory, ignore_errors=True)


def pooled_daemon(world, cluster, pooler):
    directory, port = pooler
    daemon = harness.Daemon(world.database, cluster, master_key=world.daemon.master_key, config={
        "database": f"host={directory} port={port} user=rctd_login dbname={world.database}", "prepare": "no"})
    world.daemons.append(daemon)
    return daemon


def test_allocation_through_a_transaction_pooler_gives_the_same_sequence(cluster, pooler):
    with World(cluster) as world:
        codes = world.workplaces(200)
        pooled = pooled_daemon(world, cluster, pooler)
        direct, world.daemon = world.daemon, pooled
        world.allocate_all(codes, clients=16)
        blinded = world.get("researcher", f"{world.path}/allocations?limit=1000").json()["items"]
        assert len(blinded) == 200 and "arm" not in blinded[0]
        world.daemon = direct
        assert_ledger_is_right(world, 200)
        pooled.stop()


def test_minimisation_and_batches_go_through_a_transaction_pooler_too(cluster, pooler):
    with World(cluster, protocol=PROTOCOL) as world:
        codes = world.workplaces(60)
        pooled = pooled_daemon(world, cluster, pooler)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for answer in pool.map(lambda n: world.allocate(codes[n], "main.minimised", daemon=(world.daemon, pooled)[n % 2]), range(60)):
                check(answer, 201)
        for start in (0, 8):
            check(batch(world, codes[start:start + 8], daemon=pooled), 201)
        assert_minimised(world, "minimised", 60)
        assert_batches(world, "at-once", [8, 8])
        pooled.stop()
