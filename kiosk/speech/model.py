"""A voice, the clips that it has rendered, and the ways in which rendering fails.

A plain `SpeechError` concerns one text: the next may well succeed. Its two subclasses here say
whether it is worth going on with others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.errors import SpeechError

if TYPE_CHECKING:
    from kiosk.timeline.render import ClipBank


class SpeechEngineError(SpeechError):
    """No text can be rendered now: there is no engine, no such voice, no room for its files."""


class SpeechChildError(SpeechError):
    """The child process broke over this text, in a fresh process too, or took too long over it.

    One text may be to blame; where it happens again with the next, the engine is.
    """


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of the speech engine and how fast it speaks."""

    language: str
    """Language code of what is spoken, e.g. `en`."""

    name: str
    """The engine's id or name for the voice; empty for its usual one of the language."""

    rate: int
    """Words a minute."""


Progress = Callable[[int, int], None]
"""Called with (done, total) as a long job goes on, by the thread that does the job."""


@dataclass(frozen=True)
class PreparedSpeech:
    """The clips of a session, and why some may be missing."""

    bank: "ClipBank"
    problems: tuple[str, ...] = ()
    """One sentence for each cause, saying what to do; empty where every text was rendered."""
