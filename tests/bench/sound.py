"""How exactly a kiosk counts, how soon it falls silent and is heard again, and what else a person
would use to count, measured on the same machine in the same minutes.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.audio.heard import counts_of, lateness, material_of, start_of
from tests.audio.recording import Recording
from tests.audio.rig import AudioRig
from tests.bench.figures import Figures, Row, Section, Target, drift
from tests.bench.peers import COUNTS, EVERY, SENTENCES
from tests.bench.stage import HERE, Usage, a_kiosk_heard
from tests.browser.household import RunningKioskWithPages
from tests.browser.watching import Ear, listening

PROGRAM = "low-back-start"

COUNTS_METHOD = """\
The whole session of `low-back-start`, with the settings as they come, played by a kiosk in a
process of its own through ALSA into a sound server's null sink, whose monitor is recorded. Each
count is found in the recording by correlation, to the sample, and compared with its moment in the
cue sheet, reckoned from the session's first word."""


def counts(seconds: float = 0.0) -> Section:
    """Play it, or the first `seconds` of it. Takes as long as that."""
    with tempfile.TemporaryDirectory() as folder, AudioRig() as rig:
        state = Path(folder)
        material = material_of(state, PROGRAM, HERE)
        until = min(seconds * 1000 or material.timeline.duration, material.timeline.duration)
        with a_kiosk_heard(rig, state, PROGRAM) as kiosk:
            process = kiosk.kiosk.process.pid
            with rig.record() as recording:
                kiosk.press()
                start = start_of(recording, material)
                before = Usage.of(process)
                recording.wait_until(start + until)
                after = Usage.of(process)
    counts = [cue for cue in counts_of(material) if cue.at + 1000 < until]
    errors = [lateness(recording, material, start, cue) for cue in counts]
    grown = drift([cue.at for cue in counts], errors)
    return Section(
        "Counts of a whole session",
        COUNTS_METHOD,
        [
            Row("a count's error", Figures([abs(error) for error in errors]), Target("worst", 2.0)),
            Row("drift over the session", Figures([abs(grown)]), Target("worst", 0.1)),
            Row(
                "processor in the session",
                Figures([after.load_since(before)], "% of a core"),
                Target("worst", 3.0),
            ),
            Row("memory in the session", Figures([after.memory], "MB"), Target("worst", 80.0)),
            Row("written in the session", Figures([(after.written - before.written) / 1024], "kB")),
        ],
    )


# --- the button ----------------------------------------------------------------------------------

TIMES = 40

TALKS_FOR = (900.0, 1700.0)
"""Milliseconds between which it is interrupted, in the middle of a sentence."""

SILENT_FOR = 400.0
"""Milliseconds of silence that it is then left alone for."""

BUTTON_METHOD = f"""\
A kiosk on simulated pins (gpiozero's own) reads its instructions aloud and is interrupted {TIMES}
times, at moments drawn by lot, and as often told to carry on. Time begins before the pin's edge
is asked for, and ends with the last sample that is not silent, or the first; the shortest delay
of the recording itself is in it. A press that falls between two words counts as the zero that it
is."""


def button(times: int = TIMES) -> Section:
    """Takes about two seconds a time."""
    with tempfile.TemporaryDirectory() as folder, AudioRig() as rig:
        material_of(Path(folder), PROGRAM, HERE)
        with (
            a_kiosk_heard(rig, Path(folder), PROGRAM) as kiosk,
            rig.record() as recording,
            listening(recording) as ear,
        ):
            moments = _interrupt(kiosk, recording, times)
    presses = [ear.ms(pressed) for pressed, _ in moments]
    quiet = SILENT_FOR * 0.6
    silences = [max(recording.silent_from(at, for_ms=quiet) - at, 0.0) for at in presses]
    carried_on = [ear.ms(pressed) for _, pressed in moments]
    sounds = [recording.sound_from(at) - at for at in carried_on]
    return Section(
        "The button",
        BUTTON_METHOD,
        [
            Row("press to silence", Figures(silences), Target("p99", 80.0)),
            Row("press to sound", Figures(sounds), Target("p99", 150.0)),
        ],
    )


def _interrupt(
    kiosk: RunningKioskWithPages, recording: Recording, times: int
) -> list[tuple[float, float]]:
    """When each press that silenced it was, and the one that had it carry on."""
    lot, moments = Random(1), []  # noqa: S311 - the same moments each time
    kiosk.press()
    recording.wait_until(3000)
    recording.wait_until(recording.sound_from(0) + 4000)
    for _ in range(times):
        silenced = _press(kiosk)
        recording.wait_until(recording.length_ms() + SILENT_FOR)
        moments.append((silenced, _press(kiosk)))
        recording.wait_until(recording.length_ms() + lot.uniform(*TALKS_FOR))
    return moments


def _press(kiosk: RunningKioskWithPages) -> float:
    now = time.monotonic()
    kiosk.press()
    return now


# --- other ways to count -------------------------------------------------------------------------

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

PEERS_METHOD = f"""\
Four programs as people write them (`tests/bench/peers.py`) count to eight, a number every {EVERY}
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


def peers(names: tuple[str, ...] = tuple(PEERS), *, with_pauses: bool = True) -> Section:
    """Two at a time, each with a speaker of its own."""
    with ThreadPoolExecutor(2) as both:
        found = dict(zip(names, both.map(lambda name: _run(name, with_pauses), names), strict=True))
    rows = []
    for name, one in found.items():
        what = PEERS[name]
        rows.append(Row(f"{what}: a number's error", Figures([abs(e) for e in one.errors[1:]])))
        rows.append(Row(f"{what}: drift a repetition", Figures([abs(one.drift)])))
        rows.append(Row(f"{what}: Enter to sound", Figures([one.to_sound])))
        if one.to_silence:
            rows.append(Row(f"{what}: Enter to silence", Figures(one.to_silence)))
    return Section("What else people count with", PEERS_METHOD, rows)


def _run(name: str, with_pauses: bool = True) -> Found:
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
    command = [sys.executable, "-m", "tests.bench.peers", name]
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
