"""Reads the sentences of the audit log of 0.1.0 back into values, for the migration to version 3.

Until then the log was one sentence a line, in English. The patterns below are all the sentences
that 0.1.0 wrote, `fullmatch` each; a line that none of them fits is stored whole, as `Change.TEXT`.
They are never changed: no later version writes such sentences.
"""

import ast
import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import suppress
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


def _entry(prefix: str = "") -> str:
    return (
        rf"(?P<{prefix}program>{_ID}) "
        rf"\((?P<{prefix}days>every day|(?:{_DAY})(?:, (?:{_DAY}))*)"
        rf" at (?P<{prefix}times>\d\d:\d\d(?:, \d\d:\d\d)*)"
        rf", from (?P<{prefix}starts>\d{{4}}-\d\d-\d\d)"
        rf"(?: for (?P<{prefix}weeks>\d+) weeks)?(?P<{prefix}paused>, paused)?\)"
    )


def _entry_values(found: dict[str, str], prefix: str = "") -> Values:
    days, weeks = found[f"{prefix}days"], found[f"{prefix}weeks"]
    names = _DAY_NAMES if days == "every day" else days.split(", ")
    return {
        "program": found[f"{prefix}program"],
        "days": [name.lower() for name in names],
        "times": found[f"{prefix}times"].split(", "),
        "starts": found[f"{prefix}starts"],
        "weeks": int(weeks) if weeks else None,
        "paused": found[f"{prefix}paused"] is not None,
    }


def _plan_changed(found: dict[str, str]) -> Parsed:
    before, after = _entry_values(found, "old_"), _entry_values(found, "new_")
    return Parsed(Change.PLAN_CHANGED, found["id"], before, after)


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def _dose(found: dict[str, str]) -> Parsed:
    hold = found["hold"]
    values: Values = {
        "sets": _number(found["sets"]),
        "reps": _number(found["reps"]),
        "hold_ms": round(float(hold) * 1000) if hold else None,
    }
    return Parsed(Change.DOSE_SET, f"{found['program']}/{found['exercise']}", after=values)


def _way(found: dict[str, str]) -> str:
    ways = {"chosen": "first", "changed": "changed"}
    return ways.get(found["way"], "code")


def _of_machine(found: dict[str, str]) -> Parsed:
    # A value may hold ", " itself, so a line is only cut before the next known name.
    items = re.split(rf", (?=(?:{_OF_MACHINE}) = )", found["settings"])
    values = dict(item.split(" = ", 1) for item in items)
    return Parsed(Change.BACKUP_SETTINGS_OF_MACHINE, after=values)


