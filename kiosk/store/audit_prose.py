"""Reads the sentences of the audit log of 0.1.0 back into values, for the migration to version 3.

Until then the log was one sentence a line, in English. The patterns below are all the sentences
that 0.1.0 wrote, `fullmatch` each; a line that none of them fits is stored whole, as `Change.TEXT`.
They are never changed: no later version writes such sentences.

A group's name says where its text belongs: `subject`, or a value of `before_` or `after_`.
"""

import ast
import json
import re
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from kiosk.history.audit import Change, Values


class Parsed(NamedTuple):
    """The values of an entry of the audit log."""

    kind: Change
    subject: str = ""
    before: Values | None = None
    after: Values | None = None


_ID = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = "|".join(_DAY_NAMES)
_OF_MACHINE = "pin|led_pin|audio_device|host|port|host_names"


def _entry(prefix: str) -> str:
    return (
        rf"(?P<{prefix}program>{_ID}) "
        rf"\((?P<{prefix}days>every day|(?:{_DAY})(?:, (?:{_DAY}))*)"
        rf" at (?P<{prefix}times>\d\d:\d\d(?:, \d\d:\d\d)*)"
        rf", from (?P<{prefix}starts>\d{{4}}-\d\d-\d\d)"
        rf"(?: for (?P<{prefix}weeks>\d+) weeks)?(?P<{prefix}paused>, paused)?\)"
    )


_DOSE = rf"Dose of (?P<exercise>{_ID}) in (?P<program>{_ID}):"
_SENTENCES = {
    Change.PLAN_ADDED: rf"Plan: added entry (?P<subject>\d+), {_entry('after_')}\.",
    Change.PLAN_CHANGED: (
        rf"Plan: changed entry (?P<subject>\d+) from {_entry('before_')} to {_entry('after_')}\."
    ),
    Change.PLAN_REMOVED: rf"Plan: removed entry (?P<subject>\d+), {_entry('before_')}\.",
    Change.PLAN_RESTORED: rf"Plan: put entry (?P<subject>\d+) back, {_entry('after_')}\.",
    Change.DOSE_RESET: rf"{_DOSE} as in the program file\.",
    Change.DOSE_SET: (
        rf"{_DOSE} (?=\d|holds)(?:(?P<after_sets>\d+) sets(?:, |(?=\.)))?"
        r"(?:(?P<after_reps>\d+) repetitions(?:, |(?=\.)))?"
        r"(?:holds of (?P<after_hold_ms>\d+(?:\.\d+)?) s)?\."
    ),
    Change.SETTING_RESET: r"Setting (?P<subject>\w+): taken back\.",
    Change.SETTING_SET: r"Setting (?P<subject>\w+): (?P<after_value>'.*'|\".*\")\.",
    Change.LEVEL_ACCEPTED: (
        rf"Level: accepted a step (?P<after_step>up|back) from (?P<subject>{_ID})\."
    ),
    Change.LEVEL_DECLINED: (
        rf"Level: declined a step (?P<after_step>up|back) from (?P<subject>{_ID})"
        r" after session (?P<after_session>\d+)\."
    ),
    Change.PROGRAM_SAVED: rf"Program (?P<subject>{_ID}): saved\.",
    Change.PROGRAM_REMOVED: rf"Program (?P<subject>{_ID}): removed\.",
    Change.PASSPHRASE_CHOSEN: (
        r"The passphrase was"
        r" (?P<after_way>chosen anew with a code from the button|chosen|changed),"
        r" from (?P<after_address>.*)\. Everybody else was signed out\."
    ),
    Change.SIGNED_IN: r"Signed in from (?P<after_address>.*)\.",
    Change.SIGNED_OUT: r"Signed out; had signed in from (?P<before_address>.*)\.",
    Change.DEVICE_REMOVED: r"A caregiver signed another device out\.",
    Change.WRONG_PASSPHRASES: (
        r"There were many wrong passphrases, the last of them"
        r" (?P<after_signed_in>by somebody signed in, )?from (?P<after_address>.*)\."
    ),
    Change.CALENDAR_RENEWED: r"The calendar feed has a new address\.",
    Change.BACKUP_RESTORED: (
        r"Restored the backup (?P<after_backup>.+?)"
        r"(?:; what was there before is kept as (?P<after_replaced>.+))?\."
    ),
    Change.BACKUP_SETTINGS_UNUSABLE: (
        r"The backup's kiosk\.toml cannot be used here, and lies beside the data as"
        r" (?P<after_stored_as>\S+): (?:all of it|(?P<subject>[^:]*)): (?P<after_problem>.*)"
    ),
    Change.BACKUP_SETTINGS_OF_MACHINE: (
        r"The backup brought settings of its machine along:"
        rf" (?P<settings>(?:{_OF_MACHINE}) = .*)\. See that they fit this one\."
    ),
    Change.DATA_LOST: (
        r"What the kiosk remembers was"
        r" (?:gone \((?P<after_missing>\S+) is missing\)|damaged \((?P<after_fault>.*)\))"
        r"(?:; the backup of (?P<after_backup>\d{4}-\d\d-\d\d \d\d:\d\d) UTC took its place,"
        r" so what was done since then is lost"
        r"|, and there was no good backup, so it starts with nothing)"
        r"(?:; the damaged file is kept as (?P<after_stored_as>\S+))?\."
    ),
}
_PATTERNS = {kind: re.compile(pattern, re.DOTALL) for kind, pattern in _SENTENCES.items()}


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def _days(text: str) -> list[str]:
    names = _DAY_NAMES if text == "every day" else text.split(", ")
    return [name.lower() for name in names]


