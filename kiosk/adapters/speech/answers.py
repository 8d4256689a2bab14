"""What the child answers, and whether it is to be believed."""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from kiosk.adapters.speech.child import ChildBrokeError, Message
from kiosk.adapters.speech.failures import SpeechEngineError
from kiosk.adapters.speech.voices import SEE_ALL, Known

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
    """Raises SpeechEngineError where `answer` refuses request `number`, ChildBrokeError where it is
    no answer to it.
    """
    if answer.get("id") != number:
        raise ChildBrokeError("answered something that was not asked")
    if "error" not in answer:
        return
    kind, error = str(answer.get("kind")), answer["error"]
    if kind not in REMEDIES:
        raise ChildBrokeError(f"gave up ({error})")
    raise SpeechEngineError(f"{error} {REMEDIES[kind]}")


def identity_from(greeting: Message) -> str:
    """The engine's identity, from what the child says first.

    Raises SpeechEngineError where it says that there is no engine, ChildBrokeError for nonsense.
    """
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
