"""How long it takes from a press of the button to silence, and from a press to sound."""

import tempfile
import time
from pathlib import Path
from random import Random

from tests.audio.recording import Recording
from tests.audio.rig import AudioRig
from tests.bench.figures import Figures, Row, Section, Target
from tests.bench.stage import a_kiosk_heard, rendered
from tests.browser.hearing import listening
from tests.browser.running import RunningKioskWithPages

PROGRAM = "low-back-start"
TIMES = 40

TALKS_FOR = (900.0, 1700.0)
"""Milliseconds between which it is interrupted, in the middle of a sentence."""

SILENT_FOR = 400.0
"""Milliseconds of silence that it is then left alone for."""

METHOD = f"""\
A kiosk on simulated pins (gpiozero's own) reads its instructions aloud and is interrupted {TIMES}
times, at moments drawn by lot, and as often told to carry on. Time begins before the pin's edge
is asked for, and ends with the last sample that is not silent, or the first; the shortest delay
of the recording itself is in it. A press that falls between two words counts as the zero that it
is."""


def measure(times: int = TIMES) -> Section:
    """Takes about two seconds a time."""
    with tempfile.TemporaryDirectory() as folder, AudioRig() as rig:
        rendered(Path(folder), PROGRAM)
        with (
            a_kiosk_heard(rig, Path(folder), PROGRAM) as kiosk,
            rig.record() as recording,
            listening(recording) as ear,
        ):
            moments = _interrupt(kiosk, recording, times)
    silences = [_silence_after(recording, ear.ms(pressed)) for pressed, _ in moments]
    sounds = [_sound_after(recording, ear.ms(carried_on)) for _, carried_on in moments]
    return Section(
        "The button",
        METHOD,
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


def _silence_after(recording: Recording, pressed: float) -> float:
    return max(recording.silent_from(pressed, for_ms=SILENT_FOR * 0.6) - pressed, 0.0)


def _sound_after(recording: Recording, pressed: float) -> float:
    return recording.sound_from(pressed) - pressed
