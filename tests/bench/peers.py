"""What a person would otherwise use to count, in four ways as they are usually written.

`python -m tests.bench.peers NAME` counts to eight, one number every 4.5 seconds, and then reads a
sentence aloud a few times. Enter begins, and Enter pauses as soon as the program looks.
"""

import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyttsx3

COUNTS = ("one", "two", "three", "four", "five", "six", "seven", "eight")
EVERY = 4.5
"""Seconds from one number to the next."""

SENTENCE = (
    "Lift your arms slowly to the side until they are as high as your shoulders, and no higher."
)
SENTENCES = 3
"""How often it is read."""


class Enter:
    """The Enter key."""

    def __init__(self) -> None:
        self._pressed: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        sys.stdout.write("Press Enter.\n")
        sys.stdout.flush()

    def wait(self) -> None:
        """Return when it is pressed."""
        self._pressed.get()

    def pause(self) -> None:
        """Where it has been pressed, wait until it is pressed again."""
        if not self._pressed.empty():
            self.wait()
            self.wait()

    def _listen(self) -> None:
        for line in sys.stdin:
            self._pressed.put(line)


Say = Callable[[str], object]


def the_usual_loop(_folder: Path) -> Say:
    """Speak, wait until it has been spoken."""
    engine = pyttsx3.init()

    def say(text: str) -> None:
        engine.say(text)
        engine.runAndWait()

    return say


def a_process_of_espeak(_folder: Path) -> Say:
    return lambda text: subprocess.run(["espeak-ng", text], check=True)


def a_process_of_aplay(folder: Path) -> Say:
    """Sound files rendered before, and a process of aplay for each."""
    files = {text: folder / f"{place}.wav" for place, text in enumerate((*COUNTS, SENTENCE))}
    for text, file in files.items():
        subprocess.run(["espeak-ng", "-w", file, text], check=True)
    return lambda text: subprocess.run(["aplay", "--quiet", files[text]], check=True)


WAYS: dict[str, Callable[[Path], Say]] = {
    "hobby_loop": the_usual_loop,
    "espeak_and_sleep": a_process_of_espeak,
    "espeak_on_deadline": a_process_of_espeak,
    "aplay_on_deadline": a_process_of_aplay,
}


def main(name: str) -> None:
    """Count either at each number's moment, however long the last one took, or with a sleep."""
    on_deadline = name.endswith("_on_deadline")
    with tempfile.TemporaryDirectory() as folder:
        say = WAYS[name](Path(folder))
        enter = Enter()
        enter.wait()
        due = time.monotonic()
        for number in COUNTS:
            say(number)
            due += EVERY
            if not on_deadline:
                time.sleep(EVERY)
            enter.pause()
            if on_deadline:
                time.sleep(max(due - time.monotonic(), 0))
        for _ in range(SENTENCES):
            say(SENTENCE)
            enter.pause()
            time.sleep(1)


if __name__ == "__main__":
    main(sys.argv[1])
