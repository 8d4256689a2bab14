"""What a person in the room hears of a running kiosk, and when, by this machine's clock."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from kiosk.speech.preparer import PreparedSession
from kiosk.timeline.timeline import Cue, CueKind
from tests.audio.recording import Recording

BLOCK_MS = 20.0
"""What the rig's server plays at a time."""


class Ear:
    """Knows at what moment which part of a recording was played.

    The server plays a block at a time, and has all of it recorded as its first sample is played.
    When a block is seen, some milliseconds have passed, now more, now fewer; the fewest of many
    looks are reckoned with.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._begun = float("inf")

    def listen(self) -> None:
        """Look how long the recording is by now."""
        length = self.recording.length_ms()
        self._begun = min(self._begun, time.monotonic() - (length - BLOCK_MS) / 1000)

    def moment(self, ms: float) -> float:
        """Seconds of this machine's monotonic clock at which that part was heard."""
        return self._begun + ms / 1000

    def ms(self, moment: float) -> float:
        """Which part of the recording was heard at that moment; the opposite of `moment`."""
        return (moment - self._begun) * 1000


@contextmanager
def listening(recording: Recording, every: float = 0.005) -> Iterator[Ear]:
    """An ear that listens all the time."""
    ear, over = Ear(recording), threading.Event()

    def go_on() -> None:
        while not over.wait(every):
            ear.listen()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield ear
    finally:
        over.set()
        thread.join()


def repetitions(material: PreparedSession) -> list[Cue]:
    """The counts that begin a repetition each."""
    return [cue for cue in material.timeline.cues if cue.kind is CueKind.REP]
