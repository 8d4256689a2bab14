"""Everything that can go wrong by somebody's hand or by a broken part, under one root.

Each error is also the builtin it resembles, so a caller who knows nothing of the kiosk can still
catch it. Errors in data collect every problem there is before they are raised.

A problem in data is a code, a path and values, in no language, and so is a coded error without the
path. The sentence is made where it is shown, by `kiosk.locale.problems`, from the catalogue
`problems.po`. All other errors have an English text: they name files, devices and system errors.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part of a sentence that depends on a value itself, e.g. what a key takes."""

    code: str
    """The id of its words in the catalogue `problems.po`, e.g. `expected.whole`."""

    values: Mapping[str, "Value"] = field(default_factory=dict)
    """What its blanks are filled with, by their names."""

    def __str__(self) -> str:
        """For developers."""
        values = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.code} ({values})"


Value: TypeAlias = str | float | Phrase | tuple[str, ...] | tuple[Phrase, ...]
"""What fills a blank. Texts are as somebody wrote them: quoting and shortening comes with the
words (`{name!r}` in the catalogue).
"""

Step: TypeAlias = str | int  # a key of a table, or an index in a list, counted from 0
PLAIN = "text"  # the code of a problem whose sentence is written where it is found


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a piece of data: where, what, and with which values."""

    source: str
    """The file, environment variable or option it stands in."""

    path: str
    """Where inside the source, e.g. `exercise[2].phases[0].seconds`; empty for the whole of it."""

    code: str
    """What is wrong, e.g. `program.key-unknown`; the id of its sentence in `problems.po`."""

    values: Mapping[str, Value] = field(default_factory=dict)
    """What the blanks of the sentence are filled with, by their names."""

    suggestion: str = ""
    """What was probably meant, e.g. the nearest known key; empty where there is no guess."""

    steps: tuple[Step, ...] = ()
    """The path key by key and index by index, where the source is a document of tables."""

    @classmethod
    def plain(cls, source: str, path: str, sentence: str, suggestion: str = "") -> "Problem":
        """A problem whose English sentence is made already: for what is not yet in the catalogue,
        and for the edges (commands, pages), which make their own sentences.
        """
        return cls(source, path, PLAIN, {"text": sentence}, suggestion)

    def __str__(self) -> str:
        """For developers; a person gets the sentence of `kiosk.locale.problems`."""
        place = f"{self.source}: {self.path}" if self.path else self.source
        if self.code == PLAIN:
            return f"{place}: {self.values['text']}"
        return f"{place}: {Phrase(self.code, self.values)}"


class KioskError(Exception):
    """The root of every error the kiosk raises on purpose.

    `kiosk.locale.problems.error_text` has its sentences for a person.
    """


class CodedError(KioskError):
    """An error whose sentence is in the catalogue: its text, for the log, is code and values."""

    def __init__(self, code: str, **values: Value) -> None:
        self.code = code
        self.values = values
        super().__init__(str(Phrase(code, values)))


class DataError(KioskError, ValueError):
    """Data from outside is not acceptable; carries every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ProgramFileError(DataError):
    """An exercise program file cannot be used."""


class SettingsError(DataError):
    """The settings, taken together from file, environment and options, cannot be used."""


class UnknownProgramError(CodedError, LookupError):
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


class UnknownEntryError(CodedError, LookupError):
    """The plan has no entry of that number."""


class ConflictError(CodedError, RuntimeError):
    """Somebody else has changed the same thing meanwhile; nothing was overwritten."""


class PlanError(DataError):
    """An entry of the plan, or a dose, is not acceptable."""


class OutsideRangeError(PlanError):
    """A dose lies outside the range that its source gives; it is acceptable if insisted on."""


class AuthError(CodedError, PermissionError):
    """A code, passphrase or grant was refused; the sentence says why."""

    def __init__(self, code: str, field: str = "", wait: float = 0.0, **values: Value) -> None:
        """`field` names the field of a form that it is about; `wait` says in how many seconds to
        try again, where there were too many attempts.
        """
        super().__init__(code, **values)
        self.field = field
        self.wait = wait


LONGEST_QUOTE = 60  # characters that are quoted of a text, and compared of a word


def quoted(text: str) -> str:
    """`text` in quotes, shortened, with control characters made visible."""
    return repr(text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…")


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant; empty where none is near."""
    from difflib import get_close_matches  # noqa: PLC0415 - loaded where there is a mistake only

    return next(iter(get_close_matches(word[:LONGEST_QUOTE].lower(), list(known), n=1)), "")
