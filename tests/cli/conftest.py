"""Fixtures of the tests of rctctl; what they are made of stands in scripted.py."""
import pytest

from cli.scripted import Rctctl, Scripted


@pytest.fixture(name="server")
def start_server():
    scripted = Scripted()
    yield scripted
    scripted.close()


@pytest.fixture(name="rctctl")
def make_rctctl(tmp_path):
    return Rctctl(tmp_path)


@pytest.fixture(name="asked")
def make_asked(rctctl, server):
    """rctctl with address and token of the scripted server."""
    rctctl.environment["RCTD_URL"] = server.url
    rctctl.environment["RCTD_TOKEN"] = "a-token-of-the-test"
    return rctctl
