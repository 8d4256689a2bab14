"""The program of the speech child: renders speech with pyttsx3, by the protocol of `child.py`.

Run by its path, with `python -P`; it imports nothing of the kiosk. Two threads: the main thread
meets one request after another, and a second one reads standard input, so that the end of it is
noticed while a text hangs: the process then ends itself after `GRACE_S`.

Three properties of pyttsx3 shape the code. It prints, so standard output is kept for messages and
its prints go to standard error. A run cuts off what espeak-ng still does, be it only taking a new
rate, so nothing may be under way when one begins (`_settle`). And where a file cannot be written it
waits for ever, so that is tried first, and an exception in its callback ends the process.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO, Protocol

import pyttsx3

IDLE_S = 60.0
"""After so long without a request the child leaves, so that its memory serves the session."""

GRACE_S = 5.0  # how long a request may go on after the input ended: whoever asked is gone

SETTLE_S = 5.0

RATE_PARAMETER = 1
CURRENT_VALUE = 1


class RefusedError(Exception):
    """A request that cannot be met; `kind` says what is at fault: `voice`, `file` or `broken`."""

    def __init__(self, kind: str, message: str) -> None:
        self.kind = kind
        super().__init__(message)


class Renderer(Protocol):
    """A speech engine, as this program uses it."""

    @property
    def name(self) -> str:
        """Engine and version."""
        ...

    def voices(self) -> list[tuple[str, str, str]]:
        """Id, name and language of every voice."""
        ...

    def render(self, text: str, voice: str, rate: int, into: str) -> None:
        """Write `text` to the file `into`, spoken by the voice of that id. Raises RefusedError."""
        ...


class Pyttsx3Renderer:
    """pyttsx3, used the one way that works: a text a run, everything at rest before the next."""

    def __init__(self) -> None:
        self._engine = pyttsx3.init("espeak")
        # The driver's own binding: asked which library pyttsx3 loaded, whether it is at rest, and
        # what took effect, none of which pyttsx3 tells.
        self._espeak: Any = import_module("pyttsx3.drivers._espeak")
        self._finished: SimpleQueue[bool] = SimpleQueue()
        self._errors: list[str] = []
        self._voice = ""
        self._engine.connect("finished-utterance", self._on_finished)
        self._engine.connect("error", self._on_error)
        # Before its first run pyttsx3 queues properties and applies them when it likes.
        self._run()

    @property
    def name(self) -> str:
        """Which library speaks, and its version."""
        library = Path(self._espeak.dll._name).name.removeprefix("lib")  # noqa: SLF001
        return f"{library.partition('.')[0]} {self._espeak.Info().decode()}"

    def voices(self) -> list[tuple[str, str, str]]:
        """Id, name and language of every voice; the engine reads many files for it."""
        voices = self._engine.getProperty("voices")
        return [(voice.id, voice.name, next(iter(voice.languages), "")) for voice in voices]

    def render(self, text: str, voice: str, rate: int, into: str) -> None:
        """As of `Renderer`; returns once the driver is at rest."""
        self._set_voice(voice)
        self._set_rate(rate)
        try:  # pyttsx3 waits for ever where it cannot open the file
            Path(into).open("wb").close()
        except (OSError, ValueError) as error:
            raise RefusedError(
                "file", f"The sound file {into} cannot be written: {error}."
            ) from error
        self._engine.save_to_file(text, into)
        self._run()
        if not self._finished.get():
            raise RefusedError("broken", "The speech engine broke off.")

    def _set_voice(self, voice: str) -> None:
        if voice == self._voice:
            return
        self._voice = ""
        self._errors.clear()
        self._engine.setProperty("voice", voice)
        # A voice that fails half-way is reported as set, a bad variant only leaves no trace.
        if self._errors or self._engine.getProperty("voice") != voice.lower():
            reason = "".join(f" ({error})" for error in self._errors)
            raise RefusedError("voice", f"The speech engine cannot load the voice {voice}{reason}.")
        self._voice = voice

    def _set_rate(self, rate: int) -> None:
        self._engine.setProperty("rate", rate)
        self._settle()
        if self._espeak.dll.espeak_GetParameter(RATE_PARAMETER, CURRENT_VALUE) != rate:
            raise RefusedError("broken", f"The speech engine did not take the rate {rate}.")

    def _run(self) -> None:
        self._settle()
        self._engine.runAndWait()
        self._settle()

    def _settle(self) -> None:
        deadline = time.monotonic() + SETTLE_S
        while self._espeak.IsPlaying():
            if time.monotonic() > deadline:
                raise RefusedError("broken", "The speech engine does not come to rest.")
            time.sleep(0.0005)

    def _on_finished(self, completed: bool, name: str | None) -> None:  # noqa: ARG002
        self._finished.put(completed)

    def _on_error(self, exception: Exception, name: str | None) -> None:  # noqa: ARG002
        self._errors.append(str(exception))


def private_output() -> BinaryIO:
    """Standard output for answers alone; whatever else is printed goes to standard error."""
    private = os.dup(1)
    os.dup2(2, 1)
    # pyttsx3 prints each file's name, and fails over letters that standard output cannot encode.
    sys.stdout = sys.stderr
    return os.fdopen(private, "wb")


def send(output: BinaryIO, **answer: object) -> None:
    """Write one message."""
    output.write(json.dumps(answer).encode() + b"\n")
    output.flush()


def requests(idle_s: float, grace_s: float) -> Iterator[dict[str, Any]]:
    """The requests on standard input, until it ends or nothing comes for `idle_s` seconds."""
    lines: SimpleQueue[bytes] = SimpleQueue()

    def listen() -> None:
        # Unbuffered: Python aborts at its end where a thread waits inside a buffered file.
        with open(0, "rb", buffering=0, closefd=False) as stdin:
            for line in stdin:
                lines.put(line)
        lines.put(b"")
        # Reached only if the main thread hangs over a text: nobody is left to end this process.
        time.sleep(grace_s)
        os._exit(1)

    threading.Thread(target=listen, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=idle_s)
        except Empty:
            return
        if not line:
            return
        yield json.loads(line)


def answer(renderer: Renderer, request: dict[str, Any], output: BinaryIO) -> None:
    """Meet `request` and send the outcome. Raises RefusedError from a broken engine."""
    number = request.pop("id")

    def give_up(unraisable: Any) -> None:  # noqa: ANN401
        # pyttsx3 could not finish the file (a full disk): it would wait for ever.
        send(output, id=number, kind="file", error=f"{unraisable.exc_value}.")
        os._exit(1)

    sys.unraisablehook = give_up
    try:
        if request.pop("do") == "voices":
            send(output, id=number, voices=renderer.voices())
        else:
            renderer.render(**request)
            send(output, id=number)
    except RefusedError as refusal:
        send(output, id=number, kind=refusal.kind, error=str(refusal))
        if refusal.kind == "broken":
            raise


def main(
    make_renderer: Callable[[], Renderer], idle_s: float = IDLE_S, grace_s: float = GRACE_S
) -> int:
    """Answer requests until there are no more; 0 if all went well, 1 if the engine failed."""
    output = private_output()
    try:
        renderer = make_renderer()
    except (RuntimeError, OSError, AttributeError) as error:  # AttributeError: too old a library
        send(output, kind="missing", error=str(error))
        return 1
    try:
        send(output, engine=renderer.name)
        for request in requests(idle_s, grace_s):
            answer(renderer, request, output)
    except RefusedError:
        return 1
    except BrokenPipeError:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(Pyttsx3Renderer))
