"""Taking over the data of a backup, from this kiosk or from another one."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

from kiosk.adapters.store import door_tables, other_tables, plan_tables, session_tables
from kiosk.adapters.store.database import connect, copy_pages
from kiosk.adapters.store.files import (
    FILE_NAME,
    StateLock,
    free_name,
    give_to_owner_of_folder,
    no_kiosk_running,
    one_at_a_time,
    put_in_place,
    remove,
    stamp,
)
from kiosk.adapters.store.schema import (
    MIGRATIONS,
    Header,
    Migration,
    first_fault,
    layout,
    migrate,
    version_of,
)
from kiosk.adapters.store.sentences import told
from kiosk.errors import StoreError, StoreTooNewError
from kiosk.model.history import Actor

_ALL_LINES = 2**31


def restore_from(
    state: Path,
    file: Path,
    now: datetime,
    actor: Actor = Actor.COMMAND,
    lock: StateLock | None = None,
    migrations: Sequence[Migration] = MIGRATIONS,
    called: str = "",
) -> Path | None:
    """Put the backup `file` in place of what the kiosk remembers in `state`.

    What was there before is kept beside it; its new name, or `None` where there was nothing. A
    caller that has the `lock` of the state directory hands it in. `called` is what a person calls
    the file, where that is not where it stands.

    Raises StoreTooNewError where a newer kiosk made the backup, StoreError where the file is no
    sound backup, where a kiosk is running, or where it cannot be written; nothing is changed then.
    """
    path = state / FILE_NAME
    refusal = f"The kiosk is running on {state}. Stop it, restore the backup, and start it again."
    with told(path):
        state.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(state), no_kiosk_running(state, lock, refusal):
            kept = free_name(path, f".before-restore-{stamp(now)}")
            new = path.with_name(f"{path.name}.new")
            there_was = path.exists()
            try:
                remove(new)
                _take_over(file, new, migrations, called or str(file))
                with closing(connect(new)) as connection:
                    beside = f"; what was there before is kept as {kept.name}" if there_was else ""
                    line = f"Restored the backup {called or file.name}{beside}."
                    other_tables.add_line(connection, actor, now, line)
                    # Somebody who was signed out since then stays out.
                    door_tables.send_everybody_out(connection)
                give_to_owner_of_folder(new)
                put_in_place(new, path, kept)
            finally:
                remove(new)
    return kept if there_was else None


def look_over(
    file: Path, scratch: Path, called: str = "", migrations: Sequence[Migration] = MIGRATIONS
) -> None:
    """See that `file` could be restored, as `restore_from` does; `scratch` is where a copy of it
    stands meanwhile.

    Raises StoreTooNewError, StoreError.
    """
    with told(scratch):
        try:
            remove(scratch)
            _take_over(file, scratch, migrations, called or str(file))
        finally:
            remove(scratch)


def _take_over(file: Path, new: Path, migrations: Sequence[Migration], called: str) -> None:
    """Copy `file` to `new`, look at every bit of it, and bring it up to date."""
    _check_header(file, len(migrations), called)
    try:
        with closing(connect(file, "ro")) as source:
            copy_pages(source, new)
        with closing(connect(new)) as copy:
            # Another program may have set the file to keep its changes in a second one.
            copy.execute("PRAGMA journal_mode = DELETE").fetchone()
            _check_content(copy, migrations)
            migrate(copy, migrations)
            _read_everything(copy)
    except (sqlite3.Error, ValueError) as error:
        raise _unusable(called, str(error)) from error


def _check_header(file: Path, newest: int, called: str) -> None:
    try:
        header = Header.of(file) if file.is_file() else None
    except OSError as error:
        raise _unusable(called, error.strerror or str(error)) from error
    if header is None:
        raise _unusable(called, "there is no such file")
    if not header.ours:
        raise _unusable(called, "it is none of the kiosk's files")
    if header.version > newest:
        raise StoreTooNewError(
            f"{called} was written by a newer kiosk: it has version {header.version}, and this"
            f" kiosk knows versions up to {newest}. Install the newer kiosk first. Nothing was"
            " changed."
        )


def _check_content(copy: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Raises sqlite3.Error, or ValueError with what is wrong."""
    fault = first_fault(copy)
    if fault:
        raise ValueError(fault)
    if copy.execute("PRAGMA foreign_key_check").fetchone():
        raise ValueError("some of its rows point to others that are not there")
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as pattern:
        migrate(pattern, migrations[: version_of(copy)])
        # A file from outside could hold triggers, which would run with every later change.
        if layout(copy) != layout(pattern):
            raise ValueError("its tables are not a kiosk's")


def _read_everything(copy: sqlite3.Connection) -> None:
    """Raises ValueError where any of it makes no sense."""
    session_tables.select(copy)
    plan_tables.select_all(copy)
    plan_tables.select_ledger(copy, date.min, date.max)
    other_tables.select_doses(copy, None)
    other_tables.select_settings(copy)
    other_tables.select_lines(copy, _ALL_LINES)
    other_tables.select_notices(copy)
    door_tables.select_visitors(copy)
    other_tables.settled_until(copy)
    other_tables.backup_number(copy)


def _unusable(called: str, cause: str) -> StoreError:
    return StoreError(f"{called} cannot be restored: {cause}. Nothing was changed.")
