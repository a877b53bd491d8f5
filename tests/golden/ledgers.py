"""The trial whose ledgers the Python side makes from a seed: a scheme of every method."""
import json
import random

SEED = bytes(range(32))
SCHEMES = {
    "simple": {"method": "simple", "ratio": {"opal": 2, "jade": 1}, "strata": ["sector"]},
    "blocks": {"method": "permuted-block", "ratio": {"opal": 2, "jade": 1, "onyx": 1}, "blocks": [4, 8, 8],
               "strata": ["sector", "size"]},
    "coin": {"method": "biased-coin", "ratio": {"opal": 1, "jade": 1}, "p": 0.6667, "strata": ["sector"]},
    "stick": {"method": "big-stick", "ratio": {"jade": 1, "onyx": 1}, "limit": 2},
    "chen": {"method": "biased-coin-limit", "ratio": {"opal": 1, "onyx": 1}, "limit": 3, "p": 0.75},
    "block-urn": {"method": "block-urn", "ratio": {"opal": 1, "jade": 1, "onyx": 2}, "size": 8, "strata": ["size"]},
    "urn": {"method": "urn", "ratio": {"opal": 1, "jade": 1, "onyx": 1}, "alpha": 1, "beta": 3},
    "maximal": {"method": "maximal", "ratio": {"opal": 1, "jade": 1}, "limit": 3, "length": 20, "balanced_end": True},
    "minimised": {"method": "minimisation", "ratio": {"opal": 1, "jade": 1, "onyx": 1}, "measure": "variance",
                  "factors": {"sector": 1, "size": 2.5}, "p": 0.8},
    "skewed": {"method": "minimisation", "ratio": {"opal": 1, "jade": 2, "onyx": 3}, "form": "biased-coin",
               "factors": {"sector": 1, "size": 1}, "p": 0.7, "measure": "marginal"},
    "by-rank": {"method": "minimisation", "ratio": {"opal": 1, "jade": 1, "onyx": 1}, "form": "ranked",
                "factors": {"size": 1}, "ranked": [0.6, 0.3, 0.1]},
    "at-once": {"method": "constrained", "ratio": {"opal": 1, "jade": 1}, "factors": {"staff": 2, "sector": 1}},
    "at-once-in-strata": {"method": "constrained", "ratio": {"opal": 2, "jade": 1}, "strata": ["sector"],
                          "factors": {"staff": {"weight": 1}, "size": {"as": "ordinal"}}, "score": "l1"},
    "sampled": {"method": "constrained", "ratio": {"opal": 1, "jade": 1}, "factors": {"staff": 1},
                "enumerate": 50, "sample": 200, "accept": "20%"},
    "neighbours": {"method": "nonrandom-comparison", "arms": ["opal", "onyx"]},
}
PROTOCOL = {
    "trial": "gems", "title": "Gems at work", "registration": "none", "time_zone": "UTC", "languages": ["en"],
    "calendar": {"working_hours": "Mon-Sun 09:00-18:00"},
    "workplace": {"attributes": {
        "sector": {"levels": ["public", "private"]},
        "staff": {"type": "integer", "min": 1, "max": 1000},
        "size": {"levels": ["small", "medium", "large"]},
    }},
    "arms": {arm: {"label": arm.title()} for arm in ("opal", "jade", "onyx")},
    "phases": {"main": {"schemes": {name: {"unit": "workplace", **scheme} for name, scheme in SCHEMES.items()}}},
}


def text(protocol):
    return json.dumps(protocol, indent=1).encode()


def units(count):
    chance = random.Random(7)
    return [(f"W{i:04d}", {"sector": chance.choice(["public", "private"]), "staff": str(chance.randrange(1, 500)),
                           "size": chance.choice(["small", "medium", "large"])}) for i in range(1, count + 1)]
