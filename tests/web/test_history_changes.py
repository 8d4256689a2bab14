"""Who changed what, in the words of the pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.history.audit import Actor, AuditEntry, dose_of, dose_set, setting_kept, setting_of
from kiosk.levels.doses import Dose
from tests.schedule.past import NOON, Past
from tests.web.history_kit import START, text_of

IDS = st.from_regex("[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True)


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("Setting volume: '55'.", "Volume: 55."),
        ("Setting quiet_from: '22:00'.", "Quiet from: 22:00."),
        (setting_kept("audio_device", "Maria's USB: 2"), "Speaker: Maria's USB: 2."),
        (setting_kept("voice", 'it\'s \\ "x"'), 'Voice: it\'s \\ "x".'),
        ("Setting rate: taken back.", "Words a minute: as it was at first."),
        (f"Setting default_program: '{START}'.", "A press starts: Low back start."),
        (
            f"Dose of glute-bridge in {START}: 9 repetitions.",
            "Dose of Glute bridge in Low back start: 9 repetitions.",
        ),
        (
            f"Plan: removed entry 6, {START} (Tue at 08:00, from 2026-11-22).",
            "Plan: removed entry 6, Low back start (Tue at 08:00, from 2026-11-22).",
        ),
        ("A caregiver signed another device out.", "A caregiver signed another device out."),
    ],
)
def test_a_change_is_told_as_the_pages_call_things(kept, told):
    past = Past()
    past.did(START)
    past.store.audit.add(AuditEntry(NOON, Actor.PAGE, kept))

    assert f"these pages {told}" in text_of(past)


@given(name=st.from_regex("[a-z_]+", fullmatch=True), value=st.none() | st.text())
def test_a_line_for_a_setting_is_read_as_it_was_written(name, value):
    assert setting_of(setting_kept(name, value)) == (name, value)


@given(exercise=IDS, program=IDS, reps=st.none() | st.integers(1, 99))
def test_a_line_for_a_dose_is_read_as_it_was_written(exercise, program, reps):
    assert dose_of(dose_set(Dose(program, exercise, reps=reps))) == (exercise, program)


@pytest.mark.parametrize("line", ["", "Setting volume: '5'", "Setting: taken back.", "Dose of x"])
def test_other_lines_are_of_neither(line):
    assert (setting_of(line), dose_of(line)) == (None, None)


@pytest.mark.parametrize(
    "kept",
    [
        "Setting pin: '17'.",
        "Setting volume: 55.",
        "Setting volume: '5'5'.",
        "Dose of plank in no-such-program: 9 repetitions.",
    ],
)
def test_what_the_pages_have_no_name_for_is_told_as_it_was_kept(kept):
    past = Past()
    past.did(START)
    past.store.audit.add(AuditEntry(NOON, Actor.COMMAND, kept))

    assert f"a command {kept}" in text_of(past)
