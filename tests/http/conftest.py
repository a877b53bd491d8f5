"""One running server for all tests of a file that need no options of their own."""
import pytest

from http_program import running


@pytest.fixture(scope="module")
def server():
    with running() as started:
        yield started
