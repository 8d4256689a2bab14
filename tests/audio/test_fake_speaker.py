"""The tests' own speaker: what it remembers, and how it fails."""

import pytest

from kiosk.errors import AudioError
from tests.fakes.clock import FakeClock
from tests.fakes.speaker import FakeSpeaker

ONE, TWO, THREE = (bytes([n]) * 882 for n in (1, 2, 3))
"""20 ms each."""


def test_it_remembers_what_was_written_when():
    speaker = FakeSpeaker(FakeClock())
    speaker.open()

    for pcm in (ONE, TWO, THREE):
        speaker.write(pcm)

    assert speaker.writes == [(1000.0, ONE), (1000.02, TWO), (1000.04, THREE)]
    assert speaker.heard() == ONE + TWO + THREE


def test_what_was_queued_at_an_abort_is_not_heard():
    speaker = FakeSpeaker(FakeClock(), delay=20)
    speaker.open()

    speaker.write(ONE)
    speaker.write(TWO)
    speaker.abort()
    speaker.write(THREE)

    assert speaker.heard() == ONE + THREE
    assert speaker.aborts == [1000.04]


def test_it_is_lost_and_found_as_it_is_told():
    speaker = FakeSpeaker(FakeClock(), failing_writes={2}, failing_opens={2})
    speaker.open()
    speaker.write(ONE)

    with pytest.raises(AudioError, match="was lost"):
        speaker.write(TWO)
    with pytest.raises(AudioError, match="not open"):
        speaker.write(TWO)
    with pytest.raises(AudioError, match="not there"):
        speaker.open()
    speaker.open()
    speaker.write(THREE)

    assert speaker.heard() == ONE + THREE
