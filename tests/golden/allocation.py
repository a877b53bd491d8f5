"""rctd-allocation-v1 a second time, in plain Python, written from rctd-allocation(7) alone.

Nothing here comes from rctd's C code, so that an error in one of them shows as a difference. This
file has the stream and the methods that give each stratum a sequence; minimisation.py goes on from
here, and vectors.py writes the golden files.
"""

import hashlib
import hmac
import itertools


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


def simple(seed, label, stratum, ratio):
    """Every position is a draw of its own."""
    lots = [arm for arm, share in ratio.items() for _ in range(share)]
    for k in itertools.count(1):
        yield lots[Stream(seed, label, stratum, k).uniform(len(lots))]


def pick(stream, probabilities):
    """An arm by its probability. `probabilities` maps arms, in protocol order."""
    possible = [arm for arm, p in probabilities.items() if p > 0]
    for arm in possible:
        if probabilities[arm] == 1:
            return arm
    fraction = stream.fraction()
    cumulated = 0.0
    for arm in possible:
        cumulated += probabilities[arm]
        if fraction < cumulated:
            return arm
    return possible[-1]


def by_counts(seed, label, stratum, ratio, probabilities):
    """The arms of a stratum, whose counts so far give each arm's probability of being next."""
    counts = {arm: 0 for arm in ratio}
    for k in itertools.count(1):
        arm = pick(Stream(seed, label, stratum, k), probabilities(counts))
        counts[arm] += 1
        yield arm


def lean(counts, behind):
    """Of two arms, the one that is behind has the probability `behind`."""
    (first, a), (second, b) = counts.items()
    p = 0.5 if a == b else behind if a < b else 1 - behind
    return {first: p, second: 1 - p}


def lead(counts):
    first, second = counts.values()
    return first - second


def biased_coin(ratio, p):
    return lambda counts: lean(counts, p)


def big_stick(ratio, limit):
    return lambda counts: lean(counts, 1.0 if abs(lead(counts)) >= limit else 0.5)


def biased_coin_limit(ratio, limit, p):
    return lambda counts: lean(counts, 1.0 if abs(lead(counts)) >= limit else p)


def block_urn(ratio, size):
    total = sum(ratio.values())

    def probabilities(counts):
        put_in = size // total + min(counts[arm] // share for arm, share in ratio.items())
        balls = {arm: share * put_in - counts[arm] for arm, share in ratio.items()}
        return {arm: left / sum(balls.values()) for arm, left in balls.items()}

    return probabilities


def urn(ratio, alpha, beta):
    def probabilities(counts):
        n = sum(counts.values())
        balls = {arm: alpha + beta * (n - count) for arm, count in counts.items()}
        total = sum(balls.values())
        return {arm: left / total if total else 1 / len(ratio) for arm, left in balls.items()}

    return probabilities


def maximal(ratio, limit, length, balanced_end=False):
    def ways(start, left):
        """Completions of a block with `left` places, for each lead that may be reached, as doubles."""
        leads = range(start - left, start + left + 1)
        row = [float(d == 0 if balanced_end else abs(d) <= limit) for d in leads]
        for used in range(1, left + 1):
            inner = leads[used : len(leads) - used]
            row = [row[i] + row[i + 2] if abs(d) <= limit else 0.0 for i, d in enumerate(inner)]
        return row[0] if abs(start) <= limit else 0.0

    def probabilities(counts):
        first, second = counts
        left = length - 1 - sum(counts.values()) % length
        with_first = ways(lead(counts) + 1, left)
        with_second = ways(lead(counts) - 1, left)
        p = with_first / (with_first + with_second)
        return {first: p, second: 1 - p}

    return probabilities


COUNTED = {
    "biased-coin": biased_coin,
    "big-stick": big_stick,
    "biased-coin-limit": biased_coin_limit,
    "block-urn": block_urn,
    "urn": urn,
    "maximal": maximal,
}


def sequence(seed, label, stratum, method, ratio, parameters):
    """A stratum's arms without end; the parameters by their names in rctd-protocol(5)."""
    if method == "simple":
        return simple(seed, label, stratum, ratio)
    if method == "permuted-block":
        return permuted_blocks(seed, label, stratum, ratio, parameters["blocks"])
    return by_counts(seed, label, stratum, ratio, COUNTED[method](ratio, **parameters))
