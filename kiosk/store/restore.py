"""Putting a backup in the place of the data, the settings file and the programs of a kiosk.

A restore changes several files, and the power may be cut between any two of them. Files and folders
in the state directory, and what each means:

    restore.pending     a backup uploaded on the pages and found sound; the next start restores it
    restore.staged/     the new files while they are unpacked, checked and migrated; worth nothing
    restore.ready/      the same folder renamed: the restore is committed and has to be finished
    restore.failed      a pending backup that could not be restored
    NAME.before-restore-STAMP   the replaced copy of NAME (`kiosk.db`, `kiosk.toml`, `programs/`)

The steps, and what a cut after each leaves:

    1. `staging`: fill restore.staged       the old files are in use; the folder is removed by the
                                            next start or restore, and a pending backup tried again
    2. `commit`: write into the folder under which suffix replaced copies are to be kept, sync every
       file of it                           as after 1
    3. `commit`: rename it to restore.ready, sync the state directory
                                            the new files count from here on, none is in place yet
    4. `recover`: for each file in restore.ready, rename the present one to its replaced copy, then
       the new one into its place           files are old, new, or not there for the moment between
                                            the two renames
    5. `recover`: remove restore.pending, where that is what was restored
    6. `recover`: rename restore.ready back to restore.staged, and remove it
                                            as after 1, with the new files in use

Whoever opens the data calls `recover` first, be it the kiosk at its start or a command
(`kiosk.store.opening`), and so finishes 4 to 6 before anything is read. `recover` can be cut off
and called again any number of times: a file that has left restore.ready is in its place, and a
replaced copy that exists is not overwritten. It only renames, so it needs no room on the disk.

The database's present file is renamed under SQLite's exclusive lock: a change of another process is
either finished before, and stays in the replaced copy, or refused afterwards (`Database` sees that
its file is no longer in place). Every step is made under `opening_lock` and the lock of the kiosk.

Mending damaged data (`kiosk.store.opening`) goes the same way, with another suffix.
"""

import logging
import os
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from kiosk.errors import SettingsError, StoreError
from kiosk.history.audit import Actor, AuditEntry, Change
from kiosk.locale.problems import sentence
from kiosk.settings.model import Settings
from kiosk.settings.sources import FILE_NAME as SETTINGS
from kiosk.settings.sources import LayeredSettings, usable
from kiosk.store.audit import AuditTable
from kiosk.store.auth import AuthTable
from kiosk.store.database import Transactions, connect, means_damage, store_errors
from kiosk.store.files import (
    FILE_NAME,
    PROGRAMS,
    TEMPORARY,
    StateLock,
    discard,
    no_kiosk_running,
    opening_lock,
    stamp,
)
from kiosk.store.migrations import MIGRATIONS, Migration
from kiosk.store.settings import SettingTable
from kiosk.system.folders import give_to_owner_of_folder, sync

logger = logging.getLogger(__name__)

STAGED = "restore.staged"
READY = "restore.ready"
PENDING = "restore.pending"
FAILED = "restore.failed"

UNUSED_SETTINGS = f"{SETTINGS}.from-backup"
"""The settings file of a backup, where this kiosk cannot use it."""

REPLACED = ".before-restore-"
DAMAGED = ".damaged-"
"""Added, before a stamp, to the name of a file that was replaced or that was damaged."""

COPIES = 2  # from how many restores the replaced copies stay, and how many damaged files

MACHINE_SETTINGS = ("pin", "led_pin", "audio_device", "host", "port", "host_names")
"""Settings that are about the machine, and may be wrong on another one."""

# Files in the folder besides those to be put in place, named as version 0.1.0 named them: it may
# have left a folder that this one has to finish.
_SUFFIX_FILE = "kept-as"
_PENDING_MARK = "was-pending"

_LEFTOVERS = (
    *(STAGED, f"{PENDING}-*", f"{TEMPORARY}*"),
    # of version 0.1.0
    *("restore.unfinished", "restore.upload*", "restore.scratch*", ".download-*"),
    f"{FILE_NAME}.new*",
)
"""Files and folders that a kiosk that was cut off may have left, and nothing needs."""


class Restored(NamedTuple):
    """The result of a restore."""

    replaced: tuple[Path, ...]
    """The replaced copies of what was there before, the database first."""

    notes: tuple[AuditEntry, ...]
    """Entries of the audit about settings that a person should check."""


