"""The stores that the stories are about."""

import tempfile
from pathlib import Path

import pytest

from tests.fakes.store import FakeStore
from tests.store.kit import MEMORY, opened


@pytest.fixture
def quick_folder():
    """A folder that costs no wait for a disk.

    What a killed process has handed to the system is safe in either, so memory shows as much.
    """
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder)


@pytest.fixture(params=["on disk", "stand-in"])
def any_store(request):
    """Each kind of store in turn, with nothing in it."""
    if request.param == "stand-in":
        yield FakeStore()
        return
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder, opened(Path(folder)) as store:
        yield store
