"""Who changed what, in the words of the pages."""

import pytest

from kiosk.model.history import Actor, AuditEntry
from tests.desk.past import NOON, Past
from tests.web.history_kit import START, text_of


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("Setting volume: '55'.", "Volume: 55."),
        ("Setting quiet_from: '22:00'.", "Quiet from: 22:00."),
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
    past.store.note(AuditEntry(NOON, Actor.PAGE, kept))

    assert f"these pages {told}" in text_of(past)


@pytest.mark.parametrize(
    "kept",
    ["Setting pin: '17'.", "Dose of plank in no-such-program: 9 repetitions."],
)
def test_what_the_pages_have_no_name_for_is_told_as_it_was_kept(kept):
    past = Past()
    past.did(START)
    past.store.note(AuditEntry(NOON, Actor.COMMAND, kept))

    assert f"a command {kept}" in text_of(past)
