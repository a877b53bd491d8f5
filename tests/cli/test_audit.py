"""rctctl audit verify names the row that was changed, removed or swapped.

The chain is computed here once more, from its description in rctd/trial/proof/chain.h.
"""
import copy
import hashlib
import json

import pytest

TRIAL_ID = "01938c5e-7a10-7cc3-98c4-dc0c0c07398f"
PAGE = 7


def netstring(value):
    if value is None:
        return b"-,"
    data = str(value).encode()
    return str(len(data)).encode() + b":" + data + b","


def row_hash(previous, row, trial_id):
    names = ("stream", "sequence", "at", "actor", "actor_role", "organisation", "action", "object_kind", "object_id",
             "old", "new", "reason", "request_id")
    return hashlib.sha256(previous + netstring(trial_id) + b"".join(netstring(row[name]) for name in names)).digest()


def make_stream(name, count, trial_id=TRIAL_ID):
    rows, previous = [], bytes(32)
    for number in range(1, count + 1):
        row = {"trial_id": trial_id, "stream": name, "sequence": number, "at": f"2026-11-22T08:{number:02}:00.000001Z", "actor": "anna",
               "actor_role": "coordinator", "organisation": "Region Örebro", "action": "workplace.answer",
               "object_kind": "answer", "object_id": f"q{number}", "old": None if number == 1 else '{"a": 1}',
               "new": json.dumps({"number": number}), "reason": "" if number == 2 else None, "request_id": None,
               "previous": previous.hex()}
        previous = row_hash(previous, row, trial_id)
        row["hash"] = previous.hex()
        rows.append(row)
    return rows


class Trail:
    """Streams on the scripted server, several pages of them."""

    def __init__(self, server, base="/v1/trials/t/audit", trial_id=TRIAL_ID):
        self.server = server
        self.base = base
        self.streams = {name: make_stream(name, count, trial_id)
                        for name, count in (("stratum:rct/a", 4), ("trial", 9), ("unit:u-1", 5), ("unit:u-2", 1))}
        self.heads = [{"stream": name, "sequence": len(rows),
                       "hash": None if name.startswith("stratum:") else rows[-1]["hash"]}
                      for name, rows in self.streams.items()]
        self.stored = self.things()

    def things(self):
        """What is stored, where the trail is right: each thing by its stream and id."""
        return {(row["stream"], row["object_id"]): row["new"] for rows in self.streams.values() for row in rows}

    def serve(self, heads_later=None):
        rows = [row for stream in self.streams.values() for row in stream]
        parts = [rows[at:at + PAGE] for at in range(0, len(rows), PAGE)] or [[]]
        self.server.answers[f"GET {self.base}"] = [
            {"items": part, "next": f"{index}" if index + 1 < len(parts) else None} for index, part in enumerate(parts)]
        self.server.answers[f"GET {self.base}/heads"] = [
            {"items": heads, "next": None} for heads in ([self.heads, heads_later] if heads_later else [self.heads])]
        self.server.answers[f"GET {self.base}/records"] = [{"items": [
            {"stream": stream, "object_kind": "answer", "object_id": name, "record": record}
            for (stream, name), record in {**self.things(), **self.stored}.items()], "next": None}]


@pytest.fixture(name="trail")
def make_trail(server):
    return Trail(server)


def verify(asked, *more):
    return asked("audit", "verify", "t", *more)


def test_a_whole_trail_is_said_to_be_whole(asked, trail):
    trail.serve()
    done = verify(asked)
    assert (done.returncode, done.stdout) == (0, "19 rows in 4 streams: whole\n"), done.stderr
    trail.serve()
    assert json.loads(verify(asked, "--json").stdout) == {"whole": True, "rows": 19, "streams": 4, "findings": []}


def test_the_instances_own_trail_is_verified_as_well(asked, server):
    Trail(server, "/v1/audit", "00000000-0000-0000-0000-000000000000").serve()
    done = asked("audit", "verify", "--instance")
    assert (done.returncode, done.stdout) == (0, "19 rows in 4 streams: whole\n"), done.stderr


@pytest.mark.parametrize("field, value", [
    ("actor", "bo"), ("new", '{"number": 99}'), ("reason", None), ("at", "2026-11-22T08:02:00.000002Z"),
    ("object_id", "q9"), ("old", None), ("organisation", ""), ("request_id", "r")])
def test_a_changed_row_is_named(asked, trail, field, value):
    trail.streams["unit:u-1"][1][field] = value
    trail.serve()
    done = verify(asked)
    assert done.returncode == 8
    assert done.stdout == "stream unit:u-1: row 2 is not as it was written\n"
    assert "1 of 4 streams" in done.stderr


def test_a_change_with_a_hash_that_fits_is_found_at_the_next_row(asked, trail):
    row = trail.streams["trial"][3]
    row["actor"] = "bo"
    row["hash"] = row_hash(bytes.fromhex(row["previous"]), row, TRIAL_ID).hex()
    trail.serve()
    done = verify(asked)
    assert done.returncode == 8
    assert "stream trial: row 5 is not as it was written" in done.stdout


@pytest.mark.parametrize("stream, index, number", [("trial", 4, 5), ("trial", 0, 1), ("unit:u-1", 4, 5),
                                                   ("stratum:rct/a", 3, 4), ("unit:u-2", 0, 1)])
def test_a_removed_row_is_named_also_at_the_end_of_its_stream(asked, trail, stream, index, number):
    del trail.streams[stream][index]
    trail.serve()
    done = verify(asked)
    assert done.returncode == 8
    assert done.stdout == f"stream {stream}: row {number} is missing\n"


def test_swapped_rows_are_named(asked, trail):
    rows = trail.streams["trial"]
    rows[2], rows[5] = ({**rows[5], "sequence": 3}, {**rows[2], "sequence": 6})
    trail.serve()
    done = verify(asked)
    assert done.returncode == 8
    assert done.stdout == "stream trial: rows 3 and 6 were swapped\n"


def test_a_row_behind_the_end_of_a_stream_is_named(asked, trail):
    longer = make_stream("unit:u-2", 2)
    trail.streams["unit:u-2"] = longer
    trail.serve()
    done = verify(asked)
    assert done.returncode == 8
    assert "stream unit:u-2: row 2" in done.stdout


def test_rows_that_are_added_meanwhile_are_no_damage(asked, trail):
    later = copy.deepcopy(trail.heads)
    grown = make_stream("trial", 12)
    trail.streams["trial"] = grown[:11]  # the page was read before the twelfth row came
    later[1] = {"stream": "trial", "sequence": 12, "hash": grown[11]["hash"]}
    trail.serve(later)
    done = verify(asked)
    assert (done.returncode, done.stdout) == (0, "21 rows in 4 streams: whole\n"), done.stderr


def test_each_damaged_stream_is_named_by_its_first_wrong_row(asked, trail):
    trail.streams["trial"][2]["actor"] = "bo"
    trail.streams["trial"][6]["actor"] = "bo"
    del trail.streams["unit:u-1"][1]
    trail.serve()
    done = verify(asked, "--json")
    assert done.returncode == 8
    findings = json.loads(done.stdout)["findings"]
    assert [(row["stream"], row["sequence"], row["fault"]) for row in findings] == [
        ("trial", 3, "changed"), ("unit:u-1", 2, "missing")]
