"""What the kiosk needs of the outside world, as protocols; `kiosk.adapters` has the real things.

Each protocol has a contract test that the real part and its stand-in both pass.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kiosk.model.program import Program
from kiosk.model.voice import Voice
from kiosk.timeline.bank import ClipBank
from kiosk.units import Millis

Progress = Callable[[int, int], None]
"""Told (done, total) as a long job goes on, from the thread that does the job."""


class Speaker(Protocol):
    """Plays PCM in the format of `kiosk.units`. Only the player's thread touches it."""

    @property
    def name(self) -> str:
        """What a person calls it."""
        ...

    def open(self) -> None:
        """Make it ready to be written to; nothing happens where it is already.

        Raises AudioError where it cannot be opened now; a later try may succeed.
        """
        ...

    def write(self, pcm: bytes) -> None:
        """Queue `pcm`; returns when it is accepted, and so keeps the pace of the sound.

        Raises AudioError where the speaker was lost; it must then be opened again.
        """
        ...

    def delay(self) -> Millis:
        """How long after it was written a frame is heard, while writing goes on steadily."""
        ...

    def abort(self) -> None:
        """Be silent now, throwing away what is queued. It stays open; never raises."""
        ...

    def close(self) -> None:
        """Let go of the sound card after what is queued has been heard; never raises."""
        ...


class SpeechEngine(Protocol):
    """Turns text into sound files; slow, and not to be trusted to finish."""

    @property
    def identity(self) -> str:
        """Engine and version; part of the key under which its clips are kept.

        Raises SpeechError where there is no engine.
        """
        ...

    def render(self, text: str, voice: Voice, into: Path) -> None:
        """Write `text`, spoken by `voice`, to `into` as a WAV file.

        Raises SpeechError, which says what to do, where it cannot; `into` is then not to be used.
        """
        ...

    def close(self) -> None:
        """End whatever it keeps running; never raises."""
        ...


@dataclass(frozen=True)
class PreparedSpeech:
    """The clips of a session, and why some may be missing."""

    bank: ClipBank
    problems: tuple[str, ...] = ()
    """One sentence for each cause, saying what to do; empty where every text was rendered."""


class SpeechSource(Protocol):
    """Where the clips of a session come from: rendered before, or rendered now."""

    def prepare(
        self, texts: Iterable[str], voice: Voice, progress: Progress | None = None
    ) -> PreparedSpeech:
        """All of `texts` that can be had, ready to be played. Any thread, one at a time.

        Never raises for a broken engine: what could not be rendered is missing from the bank.
        """
        ...

    def close(self) -> None:
        """Let go of the engine; never raises."""
        ...


class ProgramSource(Protocol):
    """The exercise programs there are."""

    def load(self, program_id: str) -> Program:
        """The program of that id.

        Raises UnknownProgramError where there is none, ProgramFileError where it is unusable.
        """
        ...

    def ids(self) -> Mapping[str, Path]:
        """Every program's id and the file it stands in, whether usable or not."""
        ...


class Light(Protocol):
    """A light that can be dimmed."""

    def set(self, brightness: float) -> None:
        """Shine at `brightness`, 0 (dark) to 1 (full)."""
        ...

    def close(self) -> None:
        """Go dark and let go of the pin."""
        ...
