"""What turns text into speech, and keeps it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kiosk.model.voice import Voice
from kiosk.timeline.bank import ClipBank

Progress = Callable[[int, int], None]
"""Told (done, total) as a long job goes on, from the thread that does the job."""


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
        self,
        texts: Iterable[str],
        voice: Voice,
        progress: Progress | None = None,
        *,
        patient: bool = False,
    ) -> PreparedSpeech:
        """All of `texts` that can be had, ready to be played. Any thread; one text is rendered at a
        time. Who is `patient` lets all the others go first, before each text anew.

        Never raises for a broken engine: what could not be rendered is missing from the bank.
        """
        ...

    def close(self) -> None:
        """Let go of the engine; never raises."""
        ...
