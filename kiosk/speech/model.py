"""A voice, the clips that it has rendered, and the ways in which rendering fails.

A plain `SpeechError` concerns one text: the next may well succeed. Its two subclasses here say
whether it is worth going on with others.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

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


SEE_ALL = "`espeak-ng --voices` lists all of them."


class Known(NamedTuple):
    """A voice that the engine has."""

    id: str
    name: str
    language: str


def plain(name: str) -> str:
    """`name` as it is compared: lists print voices with `_` for spaces, languages come as en_US."""
    return name.strip().casefold().replace("_", "-").replace(" ", "-")


def base_of(language: str) -> str:
    """The language without its region: `en` for `en-GB`."""
    return plain(language).partition("-")[0]


def find_voice(wanted: str, voices: Sequence[Known]) -> Known | None:
    """The voice that `wanted` means: an id, the last part of one, a name or a language."""
    key = plain(wanted)
    ways: tuple[Callable[[Known], str], ...] = (
        lambda voice: voice.id,
        lambda voice: voice.id.rpartition("/")[2],
        lambda voice: voice.name,
        lambda voice: voice.language,
    )
    matches = (voice for way in ways for voice in voices if plain(way(voice)) == key)
    return next(matches, None)


def near_voices(wanted: str, language: str, voices: Sequence[Known]) -> tuple[str, ...]:
    """Ids of some voices that `wanted` may have meant; else some of the language."""
    names = {plain(part): voice.id for voice in voices for part in voice}
    close = get_close_matches(plain(wanted), names, n=6, cutoff=0.75)
    if close:
        return tuple(dict.fromkeys(names[name] for name in close))[:3]
    base = base_of(language)
    return tuple(voice.id for voice in voices if base_of(voice.language) == base)[:5]


def choose_voice(wanted: Voice, voices: Sequence[Known]) -> str:
    """The id of the engine's voice, with its variant (`+f3`). Raises SpeechEngineError."""
    name, language = wanted.name.strip(), wanted.language
    base, plus, variant = name.partition("+")
    voice = find_voice(base or language, voices)
    if voice is None and not base:  # a region without a voice of its own
        voice = find_voice(base_of(language), voices)
    if voice is not None:
        return voice.id + plus + variant
    if not base:
        problem = f"The speech engine has no voice for the language {language!r}."
        raise SpeechEngineError(f"{problem} {SEE_ALL}")
    near = near_voices(base, language, voices)
    hint = f" Near ones: {', '.join(near)}." if near else ""
    raise SpeechEngineError(f"The speech engine has no voice {name!r}.{hint} {SEE_ALL}")
