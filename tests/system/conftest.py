"""One PostgreSQL for the tests of the whole system; each test makes databases of its own in it."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402  pylint: disable=wrong-import-position
from world import World  # noqa: E402  pylint: disable=wrong-import-position


@pytest.fixture(scope="session")
def cluster():
    with harness.Cluster(settings={"max_connections": "200"}) as made:
        yield made


@pytest.fixture
def world(cluster):  # pylint: disable=redefined-outer-name
    with World(cluster) as made:
        yield made


WITH_FORMS = """\
trial: gems
title: {en: Forms}
registration: none
time_zone: Europe/Stockholm
languages: [en]
workplace:
  identifiers: {number: {type: pattern, pattern: "^[0-9]{6}$", required: true}}
  attributes: {sector: {levels: [public, private]}, employees: {type: integer}, county: {levels: [north, south]}}
  eligible:
    - {id: manager, ask: "Own manager", need: yes}
    - {id: staff, need: "employees >= 10"}
consent:
  forms:
    employer: {by: workplace, version: 1, languages: [en], scopes: [participate]}
  required_before_allocation: {workplace: [employer/participate]}
arms: {opal: {label: {en: Opal}}, jade: {label: {en: Jade}}}
phases:
  pilot: {scheme: {unit: workplace, method: permuted-block, ratio: {opal: 1, jade: 1}, blocks: [2, 4]}}
  main:
    excludes: [pilot]
    scheme: {unit: workplace, method: permuted-block, ratio: {opal: 1, jade: 1}, strata: [sector], blocks: [2, 4], roster_lock: true}
tasks:
  visit: {kind: session, anchor: allocation, at: 10d, window: [-2d, 2d]}
"""


@pytest.fixture
def forms(cluster):  # pylint: disable=redefined-outer-name
    """A world whose workplaces need answers, an agreement and a locked roster."""
    with World(cluster, protocol=WITH_FORMS, phases=("pilot", "main")) as made:
        made.workplaces(8)
        yield made
