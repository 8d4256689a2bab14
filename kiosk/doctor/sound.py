"""Plays a tone, and listens where the sound can be heard inside the machine."""

import os
import subprocess
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from sys import byteorder
from tempfile import TemporaryFile
from typing import IO

from kiosk.audio.speaker import Speaker
from kiosk.clock import Clock
from kiosk.doctor.commands import Run, run
from kiosk.doctor.pins import SpeakerFacts
from kiosk.errors import AudioError
from kiosk.timeline.render import scale
from kiosk.timeline.tones import tone
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE, Millis, frames_of

TONE = tone(660, 600, 0.5)
TAIL = 0.4
"""Seconds that are listened on, as the sound comes a little late."""

WAKES_WITHIN = 2.0
"""Seconds that a recording has to begin in."""

FORMAT = ("--format=s16le", "--channels=1", f"--rate={SAMPLE_RATE}")
MONITOR = ("parec", "--raw", "--device=@DEFAULT_MONITOR@", "--latency-msec=20", *FORMAT)
LOOPBACK = (
    *("arecord", "--quiet", "--device=plughw:Loopback,1,0", "--file-type=raw"),
    *("--format=S16_LE", "--channels=1", f"--rate={SAMPLE_RATE}"),
)


def ear_command(ask: Run = run, root: Path = Path("/")) -> Sequence[str] | None:
    """The command that records what this machine plays; `None` where there is none."""
    if (root / "proc/asound/Loopback").exists():
        return LOOPBACK
    return MONITOR if ask(["pactl", "info"]) is not None else None


class Recorder:
    """What was heard, once `listening` is left."""

    def __init__(self) -> None:
        self.heard = b""

    def loudest(self) -> int | None:
        """The largest sample; `None` where nothing could be recorded."""
        samples = array("h", self.heard[: len(self.heard) // BYTES_PER_FRAME * BYTES_PER_FRAME])
        if byteorder == "big":
            samples.byteswap()
        return max(map(abs, samples), default=None)


@contextmanager
def listening(command: Sequence[str] | None, clock: Clock) -> Iterator[Recorder]:
    """Record while the context lasts, by a command that writes samples to its standard output.

    Nothing is heard where there is no command, or it does not work.
    """
    recorder = Recorder()
    with ExitStack() as stack:
        # A file, not a pipe: it takes whatever comes while nobody reads.
        tape = stack.enter_context(TemporaryFile())
        process = None if command is None else _started(command, tape)
        if process is not None:
            stack.callback(_end, process)
            _await_sound(tape, process, clock)
        yield recorder
        if process is not None:
            clock.sleep(TAIL)
            _end(process)
            tape.seek(0)
            recorder.heard = tape.read()


def _started(command: Sequence[str], tape: IO[bytes]) -> "subprocess.Popen[bytes] | None":
    try:
        return subprocess.Popen(  # noqa: S603 - a fixed command
            command, stdin=subprocess.DEVNULL, stdout=tape, stderr=subprocess.DEVNULL
        )
    except OSError:
        return None


def _await_sound(tape: IO[bytes], process: "subprocess.Popen[bytes]", clock: Clock) -> None:
    """Wait until it records; a sound server that sleeps does so only once something is played."""
    until = clock.now() + WAKES_WITHIN
    while not os.fstat(tape.fileno()).st_size and process.poll() is None and clock.now() < until:
        clock.sleep(0.02)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()


def play_a_tone(
    speaker: Speaker,
    volume: int,
    lead_in: Millis,
    clock: Clock,
    find_ear: Callable[[], Sequence[str] | None] = ear_command,
) -> SpeakerFacts:
    """Play a tone on `speaker` as loud as the kiosk would, and listen."""
    silence = bytes(frames_of(lead_in) * BYTES_PER_FRAME)
    try:
        with listening(find_ear(), clock) as recorder:
            speaker.open()
            speaker.write(silence + scale(TONE, volume))
            speaker.close()
    except AudioError as error:
        return SpeakerFacts(speaker.name, str(error))
    return SpeakerFacts(speaker.name, loudest=recorder.loudest())
