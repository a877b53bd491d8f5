"""The file of signed heads, kept on another machine: with it `rctctl audit verify` finds what a superuser did who made
table, trail and heads agree again, and a database that was restored to an earlier day."""
import json
import os
import subprocess

import harness
import pytest
from trail import tamper, verify
from world import World, check

REWRITE = """
DO $$
DECLARE
    one rctd.audit;
    before bytea := decode(repeat('00', 32), 'hex');
BEGIN
    UPDATE rctd.allocation SET arm = CASE arm WHEN 'opal' THEN 'jade' ELSE 'opal' END WHERE stream_key = '{key}' AND position = 2;
    FOR one IN SELECT * FROM rctd.audit WHERE stream = 'stratum:{key}' ORDER BY sequence LOOP
        one.previous := before;
        IF one.sequence = 2 THEN
            one.new := (SELECT rctd.record_image('allocation', to_jsonb(l)) FROM rctd.allocation l WHERE stream_key = '{key}' AND position = 2);
        END IF;
        one.hash := rctd.audit_hash(one);
        before := one.hash;
        UPDATE rctd.audit SET new = one.new, previous = one.previous, hash = one.hash WHERE stream = one.stream AND sequence = one.sequence;
    END LOOP;
END
$$"""
KEY = "main/sector=public|size=1-9"


@pytest.fixture(name="signed")
def signed_fixture(cluster):
    directory = harness.temporary_directory("rctd-heads")
    path = os.path.join(directory, "heads")
    with World(cluster, config={"audit_heads_file": path}) as made:
        made.allocate_all(made.workplaces(32))
        made.daemon.restart()  # a daemon's first line comes soon, and has all heads
        lines = len(read(path))
        harness.wait_until(lambda: len(read(path)) > lines, "a line of heads")
        made.heads = path
        yield made


def read(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def with_heads(world, path=None, *more, instance=False):
    role, where = ("administrator", "--instance") if instance else ("auditor", world.trial)
    environment = {**os.environ, "RCTD_URL": world.daemon.url, "RCTD_TOKEN": world.tokens[role], "HOME": "/nonexistent"}
    done = subprocess.run([harness.RCTCTL, "--json", "audit", "verify", where, "--heads", path or world.heads, *more], env=environment,
                          text=True, capture_output=True, check=False, timeout=60)
    said = json.loads(done.stdout) if done.stdout else {"findings": []}
    return done.returncode, {item["stream"]: (item["sequence"], item["fault"]) for item in said["findings"]}, done.stderr


def test_an_untouched_trail_is_as_it_was_signed_also_when_it_has_grown(signed):
    key = read(signed.heads)[-1]["key"]
    assert with_heads(signed, None, "--heads-key", key)[:2] == (0, {})
    assert with_heads(signed, instance=True)[:2] == (0, {})
    signed.allocate_all(signed.workplaces(16, first=500))
    assert with_heads(signed)[:2] == (0, {})


def test_a_chain_that_was_computed_anew_with_its_table_is_found_by_the_heads_alone(signed):
    tamper(signed, REWRITE.replace("{key}", KEY))
    assert verify(signed)[:2] == (0, {}), "in the database itself everything fits"
    status, findings, _ = with_heads(signed)
    assert (status, findings) == (8, {f"stratum:{KEY}": (4, "rewritten")})


def test_a_database_of_an_earlier_day_is_found(signed):
    tamper(signed, f"DELETE FROM rctd.allocation WHERE stream_key = '{KEY}' AND position = 4;"
                   f"DELETE FROM rctd.audit WHERE stream = 'stratum:{KEY}' AND sequence = 4")
    assert verify(signed)[:2] == (0, {})
    assert with_heads(signed)[:2] == (8, {f"stratum:{KEY}": (4, "missing")})


def test_a_file_of_heads_that_was_changed_is_not_believed(signed):
    with open(signed.heads, encoding="utf-8") as file:
        text = file.read()
    line = read(signed.heads)[-1]
    other = os.path.join(os.path.dirname(signed.heads), "other")
    for changed, says in ((text.replace(line["heads"][0][3], "0" * 64), "signed over other heads"),
                          (text.replace(line["root"], "0" * 64), "signature that does not fit"),
                          (text.replace(line["at"], "2026-01-01T00:00:00.000000Z"), "signature that does not fit"),
                          (text[:-20], "no line of heads"), ("", "empty")):
        with open(other, "w", encoding="utf-8") as file:
            file.write(changed)
        status, findings, said = with_heads(signed, other)
        assert status == 8 and findings == {} and says in said, (says, said)
    status, _, said = with_heads(signed, None, "--heads-key", "ab" * 32)
    assert status == 8 and "another key" in said
    check(signed.get("auditor", signed.path))
