"""A session as it comes out of the speaker: recorded on a real audio path, found to the sample.

The kiosk is a process of its own, with its real speech, player and sound card; only the pin and the
room between speaker and ear are simulated. What is heard is held against the cue sheet.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.speech.preparer import PreparedSession
from kiosk.timeline.timeline import CueKind
from tests.audio.heard import counts_of, lateness, material_of, start_of
from tests.audio.recording import Recording
from tests.audio.rig import AudioRig
from tests.service.running import RunningKiosk, a_plain_kiosk

ABOUT_FORTY_SECONDS = """\
schema = 1
id = "forty-seconds"
level = 1
rest_between_exercises = 0

[frequency]
times_per_day = [1, 3]
days_per_week = [1, 7]

[text.en]
title = "Forty seconds"
summary = "Long enough to hear whether the counting drifts."
stop_rules = ["Stop if it hurts."]

[[exercise]]
id = "arm-lift"
position = "standing"
reps = 4
side = "both"
get_ready = 5
phases = [{ do = "lift", seconds = 1 }, { do = "hold", seconds = 2 }, { do = "lower", seconds = 1 }]

[[exercise.source]]
title = "These tests"
says = "4 repetitions"

[exercise.text.en]
name = "Arm lift"
how = "Lift your arms slowly to the side until they are as high as your shoulders and no higher."
"""


@contextmanager
def a_kiosk(rig: AudioRig, state: Path, program: str) -> Iterator[RunningKiosk]:
    settings = {**rig.env, "KIOSK_HOST": "127.0.0.1", "KIOSK_PORT": "0"}
    with a_plain_kiosk(state, "--program", program, settings=settings) as kiosk:
        kiosk.wait_for("The pages are at")  # the recording begins after that
        yield kiosk
        assert kiosk.end()[0] == 0


def assert_heard_on_time(
    recording: Recording, material: PreparedSession, within_ms: float = 5.0
) -> None:
    start = start_of(recording, material)
    late = [lateness(recording, material, start, cue) for cue in counts_of(material)]

    assert max(late, key=abs) == pytest.approx(0, abs=within_ms)
    half = len(late) // 2
    drift = sum(late[half:]) / (len(late) - half) - sum(late[:half]) / half
    assert drift == pytest.approx(0, abs=1.0)


def assert_session_is_heard_on_time(state: Path, material: PreparedSession) -> None:
    """Play the whole session and listen to it."""
    with AudioRig() as rig, a_kiosk(rig, state, material.program) as kiosk:
        with rig.record() as recording:
            kiosk.type("")
            start = start_of(recording, material)
            recording.wait_until(start + material.timeline.duration)
        assert_heard_on_time(recording, material)


def test_every_count_of_a_session_is_heard_at_its_moment(tmp_path):
    write_program(tmp_path)
    material = material_of(tmp_path, "forty-seconds")

    assert 35_000 < material.timeline.duration < 45_000
    assert len(counts_of(material)) == 3 + 4 + 4
    assert_session_is_heard_on_time(tmp_path, material)


@pytest.mark.long
def test_every_count_of_the_whole_low_back_session_is_heard_at_its_moment(tmp_path):
    material = material_of(tmp_path, "low-back-start")

    assert len(counts_of(material)) > 4 * (3 + 8)
    assert_session_is_heard_on_time(tmp_path, material)


def test_a_press_in_the_middle_of_a_sentence_is_silence_within_100_ms_and_then_it_carries_on(
    tmp_path,
):
    write_program(tmp_path)
    material = material_of(tmp_path, "forty-seconds")
    sentence = next(cue for cue in material.timeline.cues if cue.kind is CueKind.HOW)
    assert sentence.duration > 3000

    with AudioRig() as rig, a_kiosk(rig, tmp_path, "forty-seconds") as kiosk:
        with rig.record() as recording:
            kiosk.type("")
            start = start_of(recording, material)
            recording.wait_until(start + sentence.at + 1000)
            pressed = recording.length_ms()
            kiosk.type("")
            recording.wait_until(pressed + 2000)
            kiosk.type("")
            carrying_on = recording.length_ms()
            recording.wait_until(carrying_on + sentence.duration + 2500)

        silent = recording.silent_from(pressed, for_ms=1500)
        assert silent - pressed < 100
        again = recording.find(
            material.bank.speech["Carrying on."], near_ms=carrying_on + 500, within_ms=500
        )
        assert again - carrying_on < 600  # the lead-in of 300 ms that wakes the speaker is in it
        heard = recording.find(
            material.bank.pcm(sentence.sound), near_ms=again + 2000, within_ms=1900
        )
        assert heard > again


def write_program(state: Path) -> None:
    (state / "programs").mkdir()
    (state / "programs" / "forty-seconds.toml").write_text(ABOUT_FORTY_SECONDS)
