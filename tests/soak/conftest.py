"""Rendered speech for every house of the tests: it is the same in all of them."""

import pytest


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    return tmp_path_factory.mktemp("soak")
