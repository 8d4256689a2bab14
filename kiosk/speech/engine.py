"""The speech engine pyttsx3, in a child process whose answers are checked (see `child.py`)."""

import logging
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Lock
from typing import Protocol, TypeVar

from kiosk.errors import SpeechError, quoted
from kiosk.speech.child import Child, ChildBrokeError, ChildHungError, Message
from kiosk.speech.model import (
    SEE_ALL,
    Known,
    SpeechChildError,
    SpeechEngineError,
    Voice,
    choose_voice,
)

logger = logging.getLogger(__name__)

T = TypeVar("T")


class SpeechEngine(Protocol):
    """Turns text into sound files; slow, and may fail at any text."""

    @property
    def identity(self) -> str:
        """Engine and version: part of its clips' keys. Raises SpeechError where there is none."""
        ...

    def render(self, text: str, voice: Voice, into: Path) -> None:
        """Write `text`, spoken by `voice`, to `into` as WAV. Raises SpeechError, with a remedy."""
        ...

    def close(self) -> None:
        """End whatever it keeps running; never raises."""
        ...


INSTALL = "Install it with `sudo apt install espeak-ng`, then try again."

REINSTALL = (
    "Install it afresh with `sudo apt install --reinstall espeak-ng espeak-ng-data`, or set the"
    " kiosk up again."
)

REMEDIES: Mapping[str, str] = {
    "voice": SEE_ALL,
    "file": "Make room on the disk, or make its folder writable.",
}
"""What to do about each kind of refusal; each concerns every text."""


def check(answer: Message, number: int) -> None:
    """Raises SpeechEngineError if `answer` refuses request `number`; ChildBrokeError for others."""
    if answer.get("id") != number:
        raise ChildBrokeError("answered something that was not asked")
    if "error" not in answer:
        return
    kind, error = str(answer.get("kind")), answer["error"]
    if kind not in REMEDIES:
        raise ChildBrokeError(f"gave up ({error})")
    raise SpeechEngineError(f"{error} {REMEDIES[kind]}")


def identity_from(greeting: Message) -> str:
    """The engine's identity by the child's greeting. Raises SpeechEngineError, ChildBrokeError."""
    if "error" in greeting:
        raise SpeechEngineError(f"There is no speech engine. {INSTALL} ({greeting['error']})")
    if not isinstance(greeting.get("engine"), str):
        raise ChildBrokeError("answered with nonsense")
    try:
        return f"{greeting['engine']} / pyttsx3 {version('pyttsx3')}"
    except PackageNotFoundError:  # run from a copy that pip knows nothing of
        return str(greeting["engine"])