def restore_backup(
    state: Path,
    file: Path,
    now: datetime,
    actor: Actor = Actor.COMMAND,
    lock: StateLock | None = None,
    migrations: Sequence[Migration] = MIGRATIONS,
    label: str = "",
) -> Restored:
    """Put the backup `file` in place of the data in `state`, and the settings file and the programs
    in it in place of those of the same name. Replaced copies of what differs stay beside it, and
    are removed when two more backups have been restored. Cut off at any moment, everything is as
    before or as the backup has it, once the data is opened again.

    A caller that holds the `lock` of the state directory passes it. `label` is what a person calls
    the file, if not by its path.

    Raises StoreTooNewError where a newer kiosk made the backup, StoreError where the file is no
    sound backup, where a kiosk is running, or where it cannot be written; nothing is changed then.
    """
    from kiosk.store.archive import unpack  # noqa: PLC0415 - a command that only opens needs none

    refusal = f"The kiosk is running on {state}. Stop it, restore the backup, and start it again."
    with store_errors(state / FILE_NAME):
        state.mkdir(parents=True, exist_ok=True)
        with opening_lock(state), no_kiosk_running(state, lock, refusal):
            recover(state)
            with staging(state) as staged:
                unpack(file, staged, migrations, label or str(file))
                notes = _check_settings(staged, actor, now)
                _discard_unchanged(staged, state)
                there = [name for name in _files_in(staged) if os.path.lexists(state / name)]
                tops = tuple(dict.fromkeys(name.parts[0] for name in there))
                suffix = free_suffix(state, tops, f"{REPLACED}{stamp(now)}")
                replaced = tuple(state / (top + suffix) for top in tops)
                values = {
                    "backup": label or file.name,
                    "replaced": [path.name for path in replaced],
                }
                restored = AuditEntry(now, actor, Change.BACKUP_RESTORED, after=values)
                add_to_audit(staged / FILE_NAME, [restored, *notes])
                if file == state / PENDING:
                    (staged / _PENDING_MARK).touch()
                commit(state, suffix)
            recover(state)
            if replaced:
                discard_old_copies(state, REPLACED, suffix, file)
    return Restored(replaced, tuple(notes))


def restore_pending(state: Path, lock: StateLock, now: datetime) -> None:
    """Restore the pending backup, if there is one, at the kiosk's start, before the data is opened.

    One that cannot be restored is renamed to `FAILED`, as the log says, and the kiosk goes on with
    the data it has. Finishes a committed restore and removes leftovers first. Raises StoreError
    where the disk does not let it.
    """
    pending = state / PENDING
    with store_errors(state):
        if is_committed(state):
            with opening_lock(state):
                recover(state)
            logger.info("A backup that was being restored when the power went is in place now.")
        for pattern in _LEFTOVERS:
            for path in state.glob(pattern):
                discard(path)
        if not pending.exists():
            return
    try:
        restored = restore_backup(state, pending, now, Actor.PAGE, lock, label="that was handed in")
    except StoreError as error:
        with store_errors(pending):
            if is_committed(state):  # it is sound, and only has to be put in place
                raise
            pending.replace(state / FAILED)
            discard(pending)  # what SQLite left beside it
            sync(state)
        logger.error(  # noqa: TRY400 - a sentence, not a trace
            "The backup that was handed in is not restored; it is kept as %s. %s", FAILED, error
        )
        return
    names = " and ".join(path.name for path in restored.replaced)
    beside = f"; what was there before is kept as {names}" if names else ""
    logger.info("The backup that was handed in is restored%s.", beside)
    if restored.notes:
        from kiosk.locale.audit import audit_text  # noqa: PLC0415 - seldom needed
        from kiosk.locale.catalogues import english  # noqa: PLC0415

        for note in restored.notes:
            logger.warning("%s", audit_text(note, english()))


# Replacing files: staging, commit, recover


@contextmanager
def staging(state: Path) -> Iterator[Path]:
    """An empty folder for the new files; removed on leaving, unless it was committed."""
    folder = state / STAGED
    discard(folder)
    try:
        folder.mkdir(mode=0o700)
        give_to_owner_of_folder(folder)
        yield folder
    finally:
        discard(folder)


def commit(state: Path, suffix: str) -> None:
    """Have the files in the staged folder count from now on; `recover` puts them in place.

    A file that is replaced gets `suffix` added to its name. Raises OSError.
    """
    folder = state / STAGED
    (folder / _SUFFIX_FILE).write_text(suffix, encoding="utf-8")
    for path in sorted(folder.rglob("*")):
        give_to_owner_of_folder(path)
        sync(path)
    sync(folder)
    folder.rename(state / READY)
    sync(state)


def is_committed(state: Path) -> bool:
    """Whether committed files are not all in place yet. Raises OSError."""
    return (state / READY).is_dir()


def recover(state: Path) -> None:
    """Put committed files in place, if there are any.

    The caller holds `opening_lock`. Raises OSError, sqlite3.Error where another process does not
    finish its change; the next call goes on where this one stopped.
    """
    ready = state / READY
    if not is_committed(state):
        return
    suffix = (ready / _SUFFIX_FILE).read_text(encoding="utf-8")
    with _exclusive(state / FILE_NAME):
        for name in _files_in(ready):
            top, *rest = name.parts
            _replace(state / name, ready / name, Path(state, top + suffix, *rest))
    if (ready / _PENDING_MARK).exists():
        discard(state / PENDING)
    sync(state)
    # Removed under this name, the half of it that a cut leaves would be taken for a committed one.
    discard(state / STAGED)
    ready.rename(state / STAGED)
    sync(state)
    discard(state / STAGED)


def _files_in(folder: Path) -> list[Path]:
    """The names of the database, settings file and programs in a staged folder."""
    paths = [folder / FILE_NAME, *sorted(folder.rglob("*.toml*"))]
    return [path.relative_to(folder) for path in paths if path.is_file()]


