from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.kit import Kiosk


@pytest.fixture
def kiosk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Kiosk]:
    """A kiosk that remembers nothing yet."""
    made = Kiosk(tmp_path / "state", capsys)
    yield made
    made.store.close()
