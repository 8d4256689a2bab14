"""What a person would otherwise use to count, measured on the same machine in the same minutes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from tests.audio.recording import Recording
from tests.audio.rig import AudioRig
from tests.bench.figures import Figures, Row, Section, drift
from tests.bench.peers.exercise import COUNTS, EVERY, SENTENCES
from tests.browser.hearing import Ear, listening

PEERS = {
    "hobby_loop": "pyttsx3: `say`, `runAndWait`, `sleep`",
    "espeak_and_sleep": "espeak-ng a number, `sleep`",
    "espeak_on_deadline": "espeak-ng a number, at its moment",
    "aplay_on_deadline": "`aplay` a file, at its moment",
}

QUIET_BETWEEN = 2500.0
"""Milliseconds after a number begins within which the next does not."""

PAUSE_AFTER = 1000.0
"""Milliseconds of a sentence after which Enter is pressed."""

METHOD = f"""\
Four programs as people write them (`tests/bench/peers`) count to eight, a number every {EVERY}
seconds, while the kiosk's own session runs beside them. A number's error is how far from its
moment it is first heard, reckoned from the first. Then each reads a sentence aloud, and Enter is
pressed one second into it: silence comes when the program looks, after the sentence."""


@dataclass(frozen=True)
class Found:
    """Of one program; milliseconds."""

    errors: list[float]
    drift: float
    """Milliseconds a repetition."""

    to_sound: float
    to_silence: list[float]


def measure(names: tuple[str, ...] = tuple(PEERS), *, with_pauses: bool = True) -> Section:
    """Two at a time, each with a speaker of its own."""
    with ThreadPoolExecutor(2) as both:
        found = dict(zip(names, both.map(lambda name: run(name, with_pauses), names), strict=True))
    rows = []
    for name, one in found.items():
        what = PEERS[name]
        rows.append(Row(f"{what}: a number's error", Figures([abs(e) for e in one.errors[1:]])))
        rows.append(Row(f"{what}: drift a repetition", Figures([abs(one.drift)])))
        rows.append(Row(f"{what}: Enter to sound", Figures([one.to_sound])))
        if one.to_silence:
            rows.append(Row(f"{what}: Enter to silence", Figures(one.to_silence)))
    return Section("What else people count with", METHOD, rows)


def run(name: str, with_pauses: bool = True) -> Found:
    with (
        AudioRig() as rig,
        _peer(name, rig) as enter,
        rig.record() as recording,
        listening(recording) as ear,
    ):
        entered = enter()
        onsets = [_next_sound(recording, 0)]
        for _ in COUNTS[1:]:
            onsets.append(_next_sound(recording, onsets[-1] + QUIET_BETWEEN))
        silences = list(_pauses(recording, ear, enter, onsets[-1])) if with_pauses else []
    errors = [onset - onsets[0] - 1000 * EVERY * place for place, onset in enumerate(onsets)]
    return Found(
        errors,
        drift(range(len(errors)), errors) / (len(errors) - 1),
        onsets[0] - ear.ms(entered),
        silences,
    )


def _next_sound(recording: Recording, after: float) -> float:
    """When something is next heard; waits for it."""
    length = after
    while True:
        length += 200
        recording.wait_until(length)
        try:
            return recording.sound_from(after)
        except AssertionError:
            assert length - after < 20_000, "nothing is heard any more"


def _pauses(
    recording: Recording, ear: Ear, enter: Callable[[], float], last: float
) -> Iterator[float]:
    for _ in range(SENTENCES):
        begun = _next_sound(recording, last + QUIET_BETWEEN)
        recording.wait_until(begun + PAUSE_AFTER)
        pressed = ear.ms(enter())
        recording.wait_until(pressed + 8000)
        last = recording.silent_from(pressed, for_ms=700)
        yield last - pressed
        enter()


@contextmanager
def _peer(name: str, rig: AudioRig) -> Iterator[Callable[[], float]]:
    command = [sys.executable, "-m", f"tests.bench.peers.{name}"]
    pipe = subprocess.PIPE
    # pyttsx3 prints what goes on in it.
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env={**os.environ, **rig.env}
    ) as process:

        def enter() -> float:
            now = time.monotonic()
            process.stdin.write(b"\n")
            process.stdin.flush()
            return now

        try:
            while b"Press Enter" not in process.stdout.readline():
                assert process.poll() is None, f"{name} has ended"
            yield enter
        finally:
            process.kill()
