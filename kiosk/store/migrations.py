"""The schema, as migrations from one version of the file to the next, and checks of a file."""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self, TypeAlias

from kiosk.errors import StoreTooNewError

APPLICATION_ID = 0x6B696F73
"""SQLite's application id in the file's header, "kios": other programs have another."""

Migration: TypeAlias = Sequence[str]
"""The SQL statements from one version to the next; executed together or not at all."""

_MAGIC = b"SQLite format 3\0"
_HEADER_LENGTH = 100

_MOMENT = "'????-??-??T??:??:??.??????Z'"

_FIRST: Migration = (
    f"""
    CREATE TABLE session (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        program TEXT NOT NULL,
        level INTEGER NOT NULL,
        started TEXT NOT NULL CHECK (started GLOB {_MOMENT}),
        local_date TEXT NOT NULL CHECK (date(local_date, '+0 days') IS local_date),
        ended TEXT CHECK (ended GLOB {_MOMENT}),
        ending TEXT CHECK (ending IN ('completed', 'stopped', 'interrupted')),
        at_position INTEGER,
        at_exercise INTEGER,
        at_exercise_id TEXT,
        at_set INTEGER,
        at_side TEXT,
        at_rep INTEGER,
        effort TEXT CHECK (effort IN ('usual', 'harder')),
        entry INTEGER,
        dose TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX session_by_day ON session (local_date)",
    """
    CREATE TABLE exercise_done (
        session INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,
        exercise INTEGER NOT NULL,
        exercise_id TEXT NOT NULL,
        sets INTEGER NOT NULL,
        reps INTEGER NOT NULL,
        "left" INTEGER NOT NULL,
        "right" INTEGER NOT NULL,
        holds INTEGER NOT NULL,
        planned_reps INTEGER NOT NULL,
        PRIMARY KEY (session, exercise)
    ) STRICT, WITHOUT ROWID
    """,
    f"""
    CREATE TABLE plan_entry (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        program TEXT NOT NULL,
        days TEXT NOT NULL,
        times TEXT NOT NULL,
        starts TEXT NOT NULL CHECK (date(starts, '+0 days') IS starts),
        weeks INTEGER,
        paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
        since TEXT NOT NULL CHECK (since GLOB {_MOMENT}),
        version INTEGER NOT NULL
    ) STRICT
    """,
    f"""
    CREATE TABLE occurrence (
        entry INTEGER NOT NULL,
        local_date TEXT NOT NULL CHECK (date(local_date, '+0 days') IS local_date),
        local_time TEXT NOT NULL,
        program TEXT NOT NULL,
        due TEXT NOT NULL CHECK (due GLOB {_MOMENT}),
        due_offset INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('due', 'done', 'missed')),
        reminders INTEGER NOT NULL,
        put_off_to TEXT CHECK (put_off_to GLOB {_MOMENT}),
        session INTEGER REFERENCES session (id) ON DELETE SET NULL,
        PRIMARY KEY (entry, local_date, local_time)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX occurrence_by_day ON occurrence (local_date)",
    "CREATE INDEX occurrence_by_session ON occurrence (session) WHERE session IS NOT NULL",
    """
    CREATE TABLE dose (
        program TEXT NOT NULL,
        exercise_id TEXT NOT NULL,
        sets INTEGER,
        reps INTEGER,
        hold INTEGER,
        PRIMARY KEY (program, exercise_id)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE setting (
        name TEXT NOT NULL PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    f"""
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL CHECK (at GLOB {_MOMENT}),
        actor TEXT NOT NULL CHECK (actor IN ('button', 'page', 'command', 'kiosk')),
        what TEXT NOT NULL
    ) STRICT
    """,
    f"""
    CREATE TABLE notice (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL CHECK (at GLOB {_MOMENT}),
        what TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE mark (
        name TEXT NOT NULL PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
)

_DOOR: Migration = (
    """
    CREATE TABLE door_secret (
        name TEXT NOT NULL PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    f"""
    CREATE TABLE visitor (
        id TEXT NOT NULL PRIMARY KEY,
        token_hash TEXT NOT NULL UNIQUE,
        since TEXT NOT NULL CHECK (since GLOB {_MOMENT}),
        seen TEXT NOT NULL CHECK (seen GLOB {_MOMENT}),
        device TEXT NOT NULL,
        address TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE failure (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        count INTEGER NOT NULL
    ) STRICT
    """,
)

_AUDIT: Migration = (
    "ALTER TABLE audit RENAME TO audit_prose",
    f"""
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL CHECK (at GLOB {_MOMENT}),
        actor TEXT NOT NULL CHECK (actor IN ('button', 'page', 'command', 'kiosk')),
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        before TEXT,
        after TEXT
    ) STRICT
    """,
    """
    INSERT INTO audit SELECT
        id, at, actor,
        CASE WHEN EXISTS (
            SELECT 1 FROM notice
            WHERE notice.at = audit_prose.at AND notice.what = audit_prose.what
        ) THEN 'data.lost' ELSE audit_kind(what) END,
        audit_subject(what), audit_before(what), audit_after(what)
    FROM audit_prose ORDER BY id
    """,
    # Every notice had been written to the audit as well; this is for files that were put together.
    """
    INSERT INTO audit (at, actor, kind, subject, before, after) SELECT
        at, 'kiosk', 'data.lost', audit_subject(what), audit_before(what), audit_after(what)
    FROM notice WHERE NOT EXISTS (
        SELECT 1 FROM audit_prose
        WHERE audit_prose.at = notice.at AND audit_prose.what = notice.what
    )
    """,
    "CREATE INDEX audit_of_losses ON audit (at) WHERE kind = 'data.lost'",
    """
    CREATE TABLE declined_step (
        program TEXT NOT NULL PRIMARY KEY,
        session INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    INSERT INTO declined_step
    SELECT subject, max(json_extract(after, '$.session'))
    FROM audit WHERE kind = 'level.declined' GROUP BY subject
    """,
    "DROP TABLE audit_prose",
    "DROP TABLE notice",
)
"""The audit log by values instead of sentences; declined steps in a table of their own."""

MIGRATIONS: tuple[Migration, ...] = (_FIRST, _DOOR, _AUDIT)
"""One for each version of the file, from nothing on. What has been released is never edited."""


class Header(NamedTuple):
    """The header of a database file, read without SQLite, which might write beside it."""

    ours: bool
    """Whether it names the kiosk's application id."""

    version: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """The header of a plain file. Raises OSError."""
        with path.open("rb") as file:
            head = file.read(_HEADER_LENGTH)
        if len(head) < _HEADER_LENGTH or not head.startswith(_MAGIC):
            return cls(ours=False, version=0)
        version, application = (int.from_bytes(head[at : at + 4], "big") for at in (60, 68))
        return cls(ours=application == APPLICATION_ID and version > 0, version=version)

    def check_version(self, name: object, newest: int, advice: str) -> None:
        """Raise StoreTooNewError where the file `name` has a later version than `newest`."""
        if self.ours and self.version > newest:
            raise StoreTooNewError(
                f"{name} was written by a newer kiosk: it has version {self.version}, and this"
                f" kiosk knows versions up to {newest}. {advice} Nothing was changed."
            )


def version_of(connection: sqlite3.Connection) -> int:
    """The version of the file; 0 for an empty one. Raises sqlite3.Error."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def is_ours(connection: sqlite3.Connection) -> bool:
    """Whether a kiosk wrote the file. Raises sqlite3.Error."""
    return bool(
        connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
        and version_of(connection) > 0
    )


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Bring the file up to the last of `migrations`, a transaction each. Raises sqlite3.Error."""
    from kiosk.store.audit_prose import add_functions  # noqa: PLC0415 - seldom needed

    add_functions(connection)
    # A table can only be made anew while foreign keys to it are not enforced.
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        for version in range(version_of(connection), len(migrations)):
            _migrate_once(connection, migrations[version], version + 1)
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


def first_fault(connection: sqlite3.Connection) -> str | None:
    """The first fault SQLite finds in the file; `None` where it is sound. Raises sqlite3.Error."""
    found: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    # The line before says which database, of which there is one.
    return None if found == "ok" else found.splitlines()[-1]


def layout(connection: sqlite3.Connection) -> frozenset[tuple[str, str, str]]:
    """Everything in the file's schema (type, name, SQL), to be compared. Raises sqlite3.Error."""
    rows = connection.execute(
        "SELECT type, name, ifnull(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'"
    )
    return frozenset((kind, name, sql) for kind, name, sql in rows)


def _migrate_once(connection: sqlite3.Connection, statements: Migration, version: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements:
            connection.execute(statement)
        if connection.execute("PRAGMA foreign_key_check").fetchone():
            raise sqlite3.IntegrityError("rows point to others that are not there")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
