"""Has the speech engine say a word."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from kiosk.clock import Clock
from kiosk.errors import SpeechError
from kiosk.speech.engine import SpeechEngine
from kiosk.speech.model import Voice
from kiosk.speech.wav import read_clip, trim
from kiosk.units import BYTES_PER_FRAME, SAMPLE_RATE

WORD = "Ready."


@dataclass(frozen=True, slots=True)
class Spoken:
    """What came of it."""

    error: str
    took: float
    """Seconds, the start of the engine included."""

    sound: bytes


def say_a_word(engine: SpeechEngine, voice: Voice, clock: Clock) -> Spoken:
    """Have `engine` render a word, and keep nothing of it."""
    began = clock.now()
    try:
        with TemporaryDirectory(prefix="kiosk-doctor-") as folder:
            file = Path(folder) / "word.wav"
            engine.render(WORD, voice, file)
            sound = trim(read_clip(file))
    except SpeechError as error:
        return Spoken(str(error), clock.now() - began, b"")
    return Spoken("", clock.now() - began, sound)


def length_of(sound: bytes) -> float:
    """Seconds."""
    return len(sound) / BYTES_PER_FRAME / SAMPLE_RATE