_READ: Mapping[str, Callable[..., object]] = {
    "days": _days,
    "times": lambda text: text.split(", "),
    "weeks": _number,
    "paused": bool,
    "sets": _number,
    "reps": _number,
    "hold_ms": lambda seconds: round(float(seconds) * 1000) if seconds else None,
    "value": ast.literal_eval,
    "session": int,
    "way": lambda text: {"chosen": "first", "changed": "changed"}.get(text, "code"),
    "signed_in": bool,
    "replaced": lambda text: re.split(r", | and ", text) if text else [],
}
"""How the text of a value is read, where that is not the value itself; by the value's name."""


def parse(sentence: str) -> Parsed:
    """The values of a sentence of the log; the first pattern that fits is meant."""
    for kind, pattern in _PATTERNS.items():
        if match := pattern.fullmatch(sentence):
            # A value that only looks like one, such as `'a' + 'b'` of a setting.
            with suppress(SyntaxError, ValueError):
                return _parsed(kind, match.groupdict())
    return Parsed(Change.TEXT, after={"text": sentence})


def _parsed(kind: Change, found: Mapping[str, str | None]) -> Parsed:
    def values(side: str) -> Values | None:
        texts = {g.removeprefix(side): text for g, text in found.items() if g.startswith(side)}
        return {n: _READ[n](text) if n in _READ else text for n, text in texts.items()} or None

    subject, after = found.get("subject") or "", values("after_")
    if "exercise" in found:
        subject = f"{found['program']}/{found['exercise']}"
    if settings := found.get("settings"):
        # A value may hold ", " itself, so a line is only cut before the next known name.
        items = re.split(rf", (?=(?:{_OF_MACHINE}) = )", settings)
        after = dict(item.split(" = ", 1) for item in items)
    return Parsed(kind, subject, values("before_"), after)


def add_functions(connection: sqlite3.Connection) -> None:
    """Let a migration's SQL call `audit_kind(what)` and the same for each field of `Parsed`."""

    def column(name: str, what: str) -> str | None:
        value = getattr(parse(what), name)
        is_text = value is None or isinstance(value, str)
        return value if is_text else json.dumps(value, ensure_ascii=False)

    for name in Parsed._fields:
        connection.create_function(f"audit_{name}", 1, partial(column, name), deterministic=True)