def _replace(path: Path, new: Path, replaced: Path) -> None:
    """Rename `path`, if it is there, to `replaced`, and `new` to `path`."""
    # A journal left behind, even without its file, would be taken for the new file's and spoil it.
    with suppress(FileNotFoundError):
        path.with_name(f"{path.name}-journal").rename(f"{replaced}-journal")
    if os.path.lexists(path) and not os.path.lexists(replaced):
        _make_folder(replaced.parent)
        path.rename(replaced)
        sync(replaced.parent)
    _make_folder(path.parent)
    new.replace(path)
    sync(path.parent)


def _make_folder(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir()
        give_to_owner_of_folder(folder)


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    """Keep other processes from changing the database `path`, if it still is one."""
    with ExitStack() as held:
        # To lock an empty file SQLite would begin to write to it.
        if path.is_file() and path.stat().st_size:
            try:
                held.enter_context(closing(connect(path))).execute("BEGIN EXCLUSIVE")
            except sqlite3.Error as error:
                held.close()
                if not means_damage(error):
                    raise
        yield


# Replaced copies


def free_suffix(state: Path, names: Iterable[str], wanted: str) -> str:
    """`wanted`, or with a number added where one of `names` with that suffix is taken."""
    names, suffix, number = tuple(names), wanted, 2
    while any(os.path.lexists(state / (name + suffix)) for name in names):
        suffix, number = f"{wanted}-{number}", number + 1
    return suffix


def discard_old_copies(state: Path, kind: str, newest: str, restored: Path | None = None) -> None:
    """Remove the replaced copies of a kind (`REPLACED`, `DAMAGED`), but for those with the suffix
    `newest`, whatever the clock says, those of the latest moment besides, and the file that was
    `restored`. What cannot be removed stays. Raises OSError where the folder cannot be read.
    """
    tops = "|".join(map(re.escape, (FILE_NAME, SETTINGS, UNUSED_SETTINGS, PROGRAMS)))
    pattern = re.compile(rf"(?:{tops})({re.escape(kind)}(\d{{8}}-\d{{6}})(?:-(\d{{1,9}}))?)")
    spared = restored and restored.resolve()
    earlier: dict[tuple[str, int], list[Path]] = defaultdict(list)
    for path in sorted(state.iterdir()):
        match = pattern.fullmatch(path.name)
        if match and match[1] != newest and path.resolve() != spared:
            earlier[match[2], int(match[3] or 1)].append(path)
    old = (
        "A file that was damaged long ago" if kind == DAMAGED else "What an old backup has replaced"
    )
    for moment in sorted(earlier)[: 1 - COPIES]:
        for path in earlier[moment]:
            try:
                discard(path)
            except OSError as error:
                logger.warning("%s stays: %s.", old, error)


# The content of a backup


def _check_settings(staged: Path, actor: Actor, now: datetime) -> list[AuditEntry]:
    """Entries of the audit about the settings in a backup. A settings file that this kiosk cannot
    use gets another name, as the kiosk would not start with it.
    """
    notes: list[AuditEntry] = []
    source = LayeredSettings.read(staged, {}, {})
    try:
        source.load({})
    except SettingsError as error:
        (staged / SETTINGS).rename(staged / UNUSED_SETTINGS)
        problem = error.problems[0]
        values = {"problem": sentence(problem), "stored_as": UNUSED_SETTINGS}
        kind, setting = Change.BACKUP_SETTINGS_UNUSABLE, problem.path
        notes.append(AuditEntry(now, actor, kind, setting, after=values))
        source = LayeredSettings.read(staged, {}, {})
    with closing(connect(staged / FILE_NAME, "ro")) as connection:
        stored = SettingTable(Transactions(connection)).stored()
    settings, usual = source.load(usable(source, stored)), Settings()
    brought = {
        name: str(getattr(settings, name))
        for name in MACHINE_SETTINGS
        if getattr(settings, name) != getattr(usual, name)
    }
    if brought:
        notes.append(AuditEntry(now, actor, Change.BACKUP_SETTINGS_OF_MACHINE, after=brought))
    return notes


def _discard_unchanged(staged: Path, state: Path) -> None:
    """Leave out staged files that `state` has. Raises StoreError where `programs` is a file."""
    for name in _files_in(staged)[1:]:  # the database is first
        present = state / name
        if present.is_file() and present.read_bytes() == (staged / name).read_bytes():
            (staged / name).unlink()
    programs = state / PROGRAMS
    if len(_files_in(staged)) > 1 and os.path.lexists(programs) and not programs.is_dir():
        raise StoreError(
            f"{programs} is no folder, and the backup has programs to put there. Move it away,"
            " and try again. Nothing was changed."
        )


def add_to_audit(data: Path, entries: Sequence[AuditEntry]) -> None:
    """Add `entries` to the audit log of the copy `data`, and sign everybody out of it."""
    with closing(connect(data)) as connection:
        copy = Transactions(connection)
        with copy.writing():
            for entry in entries:
                AuditTable(copy).add(entry)
            # Somebody who was signed out since then stays out.
            AuthTable(copy).sign_everybody_out()
