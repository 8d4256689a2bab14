"""Who changed what, in the words of the pages."""

import pytest

from kiosk.history.audit import Actor, AuditEntry, Change
from tests.audit_log import text_entry
from tests.schedule.past import NOON, Past
from tests.web.history_kit import START, text_of

NINE = {"sets": None, "reps": 9, "hold_ms": None}
ON_TUESDAYS = {
    "program": START,
    "days": ["tue"],
    "times": ["08:00"],
    "starts": "2026-11-22",
    "weeks": None,
    "paused": False,
}


def setting(name: str, value: str) -> AuditEntry:
    return AuditEntry(NOON, Actor.PAGE, Change.SETTING_SET, name, after={"value": value})


def dose(subject: str) -> AuditEntry:
    return AuditEntry(NOON, Actor.PAGE, Change.DOSE_SET, subject, after=NINE)


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (setting("volume", "55"), "Volume: 55."),
        (setting("quiet_from", "22:00"), "Quiet from: 22:00."),
        (setting("audio_device", "Maria's USB: 2"), "Speaker: Maria's USB: 2."),
        (setting("voice", 'it\'s \\ "x"'), 'Voice: it\'s \\ "x".'),
        (
            AuditEntry(NOON, Actor.PAGE, Change.SETTING_RESET, "rate", {"value": "160"}),
            "Words a minute: as it was at first.",
        ),
        (setting("default_program", START), "A press starts: Low back start."),
        (
            dose(f"{START}/glute-bridge"),
            "Dose of Glute bridge in Low back start: 9 repetitions.",
        ),
        (
            AuditEntry(NOON, Actor.PAGE, Change.PLAN_REMOVED, "6", ON_TUESDAYS),
            "Plan: removed entry 6, Low back start (Tue at 08:00, from 2026-11-22).",
        ),
        (
            AuditEntry(NOON, Actor.PAGE, Change.DEVICE_REMOVED),
            "A caregiver signed another device out.",
        ),
        # What the pages have no name for.
        (setting("pin", "17"), "Setting pin: '17'."),
        (
            dose("no-such-program/plank"),
            "Dose of plank in no-such-program: 9 repetitions.",
        ),
        (text_entry(NOON, Actor.PAGE, "Setting volume: '5'5'."), "Setting volume: '5'5'."),
    ],
)
def test_a_change_is_told_as_the_pages_call_things(entry: AuditEntry, text: str):
    past = Past()
    past.did(START)
    past.store.audit.add(entry)

    assert f"these pages {text}" in text_of(past)
