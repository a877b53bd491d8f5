"""What is left of somebody or something in a database's dumps and files."""
import base64
import os
import subprocess

import harness


def files_with(cluster, database, needle):
    """Files of the database in the data directory, but its write-ahead log, that hold these bytes."""
    cluster.sql(database, "CHECKPOINT")
    oid = cluster.sql(database, "SELECT oid FROM pg_database WHERE datname = current_database()").strip()
    hits = []
    for where, _, names in os.walk(cluster.data):
        if "pg_wal" in where:
            continue
        for name in names:
            try:
                with open(os.path.join(where, name), "rb") as file:
                    if needle in file.read():
                        hits.append(os.path.join(where, name))
            except OSError:
                continue
    return [hit for hit in hits if f"/base/{oid}/" in hit or "/base/" not in hit]


def dump(world):
    done = subprocess.run([f"{harness.pg_bin()}/pg_dump", "-d", world.cluster.superuser(world.database)],
                          check=True, capture_output=True)
    return done.stdout


def encodings(secret):
    """The forms in which a secret's bytes could stand in a dump."""
    return [secret, secret.hex().encode(), base64.b64encode(secret), base64.b64encode(secret)[:40]]
