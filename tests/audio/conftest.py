"""The sound path that the tests of the speaker listen in on."""

from collections.abc import Iterator

import pytest

from tests.audio.rig import AudioRig


@pytest.fixture
def rig() -> Iterator[AudioRig]:
    """A speaker that is plugged in, and that PortAudio in this process finds alone."""
    with AudioRig() as rig, rig.in_this_process():
        yield rig
