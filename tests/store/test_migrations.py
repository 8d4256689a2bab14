"""A file of an older version is brought up to date, or stays as it is; one of 0.1.0 value by value.

`household-0.1.0.backup` is of a household after eight weeks, with every kind of change in its audit
log; `household-0.1.0.json` is what 0.1.0 itself read of its plan, doses and settings. In
`declined-long-ago-0.1.0.db.gz` a step was declined before the latest thousand changes.
"""

import gzip
import json
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import pytest

from kiosk.errors import StoreError
from kiosk.history.audit import Change
from kiosk.schedule.model import PlanEntry
from kiosk.settings.model import Settings
from kiosk.settings.sources import LayeredSettings, usable
from kiosk.store.audit_prose import parse
from kiosk.store.files import StateLock
from kiosk.store.migrations import MIGRATIONS
from kiosk.store.opening import open_store
from tests.audit_log import sentences, text_of
from tests.store.kit import (
    DAY,
    LINES,
    NOW,
    SPOT,
    TODAY,
    a_device,
    a_line,
    a_row,
    a_session,
    an_entry,
    bare,
    data_file,
    done,
    fill,
    names_in,
    opened,
    opened_sound,
    picture,
    spoil_the_end,
)

NOW_VERSION = len(MIGRATIONS)
ADD_PAIN = ["ALTER TABLE session ADD COLUMN pain INTEGER"]
ADD_MOOD = ["ALTER TABLE session ADD COLUMN mood TEXT", "UPDATE session SET mood = 'calm'"]
FAILING = ["ALTER TABLE session ADD COLUMN mood TEXT", "UPDATE no_table SET mood = 'calm'"]
MAKE_SESSIONS_ANEW = [
    "CREATE TABLE renewed AS SELECT * FROM session",
    "DROP TABLE session",
    "CREATE TABLE session (id INTEGER PRIMARY KEY, program TEXT) STRICT",
    "INSERT INTO session SELECT id, program FROM renewed",
    "DROP TABLE renewed",
]
LEAVE_LOOSE_ENDS = ["DELETE FROM session"]

INSERT_ENTRY = """
    INSERT INTO plan_entry VALUES (
        1, 'low-back-start', 'mon tue wed thu fri sat sun', '08:00 18:30', '2026-03-01', 8, 0,
        '2026-03-02T08:00:00.000000Z', 1
    )
"""

NEXT = (*MIGRATIONS, ADD_PAIN)
AFTER_NEXT = (*NEXT, ADD_MOOD)


def version_of(path):
    with bare(path) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


def columns_of(path):
    with bare(path) as connection:
        return [
            name for (name,) in connection.execute("SELECT name FROM pragma_table_info('session')")
        ]


@pytest.fixture
def state(tmp_path):
    fill(tmp_path)
    with opened(tmp_path) as store:
        store.sessions.progress(1, store.sessions.open().stopped_at, [done(1)])
    return tmp_path


def test_an_older_file_is_brought_up_to_date_by_each_step_once(state):
    open_store(state, NOW, migrations=NEXT).store.close()
    with opened_sound(state, migrations=AFTER_NEXT) as store:
        assert len(store.audit.newest()) == LINES
        assert store.sessions.open().exercises == (done(1),)
    for _ in range(2):
        open_store(state, NOW, migrations=AFTER_NEXT).store.close()
    assert version_of(data_file(state)) == NOW_VERSION + 2
    assert columns_of(data_file(state))[-2:] == ["pain", "mood"]


def test_what_the_first_kiosk_kept_is_there_in_a_file_of_today(tmp_path):
    """The first version of the file had no signed-in devices."""
    first_kiosk = MIGRATIONS[:1]
    with opened(tmp_path, migrations=first_kiosk) as store:
        session = store.sessions.begin(a_session())
        store.sessions.progress(session, SPOT, [done(1)])
        store.ledger.write([a_row(session=session)], NOW)
    # The tables of today would write of these to an audit log that this version did not have.
    with bare(data_file(tmp_path)) as connection:
        connection.execute(INSERT_ENTRY)
        connection.execute("INSERT INTO setting VALUES ('rate', '160')")
    assert version_of(data_file(tmp_path)) == 1
    with opened_sound(tmp_path, NOW + DAY) as store:
        assert store.sessions.open().exercises == (done(1),)
        assert store.plan.entries() == (replace(an_entry(), id=1, since=NOW, version=1),)
        assert store.ledger.between(TODAY, TODAY) == (a_row(session=session),)
        assert store.settings.stored() == {"rate": "160"}
        assert store.auth.sessions() == ()
        store.auth.add_session(a_device(), a_line())
        assert store.auth.sessions() == (a_device(),)
    assert version_of(data_file(tmp_path)) == NOW_VERSION
    assert names_in(tmp_path / "backups") == [f"kiosk-20260303-080000-before-v{NOW_VERSION}.db"]


