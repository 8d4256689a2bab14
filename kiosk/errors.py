"""Everything that can go wrong by somebody's hand or by a broken part, under one root.

Each error is also the builtin it resembles, so a caller who knows nothing of the kiosk can still
catch it. Errors in data collect every problem there is before they are raised.

What a person wrote, in the sentences that tell them what is wrong with it.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a piece of data, told so that a person can mend it."""

    source: str
    """The file, environment variable or option it stands in."""

    path: str
    """Where inside the source, e.g. `exercise[2].phases[0].seconds`; empty for the whole of it."""

    message: str
    """What is wrong and what was expected, as one sentence."""

    suggestion: str = ""
    """What was probably meant, e.g. the nearest known key; empty where there is no guess."""

    def __str__(self) -> str:
        place = f"{self.source}: {self.path}" if self.path else self.source
        hint = f" Did you mean {self.suggestion}?" if self.suggestion else ""
        return f"{place}: {self.message}{hint}"


class KioskError(Exception):
    """The root of every error the kiosk raises on purpose. Its text is a sentence for a person."""


class DataError(KioskError, ValueError):
    """Data from outside is not acceptable; carries every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ProgramFileError(DataError):
    """An exercise program file cannot be used."""


class SettingsError(DataError):
    """The settings, taken together from file, environment and options, cannot be used."""


class UnknownProgramError(KioskError, LookupError):
    """No program has the wanted id."""


class SpeechError(KioskError, RuntimeError):
    """Speech could not be rendered; the text says what to install or change."""


class AudioError(KioskError, OSError):
    """The speaker cannot be opened or was lost."""


class PinError(KioskError, OSError):
    """The button's or the light's pin cannot be used."""


class WordingError(KioskError, LookupError):
    """The kiosk's own wording is missing for a language, or lacks a phrase."""


class StoreError(KioskError, OSError):
    """What the kiosk remembers cannot be read or written; the text says why and what to do."""


class StoreTooNewError(StoreError):
    """The data was written by a newer kiosk; nothing of it was touched."""


class UnknownEntryError(KioskError, LookupError):
    """The plan has no entry of that number."""


class ConflictError(KioskError, RuntimeError):
    """Somebody else has changed the same thing meanwhile; nothing was overwritten."""


class PlanError(DataError):
    """An entry of the plan, or a dose, is not acceptable."""


class OutsideRangeError(PlanError):
    """A dose lies outside the range that its source gives; it is acceptable if insisted on."""


class AuthError(KioskError, PermissionError):
    """A code, passphrase or grant was refused; the text says why."""

    def __init__(self, message: str, field: str = "", wait: float = 0.0) -> None:
        """`field` names the field of a form that it is about; `wait` says in how many seconds to
        try again, where there were too many attempts.
        """
        super().__init__(message)
        self.field = field
        self.wait = wait


LONGEST_QUOTE = 60
"""Characters that are quoted of a text, and compared of a word."""


def quoted(text: str) -> str:
    """`text` in quotes, shortened, with control characters made visible."""
    return repr(text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…")


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant; empty where none is near."""
    from difflib import get_close_matches  # noqa: PLC0415 - loaded where there is a mistake only

    return next(iter(get_close_matches(word[:LONGEST_QUOTE].lower(), list(known), n=1)), "")
