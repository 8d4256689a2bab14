"""The store and the folder of the tests of the store."""

import tempfile
from pathlib import Path

import pytest

from tests.fakes.store import MemoryStore
from tests.store.kit import MEMORY, household


@pytest.fixture
def quick_folder():
    """A folder that costs no wait for a disk.

    What a killed process has handed to the system is safe in either, so memory shows as much.
    """
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder)


@pytest.fixture
def old(quick_folder):
    """The state directory of a kiosk that is backed up."""
    return household(quick_folder / "old", "old", own=("ours", "short"))


@pytest.fixture
def store():
    """A store with nothing in it."""
    return MemoryStore()