def test_as_it_was_before_it_is_kept_among_the_backups(state):
    before = columns_of(data_file(state))
    open_store(state, NOW, migrations=AFTER_NEXT).store.close()
    (name,) = names_in(state / "backups")
    assert name == f"kiosk-20260302-080000-before-v{NOW_VERSION + 2}.db"
    assert version_of(state / "backups" / name) == NOW_VERSION
    assert columns_of(state / "backups" / name) == before


def test_the_last_two_of_these_are_kept_apart_from_those_of_each_night(state):
    with opened(state) as store:
        for night in range(9):
            store.backup_if_due(NOW + night * DAY)
    migrations = MIGRATIONS
    for step in range(4):
        migrations = (*migrations, [f"ALTER TABLE session ADD COLUMN step_{step} INTEGER"])
        open_store(state, NOW + (10 + step) * DAY, migrations=migrations).store.close()
    assert names_in(state / "backups") == [
        *(f"kiosk-202603{day:02}-080000.db" for day in range(4, 11)),
        f"kiosk-20260314-080000-before-v{NOW_VERSION + 3}.db",
        f"kiosk-20260315-080000-before-v{NOW_VERSION + 4}.db",
    ]


def test_a_step_that_fails_leaves_the_file_as_it_was(state):
    with pytest.raises(StoreError, match="no such table: no_table"):
        open_store(state, NOW, migrations=(*MIGRATIONS, FAILING))
    assert version_of(data_file(state)) == NOW_VERSION
    assert "mood" not in columns_of(data_file(state))
    with opened_sound(state) as store:
        assert len(store.audit.newest()) == LINES


def test_the_steps_before_the_one_that_fails_are_not_taken_again(state):
    with pytest.raises(StoreError):
        open_store(state, NOW, migrations=(*NEXT, FAILING))
    assert version_of(data_file(state)) == NOW_VERSION + 1
    open_store(state, NOW, migrations=AFTER_NEXT).store.close()
    assert version_of(data_file(state)) == NOW_VERSION + 2


def test_a_table_can_be_made_anew_under_the_rows_that_point_to_it(state):
    database = data_file(state)
    with (
        pytest.raises(StoreError, match="no such column"),
        opened(state, migrations=(*MIGRATIONS, MAKE_SESSIONS_ANEW)) as store,
    ):
        store.sessions.between(first=NOW.date())
    with bare(database) as connection:
        assert connection.execute("SELECT count(*) FROM exercise_done").fetchone() == (1,)


def test_a_step_that_leaves_rows_without_what_they_point_to_is_not_taken(state):
    with pytest.raises(StoreError, match="point to others that are not there"):
        open_store(state, NOW, migrations=(*MIGRATIONS, LEAVE_LOOSE_ENDS))
    with opened(state) as store:
        assert len(store.sessions.between()) == 1


def test_no_step_is_taken_under_a_running_kiosk(state):
    with StateLock.take(state):
        before = picture(state)
        with pytest.raises(StoreError, match="Stop the kiosk and start it again"):
            open_store(state, NOW, migrations=NEXT)
        assert picture(state) == before


def test_a_damaged_older_file_is_not_brought_up_but_replaced(state):
    with opened(state) as store:
        store.backup_if_due(NOW)
    spoil_the_end(data_file(state))
    found = open_store(state, NOW + DAY, migrations=NEXT)
    found.store.close()
    assert "was damaged" in text_of(found.recovered)
    assert version_of(data_file(state)) == NOW_VERSION + 1
    assert version_of(state / "backups" / "kiosk-20260302-080000.db") == NOW_VERSION


def test_a_backup_of_a_newer_version_does_not_take_the_place_of_a_damaged_file(state):
    with opened(state) as store:
        store.backup_if_due(NOW)
    with opened(state, NOW, migrations=NEXT) as store:
        store.backup_if_due(NOW + DAY)
        newer = store.backup_if_due(NOW + 2 * DAY)
    assert version_of(newer) == NOW_VERSION + 1
    data_file(state).write_bytes(b"garbage")
    with opened(state, NOW + 3 * DAY) as store:
        assert "the backup of 2026-03-02 08:00 UTC" in text_of(store.audit.losses()[0])


# Data of version 0.1.0

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


def as_in_json(entry: PlanEntry) -> dict[str, object]:
    days = [day.name.lower() for day in sorted(entry.days)]
    return json.loads(json.dumps({**asdict(entry), "days": days}, default=lambda v: v.isoformat()))


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
            assert [as_in_json(entry) for entry in store.plan.entries()] == EXPECTED["plan"]
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
