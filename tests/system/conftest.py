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
