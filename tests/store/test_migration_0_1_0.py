"""Data of version 0.1.0 is there, value by value, in a file of today.

`household-0.1.0.backup` is of a household after eight weeks, with every kind of change in its audit
log; `household-0.1.0.json` is what 0.1.0 itself read of its plan, doses and settings. In
`declined-long-ago-0.1.0.db.gz` a step was declined before the latest thousand changes.
"""

import gzip
import json
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import asdict
from datetime import date, datetime, time
from pathlib import Path

import pytest

from kiosk.history.audit import Change
from kiosk.schedule.model import PlanEntry, Weekday
from kiosk.settings.model import Settings
from kiosk.settings.sources import LayeredSettings, usable
from kiosk.store.audit_prose import parse
from tests.audit_log import sentences
from tests.store.kit import bare, data_file, opened, opened_sound

DATA = Path(__file__).parent / "data"
EXPECTED = json.loads((DATA / "household-0.1.0.json").read_text())
LOGS = {"audit", "notice", "declined_step", "sqlite_sequence"}


@pytest.fixture
def household(quick_folder):
    with zipfile.ZipFile(DATA / "household-0.1.0.backup") as archive:
        archive.extractall(quick_folder)
    return quick_folder


def rows_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows, by table; not those of the audit log."""
    with bare(path) as connection:
        names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        tables = {name for (name,) in names} - LOGS
        return {
            table: connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()  # noqa: S608
            for table in tables
        }


def without_backup_number(rows: dict[str, list[tuple[object, ...]]]) -> dict[str, object]:
    """The rows but for the number of the latest backup: migrating makes one first."""
    return rows | {"mark": [row for row in rows["mark"] if row[0] != "backup"]}


def old_sentences(path: Path) -> list[tuple[str, str, str]]:
    """Moment, actor and sentence of each line of the audit log of 0.1.0."""
    with bare(path) as connection:
        return connection.execute("SELECT at, actor, what FROM audit ORDER BY id").fetchall()


def declined_in(path: Path) -> dict[str, int]:
    with bare(path) as connection:
        return dict(connection.execute("SELECT program, session FROM declined_step").fetchall())


def entry_from(values: dict[str, object]) -> PlanEntry:
    return PlanEntry(
        values["id"],
        values["program"],
        frozenset(Weekday[day.upper()] for day in values["days"]),
        tuple(time.fromisoformat(text) for text in values["times"]),
        date.fromisoformat(values["starts"]),
        values["weeks"],
        paused=values["paused"],
        since=datetime.fromisoformat(values["since"]),
        version=values["version"],
    )


class TestAHousehold:
    def test_every_other_table_is_as_it_was(self, household):
        before = rows_of(data_file(household))
        with opened_sound(household):
            after = rows_of(data_file(household))
        assert without_backup_number(after) == without_backup_number(before)
        assert {table: len(rows) for table, rows in before.items()} == {
            "session": 198,
            "exercise_done": 711,
            "plan_entry": 7,
            "occurrence": 257,
            "dose": 7,
            "setting": 5,
            "mark": 2,
            "door_secret": 2,
            "visitor": 3,
            "failure": 3,
        }

    def test_plan_doses_and_settings_are_read_as_0_1_0_read_them(self, household):
        with opened(household) as store:
            assert store.plan.entries() == tuple(map(entry_from, EXPECTED["plan"]))
            assert [asdict(dose) for dose in store.doses.of()] == EXPECTED["doses"]
            stored = store.settings.stored()
            assert len(store.sessions.between()) == 198
            assert len(store.ledger.between(date.min, date.max)) == 257
            assert len(store.auth.sessions()) == 3
            assert store.auth.failures("192.168.1.66") == 3
        source = LayeredSettings.read(household, {}, {})
        assert source.load(usable(source, stored)) == Settings(**EXPECTED["settings"])

    def test_every_change_reads_as_before_and_is_stored_by_its_values(self, household):
        old = old_sentences(data_file(household))
        with opened(household) as store:
            entries = store.audit.newest(None)
            texts = sentences(store)
            losses = store.audit.losses()
        one_week = [(at, actor, text.replace(" 1 weeks", " 1 week")) for at, actor, text in old]
        stored = [
            (f"{entry.at:%Y-%m-%dT%H:%M:%S.%fZ}", entry.actor.value, text)
            for entry, text in zip(entries, texts, strict=True)
        ]
        assert len(stored) == 113
        assert stored == one_week
        assert {entry.kind for entry in entries} == {*Change} - {Change.TEXT}
        assert [loss for loss in entries if loss.kind is Change.DATA_LOST] == [*losses]
        assert len(losses) == 3

    def test_the_latest_declined_step_of_each_program(self, household):
        with opened(household):
            pass
        assert declined_in(data_file(household)) == {
            "low-back-start": 198,
            "garden-shoulders": 72,
            "hip-stretching": 81,
        }


def test_a_step_declined_before_the_latest_thousand_changes_is_declined(quick_folder):
    content = gzip.decompress((DATA / "declined-long-ago-0.1.0.db.gz").read_bytes())
    data_file(quick_folder).write_bytes(content)
    old = [text for _, _, text in old_sentences(data_file(quick_folder))]
    with opened(quick_folder) as store:
        assert store.declined_steps.latest_session("low-back-start") == 9
        assert store.declined_steps.latest_session("low-back-next") == 0
        assert sentences(store) == old
        assert all(entry.kind is not Change.TEXT for entry in store.audit.newest(None))
    assert len(old) == 2025


class TestOddLines:
    def test_a_line_that_no_pattern_fits_is_stored_whole(self, household):
        loss, line = "What was lost is not known.", "Said something else."
        with closing(sqlite3.connect(data_file(household))) as connection, connection:
            at, insert = "2026-11-08T16:00:00.000000Z", "INSERT INTO audit (at, actor, what) VALUES"
            connection.execute(f"{insert} (?, 'page', ?)", (at, line))
            connection.execute(f"{insert} (?, 'kiosk', ?)", (at, loss))
            connection.execute("INSERT INTO notice (at, what) VALUES (?, ?)", (at, loss))
        with opened(household) as store:
            odd, lost = store.audit.newest(2)
            assert sentences(store)[-2:] == [line, loss]
            assert (odd.kind, lost.kind) == (Change.TEXT, Change.DATA_LOST)
            assert store.audit.losses()[-1] == lost

    @pytest.mark.parametrize(
        "line",
        [
            "",
            "Setting volume: '5'",
            "Setting volume: 'a' + 'b'.",
            "Setting volume: '5'5'.",
            "Dose of x",
            f"Dose of a in b: {'9' * 5000} sets.",
        ],
    )
    def test_a_line_that_only_looks_like_a_change(self, line):
        assert parse(line) == (Change.TEXT, "", None, {"text": line})
