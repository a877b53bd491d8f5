"""The protocols that come with rctd are right, and show what they are there to show."""
import glob
import json
import os

import pytest

import harness

PROTOCOLS = sorted(glob.glob(os.path.join(harness.ROOT, "etc/protocols/*.yaml")))


@pytest.mark.parametrize("path", PROTOCOLS, ids=[os.path.basename(path) for path in PROTOCOLS])
def test_a_newcomer_copies_a_protocol_that_is_right(rctctl, path):
    done = rctctl("protocol", "check", path, "--json")
    assert done.returncode == 0, done.stdout
    report = json.loads(done.stdout)
    assert report["right"] and report["faults"] == []
    assert report["summary"]["trial"] + ".yaml" == os.path.basename(path)
    assert all(scheme["target"] > 0 for scheme in report["summary"]["schemes"])


def test_the_protocols_show_one_design_each(rctctl):
    methods = set()
    for path in PROTOCOLS:
        summary = json.loads(rctctl("protocol", "check", path, "--json").stdout)["summary"]
        methods |= {(scheme["unit"], scheme["method"]) for scheme in summary["schemes"]}
    assert methods == {("workplace", "permuted-block"), ("workplace", "constrained"),
                       ("workplace", "nonrandom-comparison"), ("participant", "minimisation")}
