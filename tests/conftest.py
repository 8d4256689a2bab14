"""What holds for all tests."""

import pytest

REAL_TIME_FIRST = (
    "tests/service/",
    "tests/audio/test_session_heard",
    "tests/packaging/test_release",
)
"""Tests that mostly wait: begun first, they wait beside the others instead of after them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(REAL_TIME_FIRST))
