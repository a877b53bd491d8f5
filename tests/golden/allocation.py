"""rctd-allocation-v1 a second time, in plain Python, written from rctd-allocation(7) alone.

Nothing here comes from rctd's C code, so that an error in one of them shows as a difference. As a
program it writes the golden files beside it, or compares them with what it computes (--check).
"""

import argparse
import csv
import hashlib
import hmac
import io
import itertools
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent / "allocation"
SEED = bytes(range(32))


class Stream:
    """The words of one draw in one stratum."""

    def __init__(self, seed, label, stratum, draw):
        self._words = self._take(seed, label, stratum, draw)

    @staticmethod
    def _take(seed, label, stratum, draw):
        for j in itertools.count():
            parts = ["rctd-allocation-v1", label, stratum, str(draw), str(j)]
            message = b"\0".join(part.encode() for part in parts)
            block = hmac.new(seed, message, hashlib.sha256).digest()
            for start in range(0, 32, 8):
                yield int.from_bytes(block[start : start + 8], "big")

    def word(self):
        return next(self._words)

    def uniform(self, n):
        if n == 1:
            return 0
        limit = 2**64 - 2**64 % n
        while True:
            x = self.word()
            if x < limit:
                return x % n

    def fraction(self):
        return (self.word() >> 11) * 2.0**-53


def commitment(seed, label, protocol):
    """The hex text that is published when a protocol version is locked."""
    digest = hashlib.sha256(protocol).hexdigest()
    message = b"\0".join([b"rctd-commitment-v1", label.encode(), digest.encode()])
    return hmac.new(seed, message, hashlib.sha256).hexdigest()


def permuted_blocks(seed, label, stratum, ratio, sizes):
    """The arms of a stratum without end. `ratio` maps arms, in protocol order, to shares."""
    total = sum(ratio.values())
    for b in itertools.count():
        stream = Stream(seed, label, stratum, b)
        size = sizes[stream.uniform(len(sizes))]
        block = []
        for arm, share in ratio.items():
            block += [arm] * (size // total * share)
        for i in range(size - 1, 0, -1):
            j = stream.uniform(i + 1)
            block[i], block[j] = block[j], block[i]
        yield from block


def table(header, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def golden_permuted_211():
    """1,000 allocations over 8 strata, 2:1:1, blocks of 4 or 8."""
    rows = []
    for sector, size, county in itertools.product(
        ["public", "private"], ["10-49", "50-249"], ["se-t", "se-d"]
    ):
        stratum = f"sector={sector}|size={size}|county={county}"
        arms = permuted_blocks(
            SEED, "golden/rct", stratum, {"updated": 2, "existing": 1, "control": 1}, [4, 8]
        )
        rows += [[stratum, k, arm] for k, arm in enumerate(itertools.islice(arms, 125), 1)]
    return table(["stratum", "position", "arm"], rows)


def golden_permuted_shapes():
    """Other numbers of arms, ratios and sizes; sizes repeated to weight them; the largest block."""
    shapes = [
        ("1:1", [2]),
        ("1:1", [4, 4, 6, 8]),
        ("2:1", [3, 6, 9]),
        ("3:2:0:1", [6, 12, 18]),
        ("1:1:1:1:1", [5, 10]),
        ("7:3:2:5:1", [18, 36]),
        (":".join(["1"] * 26), [26, 52]),
        ("1:2", [999]),
        ("1:0:1", [1000, 4]),
    ]
    rows = []
    for ratio, sizes in shapes:
        shares = {str(i): int(share) for i, share in enumerate(ratio.split(":"))}
        for stratum in ["", "site=å|size=1"]:
            arms = permuted_blocks(SEED[::-1], "golden/shapes.one", stratum, shares, sizes)
            listed = " ".join(str(size) for size in sizes)
            drawn = " ".join(itertools.islice(arms, 2 * max(sizes)))
            rows.append([ratio, listed, stratum, drawn])
    return table(["ratio", "blocks", "stratum", "arms"], rows)


def golden_uniform():
    """uniform(n) for awkward n, 24 values of one draw each; and fractions, as exact hex floats."""
    rows = []
    awkward = [1, 2, 3, 7, 10, 1000, 2**31 + 1, 2**32, 2**63 - 1, 2**63, 2**63 + 1]
    awkward += [2**64 - 2**32 + 1, 2**64 - 2, 2**64 - 1]
    for draw, n in enumerate(awkward):
        stream = Stream(SEED, "golden/uniform", "", draw)
        rows.append(["uniform", draw, n, " ".join(str(stream.uniform(n)) for _ in range(24))])
    for draw in [0, 9, 10, 2**64 - 1]:
        stream = Stream(SEED, "golden/uniform", "f", draw)
        rows.append(["fraction", draw, 0, " ".join(stream.fraction().hex() for _ in range(9))])
    return table(["function", "draw", "n", "values"], rows)


def golden_commitment():
    rows = [
        [label, text, commitment(SEED, label, text.encode())]
        for label in ["t/s", "work-together/rct", "work-together/rct.participants"]
        for text in ["trial: t\n", "", "title: Hälsa\n"]
    ]
    return table(["label", "protocol", "commitment"], rows)


GOLDEN = {
    "permuted-211-8strata.csv": golden_permuted_211,
    "permuted-shapes.csv": golden_permuted_shapes,
    "uniform.csv": golden_uniform,
    "commitment.csv": golden_commitment,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    wrong = 0
    for name, make in GOLDEN.items():
        path = HERE / name
        if not check:
            path.write_text(make(), encoding="utf-8")
        elif path.read_text(encoding="utf-8") != make():
            wrong += 1
            print(f"{path} is not what allocation.py computes", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