_SENTENCES: tuple[tuple[str, Callable[[dict[str, str]], Parsed]], ...] = (
    (
        rf"Plan: added entry (?P<id>\d+), {_entry()}\.",
        lambda f: Parsed(Change.PLAN_ADDED, f["id"], after=_entry_values(f)),
    ),
    (
        rf"Plan: changed entry (?P<id>\d+) from {_entry('old_')} to {_entry('new_')}\.",
        _plan_changed,
    ),
    (
        rf"Plan: removed entry (?P<id>\d+), {_entry()}\.",
        lambda f: Parsed(Change.PLAN_REMOVED, f["id"], before=_entry_values(f)),
    ),
    (
        rf"Plan: put entry (?P<id>\d+) back, {_entry()}\.",
        lambda f: Parsed(Change.PLAN_RESTORED, f["id"], after=_entry_values(f)),
    ),
    (
        rf"Dose of (?P<exercise>{_ID}) in (?P<program>{_ID}): as in the program file\.",
        lambda f: Parsed(Change.DOSE_RESET, f"{f['program']}/{f['exercise']}"),
    ),
    (
        (
            rf"Dose of (?P<exercise>{_ID}) in (?P<program>{_ID}): (?=\d|holds)"
            r"(?:(?P<sets>\d+) sets(?:, |(?=\.)))?(?:(?P<reps>\d+) repetitions(?:, |(?=\.)))?"
            r"(?:holds of (?P<hold>\d+(?:\.\d+)?) s)?\."
        ),
        _dose,
    ),
    (
        r"Setting (?P<name>\w+): taken back\.",
        lambda f: Parsed(Change.SETTING_RESET, f["name"]),
    ),
    (
        r"Setting (?P<name>\w+): (?P<value>'.*'|\".*\")\.",
        lambda f: Parsed(
            Change.SETTING_SET, f["name"], after={"value": ast.literal_eval(f["value"])}
        ),
    ),
    (
        rf"Level: accepted a step (?P<step>up|back) from (?P<program>{_ID})\.",
        lambda f: Parsed(Change.LEVEL_ACCEPTED, f["program"], after={"step": f["step"]}),
    ),
    (
        (
            rf"Level: declined a step (?P<step>up|back) from (?P<program>{_ID})"
            r" after session (?P<session>\d+)\."
        ),
        lambda f: Parsed(
            Change.LEVEL_DECLINED,
            f["program"],
            after={"step": f["step"], "session": int(f["session"])},
        ),
    ),
    (
        rf"Program (?P<program>{_ID}): (?P<deed>saved|removed)\.",
        lambda f: Parsed(Change(f"program.{f['deed']}"), f["program"]),
    ),
    (
        (
            r"The passphrase was (?P<way>chosen anew with a code from the button|chosen|changed),"
            r" from (?P<address>.*)\. Everybody else was signed out\."
        ),
        lambda f: Parsed(Change.PASSPHRASE_CHOSEN, after={"way": _way(f), "address": f["address"]}),
    ),
    (
        r"Signed in from (?P<address>.*)\.",
        lambda f: Parsed(Change.SIGNED_IN, after={"address": f["address"]}),
    ),
    (
        r"Signed out; had signed in from (?P<address>.*)\.",
        lambda f: Parsed(Change.SIGNED_OUT, before={"address": f["address"]}),
    ),
    (
        r"A caregiver signed another device out\.",
        lambda _f: Parsed(Change.DEVICE_REMOVED),
    ),
    (
        (
            r"There were many wrong passphrases, the last of them"
            r" (?P<inside>by somebody signed in, )?from (?P<address>.*)\."
        ),
        lambda f: Parsed(
            Change.WRONG_PASSPHRASES,
            after={"address": f["address"], "signed_in": f["inside"] is not None},
        ),
    ),
    (
        r"The calendar feed has a new address\.",
        lambda _f: Parsed(Change.CALENDAR_RENEWED),
    ),
    (
        (
            r"Restored the backup (?P<backup>.+?)"
            r"(?:; what was there before is kept as (?P<kept>.+))?\."
        ),
        lambda f: Parsed(
            Change.BACKUP_RESTORED,
            after={
                "backup": f["backup"],
                "replaced": re.split(r", | and ", f["kept"]) if f["kept"] else [],
            },
        ),
    ),
    (
        (
            r"The backup's kiosk\.toml cannot be used here, and lies beside the data as"
            r" (?P<kept>\S+): (?P<setting>all of it|[^:]*): (?P<problem>.*)"
        ),
        lambda f: Parsed(
            Change.BACKUP_SETTINGS_UNUSABLE,
            "" if f["setting"] == "all of it" else f["setting"],
            after={"problem": f["problem"], "stored_as": f["kept"]},
        ),
    ),
    (
        (
            r"The backup brought settings of its machine along:"
            rf" (?P<settings>(?:{_OF_MACHINE}) = .*)\. See that they fit this one\."
        ),
        _of_machine,
    ),
    (
        (
            r"What the kiosk remembers was"
            r" (?:gone \((?P<missing>\S+) is missing\)|damaged \((?P<fault>.*)\))"
            r"(?:; the backup of (?P<backup>\d{4}-\d\d-\d\d \d\d:\d\d) UTC took its place,"
            r" so what was done since then is lost"
            r"|, and there was no good backup, so it starts with nothing)"
            r"(?:; the damaged file is kept as (?P<stored_as>\S+))?\."
        ),
        lambda f: Parsed(
            Change.DATA_LOST,
            after={name: f[name] for name in ("missing", "fault", "backup", "stored_as")},
        ),
    ),
)
_PATTERNS = tuple((re.compile(pattern, re.DOTALL), read) for pattern, read in _SENTENCES)


def parse(sentence: str) -> Parsed:
    """The values of a sentence of the log; the first pattern that fits is meant."""
    for pattern, read in _PATTERNS:
        if match := pattern.fullmatch(sentence):
            # A value that only looks like one, such as `'a' + 'b'` of a setting.
            with suppress(SyntaxError, ValueError):
                return read(match.groupdict())
    return Parsed(Change.TEXT, after={"text": sentence})


def add_functions(connection: sqlite3.Connection) -> None:
    """Let the SQL of a migration call `audit_kind(what)`, `audit_subject(what)`,
    `audit_before(what)` and `audit_after(what)`.
    """

    def json_of(values: Values | None) -> str | None:
        return None if values is None else json.dumps(values, ensure_ascii=False)

    functions: dict[str, Callable[[str], str | None]] = {
        "audit_kind": lambda what: parse(what).kind.value,
        "audit_subject": lambda what: parse(what).subject,
        "audit_before": lambda what: json_of(parse(what).before),
        "audit_after": lambda what: json_of(parse(what).after),
    }
    for name, function in functions.items():
        connection.create_function(name, 1, function, deterministic=True)