def check_sound(path: Path) -> None:
    """Raises ChildBrokeError where no sound file is at `path`, though one was said to be."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise ChildBrokeError("claimed to have written a file that is not there") from error
    if start != b"RIFF":
        raise ChildBrokeError("claimed to have written a sound file, which it is not")


def voices_from(answer: Message) -> tuple[Known, ...]:
    """The voices that `answer` lists. Raises ChildBrokeError where it lists none."""
    try:
        return tuple(Known(str(id_), str(name), str(lang)) for id_, name, lang in answer["voices"])
    except (KeyError, TypeError, ValueError) as error:
        raise ChildBrokeError("gave no list of voices") from error


CLOSED = "The speech engine was closed."

LONGEST_TEXT = 2000
"""Characters of one utterance; about two minutes of speech, twice what a clip may last."""


def own_command() -> tuple[str, ...]:
    """Runs our child program by its path; `-P` keeps out modules in the current folder."""
    return (sys.executable, "-P", str(Path(__file__).with_name("worker.py")))


def speakable(text: str) -> str:
    """`text` with single spaces and without signs that espeak takes for orders on its voice."""
    visible = ("" if unicodedata.category(c) == "Cf" else c for c in text)
    return " ".join("".join(c if c.isprintable() else " " for c in visible).split())


class Pyttsx3Engine:
    """Renders with pyttsx3 and espeak-ng. Any thread; one text at a time, the others wait.

    The child is started when it is first needed, serves many texts, and is replaced after a crash,
    a hang or an answer that makes no sense.
    """

    def __init__(self, time_limit: float = 20.0, command: Sequence[str] | None = None) -> None:
        """`time_limit` is for the start and for each text, in seconds; `command` runs the child."""
        self._time_limit = time_limit
        self._command = tuple(command) if command is not None else own_command()
        self._lock = Lock()
        self._child: Child | None = None
        self._closed = False
        self._identity = ""
        self._voices: tuple[Known, ...] = ()
        self._number = 0

    @property
    def identity(self) -> str:
        """As of `SpeechEngine`, with the version of pyttsx3; starts a child if none has run."""
        with self._lock:
            if not self._identity:
                self._running_child()
            return self._identity

    @property
    def child_pid(self) -> int | None:
        """Process id of the child; `None` where none runs."""
        child = self._child
        return None if child is None or child.ended else child.pid

    def render(self, text: str, voice: Voice, into: Path) -> None:
        """Write `text` to `into`, a file in a folder that exists.

        Raises SpeechEngineError where no text could be rendered now, SpeechChildError where the
        child broke or hung, SpeechError where this text cannot be spoken.
        """
        spoken = speakable(text)
        if not spoken:
            raise SpeechError(f"There is nothing to say in {quoted(text)}.")
        if len(spoken) > LONGEST_TEXT:
            raise SpeechError(
                f"The text {quoted(text)} has {len(spoken)} characters; at most {LONGEST_TEXT} can"
                " be spoken at once. Split it into shorter texts."
            )
        with self._lock:
            request = {
                "do": "render",
                "text": spoken,
                "voice": choose_voice(voice, self._known_voices()),
                "rate": voice.rate,
                "into": str(into.absolute()),
            }
            try:
                # Lest an older file be taken for what was rendered now.
                into.unlink(missing_ok=True)
            except OSError as error:
                raise SpeechEngineError(
                    f"The sound file {into} cannot be replaced: {error}."
                ) from error
            self._ask(request, lambda _: check_sound(into), f" over the text {quoted(text)}")

    def voices(self) -> tuple[Known, ...]:
        """Every voice the engine has. Raises SpeechError as `render` does."""
        with self._lock:
            return self._known_voices()

    def close(self) -> None:
        """End the child, if need be in the middle of a text; nothing is rendered any more."""
        self._closed = True
        child = self._child
        if child is not None:
            child.kill()
        with self._lock:
            self._drop_child()

    def _known_voices(self) -> tuple[Known, ...]:
        if not self._voices:
            self._voices = self._ask({"do": "voices"}, voices_from)
        return self._voices

    def _ask(
        self, request: Mapping[str, object], read: Callable[[Message], T], over: str = ""
    ) -> T:
        """What `read` makes of the answer of the child, or of a fresh one if the first broke."""
        try:
            return self._ask_once(request, read)
        except ChildHungError as error:
            raise SpeechChildError(f"The speech process {error}{over}.") from error
        except ChildBrokeError as error:
            if self._closed:
                raise SpeechEngineError(CLOSED) from error
            logger.info("The speech process %s; a fresh one tries again.", error)
        try:
            return self._ask_once(request, read)
        except (ChildBrokeError, ChildHungError) as error:
            raise SpeechChildError(
                f"The speech process {error}{over}, for a second time."
            ) from error

    def _ask_once(self, request: Mapping[str, object], read: Callable[[Message], T]) -> T:
        child = self._running_child()
        self._number += 1
        try:
            answer = child.request({"id": self._number, **request}, self._time_limit)
            check(answer, self._number)
            return read(answer)
        except (ChildBrokeError, ChildHungError):
            self._drop_child()
            raise

    def _running_child(self) -> Child:
        if self._closed:
            raise SpeechEngineError(CLOSED)
        if self._child is not None and self._child.ended:
            self._drop_child()
        return self._child or self._start_child()

    def _start_child(self) -> Child:
        try:
            child = self._child = Child(self._command)
        except OSError as error:
            raise SpeechEngineError(f"The speech process cannot be started: {error}.") from error
        if self._closed:  # by another thread, which did not see this child
            child.kill()
        try:
            self._identity = identity_from(child.receive(self._time_limit))
        except (ChildBrokeError, ChildHungError) as error:
            self._drop_child()
            if self._closed:
                raise SpeechEngineError(CLOSED) from error
            because = f" ({child.last_error_line})" if child.last_error_line else ""
            raise SpeechEngineError(
                f"The speech engine does not start: its process {error}{because}. {REINSTALL}"
            ) from error
        except SpeechEngineError:
            self._drop_child()
            raise
        return child

    def _drop_child(self) -> None:
        if self._child is not None:
            self._child.reap()
            self._child = None
            self._voices = ()  # the next one may find more of them installed
