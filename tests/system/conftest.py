"""One PostgreSQL for the tests of the whole system; each test makes databases of its own in it."""
import datetime
import os
import sys
import time
import zoneinfo

import pytest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [TESTS, *(os.path.join(TESTS, name) for name in ("system", "golden", "demo"))]

import harness  # noqa: E402  pylint: disable=wrong-import-position
from gems import WITH_FORMS  # noqa: E402  pylint: disable=wrong-import-position
from world import World  # noqa: E402  pylint: disable=wrong-import-position


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    """No test begins in the last minute of a day, here or where the trials are: what it dates today stays today."""
    for zone in (datetime.timezone.utc, zoneinfo.ZoneInfo("Europe/Stockholm")):
        now = datetime.datetime.now(zone)
        if (now.hour, now.minute) == (23, 59):
            time.sleep(61 - now.second)


@pytest.fixture(scope="session")
def cluster():
    with harness.Cluster(settings={"max_connections": "200"}) as made:
        yield made


@pytest.fixture
def world(cluster):  # pylint: disable=redefined-outer-name
    with World(cluster) as made:
        yield made


@pytest.fixture
def forms(cluster):  # pylint: disable=redefined-outer-name
    """A world whose workplaces need answers, an agreement and a locked roster."""
    with World(cluster, protocol=WITH_FORMS, phases=("pilot", "main")) as made:
        made.workplaces(8)
        yield made
