"""TODO."""

import logging
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from kiosk.settings.sources import FILE_NAME as SETTINGS
from kiosk.store.files import FILE_NAME, put_in_place, stamp
from kiosk.system.disk import give_to_owner_of_folder, sync

logger = logging.getLogger(__name__)


UNFINISHED = "restore.unfinished"
"""The folder while it is made ready, and while it is thrown away."""


READY = "restore.ready"


PENDING = "restore.pending"
"""A backup that takes the place of the data at the next start."""


PROGRAMS = "programs"


KEPT_AS = "kept-as"
"""Holds what is added to the names of what was there before."""


WAS_PENDING = "was-pending"
"""There where the backup is the pending one, which is done with then."""


UNUSED_SETTINGS = f"{SETTINGS}.from-backup"
"""The settings file of a backup, where this kiosk cannot use it."""


KEPT = 2
"""From how many restored backups it is kept, the last one among them; and how many damaged files.
"""


DAMAGED = ".damaged-"
"""What a damaged file's name has added, before the moment in which that was found."""


_TOPS = (FILE_NAME, SETTINGS, UNUSED_SETTINGS, PROGRAMS)


_ASIDE = re.compile(
    rf"(?:{'|'.join(map(re.escape, _TOPS))})(\.before-restore-(\d{{8}}-\d{{6}})(?:-(\d{{1,9}}))?)"
)


_DAMAGED = re.compile(
    rf"{re.escape(FILE_NAME)}{re.escape(DAMAGED)}(\d{{8}}-\d{{6}})(?:-(\d{{1,9}}))?"
)


_Moment = tuple[str, int]
"""When something was set aside: the stamp, and a number among those of one stamp."""


def names_for(state: Path, replaced: Iterable[str], now: datetime) -> tuple[str, tuple[Path, ...]]:
    """What is added to the names of those of the files `replaced` that are there now, and the names
    that come of it.
    """
    there = [name for name in replaced if os.path.lexists(state / name)]
    tops = tuple(dict.fromkeys(name.partition("/")[0] for name in there))
    wanted = suffix = f".before-restore-{stamp(now)}"
    number = 2
    while any(os.path.lexists(state / (top + suffix)) for top in tops):
        suffix, number = f"{wanted}-{number}", number + 1
    return suffix, tuple(state / (top + suffix) for top in tops)


def drop_old(state: Path, last: str, restored: Path) -> None:
    """Remove what earlier restored backups have set aside, but for the latest; what cannot be
    removed stays. What has the suffix `last` was set aside just now and stays, whatever the clock
    says, and so does the file that was `restored`. Raises OSError where it cannot look.
    """
    earlier: dict[_Moment, list[Path]] = defaultdict(list)
    for path in sorted(state.iterdir()):
        match = _ASIDE.fullmatch(path.name)
        if match and match[1] != last and path.resolve() != restored.resolve():
            earlier[match[2], int(match[3] or 1)].append(path)
    _drop_all_but_the_latest(earlier, "What an old backup has replaced")


def drop_old_damaged(last: Path) -> None:
    """Remove the damaged files that were set aside before `last`, but for the latest; what cannot
    be removed stays. Raises OSError where it cannot look.
    """
    earlier: dict[_Moment, list[Path]] = defaultdict(list)
    for path in sorted(last.parent.iterdir()):
        match = _DAMAGED.fullmatch(path.name)
        if match and path != last:
            earlier[match[1], int(match[2] or 1)].append(path)
    _drop_all_but_the_latest(earlier, "A file that was damaged long ago")


def _drop_all_but_the_latest(earlier: Mapping[_Moment, Sequence[Path]], what: str) -> None:
    for moment in sorted(earlier)[: 1 - KEPT]:
        for path in earlier[moment]:
            try:
                remove_tree(path)
                drop_beside(path)
            except OSError as error:
                logger.warning("%s stays: %s.", what, error)


def is_ready(state: Path) -> bool:
    """Whether a restored backup is not in its place yet. Raises OSError."""
    return (state / READY).is_dir()


def make_ready(state: Path, suffix: str) -> None:
    """Have what lies in the folder `UNFINISHED` count from now on; what is there now is kept with
    `suffix` added to its name. Raises OSError.
    """
    folder = state / UNFINISHED
    (folder / KEPT_AS).write_text(suffix, encoding="utf-8")
    for path in sorted(folder.rglob("*")):
        give_to_owner_of_folder(path)
        sync(path)
    sync(folder)
    folder.rename(state / READY)
    sync(state)


def carry_out(state: Path) -> None:
    """Put everything in its place that is ready; nothing happens where nothing is.

    The caller keeps others from opening the data. Raises OSError, sqlite3.Error; it is tried again
    then by whoever opens the data next.
    """
    ready = state / READY
    if not is_ready(state):
        return
    suffix = (ready / KEPT_AS).read_text(encoding="utf-8")
    for new in sorted((ready / PROGRAMS).glob("*")):
        _put(new, state / PROGRAMS / new.name, state / (PROGRAMS + suffix) / new.name)
    for new in sorted(path for path in ready.glob("*.toml*") if path.is_file()):
        _put(new, state / new.name, state / (new.name + suffix))
    if (ready / FILE_NAME).exists():
        put_in_place(ready / FILE_NAME, state / FILE_NAME, state / (FILE_NAME + suffix))
    if (ready / WAS_PENDING).exists():
        drop(state / PENDING)
    sync(state)
    # Half of it must never be taken for something that is ready.
    throw_away(state)
    ready.rename(state / UNFINISHED)
    sync(state)
    throw_away(state)


def throw_away(state: Path) -> None:
    """Remove what was not made ready, or is done with. Raises OSError."""
    remove_tree(state / UNFINISHED)


def remove_tree(path: Path) -> None:
    """Remove a folder or a file, if there is one. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def drop(file: Path) -> None:
    """Remove a database and what SQLite keeps beside it. Raises OSError."""
    file.unlink(missing_ok=True)
    drop_beside(file)


def drop_beside(file: Path) -> None:
    """Remove what SQLite keeps beside a file, in which another program may have had it write."""
    for suffix in ("-journal", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def _put(new: Path, path: Path, kept: Path) -> None:
    """Put `new` where `path` is, which is kept as `kept`; either of them is there at any moment."""
    if not path.parent.exists():
        path.parent.mkdir()
        give_to_owner_of_folder(path.parent)
    if os.path.lexists(path):
        if not kept.parent.exists():
            kept.parent.mkdir()
            give_to_owner_of_folder(kept.parent)
        _keep(path, kept)
        sync(kept.parent)
    new.replace(path)
    sync(path.parent)


def _keep(path: Path, kept: Path) -> None:
    try:
        with suppress(FileExistsError):  # kept already, before this was cut off
            os.link(path, kept, follow_symlinks=False)
    except OSError:
        # A folder, or a disk that knows no second name for a file.
        path.rename(kept)
