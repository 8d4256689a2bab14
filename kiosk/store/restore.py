"""What is ready to take the place of the data: from there on it is carried out, whatever happens.

A restored backup changes several files, and a power cut can come between any two of them. So all
of it is made ready in a folder first, seen on disk, and the folder is then given its name; that is
the moment at which the backup counts. What is left is moving files, which needs no room and can be
done twice: whoever opens the data next finishes it.

Taking the place of the data by a backup, from this kiosk or from another one.

Backups that come and go by the pages; one that was handed in waits here for the next start.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from kiosk.clock import WallClock
from kiosk.errors import SettingsError, StoreError
from kiosk.history.audit import Actor, AuditEntry
from kiosk.locale.problems import sentence
from kiosk.settings.model import Settings
from kiosk.settings.sources import FILE_NAME as SETTINGS
from kiosk.settings.sources import LayeredSettings, usable
from kiosk.speech.cache import ClipCache, decode
from kiosk.store import staging as set_aside
from kiosk.store.archive import SCRATCH as DOWNLOADS
from kiosk.store.archive import SUFFIX, pack, scratch, unpack
from kiosk.store.audit import AuditTable
from kiosk.store.auth import AuthTable
from kiosk.store.container import CLIPS, LARGEST_PARTS, is_container, opened
from kiosk.store.database import Transactions, connect
from kiosk.store.errors import store_errors
from kiosk.store.files import (
    FILE_NAME,
    StateLock,
    no_kiosk_running,
    one_at_a_time,
    stamp,
)
from kiosk.store.migrations import MIGRATIONS, Migration
from kiosk.store.settings import SettingTable
from kiosk.store.staging import (
    PENDING,
    PROGRAMS,
    UNFINISHED,
    WAS_PENDING,
    carry_out,
    drop,
    drop_beside,
    is_ready,
    make_ready,
    remove_tree,
    throw_away,
)
from kiosk.store.store import Store
from kiosk.system.disk import give_to_owner_of_folder, sync

logger = logging.getLogger(__name__)


OF_THE_MACHINE = ("pin", "led_pin", "audio_device", "host", "port", "host_names")
"""Settings that are about the machine, and may be wrong on another one."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of restoring a backup."""

    kept: tuple[Path, ...]
    """What was there before, under its new names: the data first."""

    to_tell: tuple[str, ...]
    """Sentences about what may need a person's eye."""


def restore_from(
    state: Path,
    file: Path,
    now: datetime,
    actor: Actor = Actor.COMMAND,
    lock: StateLock | None = None,
    migrations: Sequence[Migration] = MIGRATIONS,
    called: str = "",
) -> Restored:
    """Put the backup `file` in place of what the kiosk remembers in `state`, and the settings file
    and the programs in it in place of those of the same name. What differs is kept beside it, and
    dropped again when two more have been restored.

    A caller that has the `lock` of the state directory hands it in. `called` is what a person calls
    the file, where that is not where it stands. Cut off at any moment, everything is as before or
    as the backup has it, once the data is opened again.

    Raises StoreTooNewError where a newer kiosk made the backup, StoreError where the file is no
    sound backup, where a kiosk is running, or where it cannot be written; nothing is changed then.
    """
    path = state / FILE_NAME
    refusal = f"The kiosk is running on {state}. Stop it, restore the backup, and start it again."
    with store_errors(path):
        state.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(state), no_kiosk_running(state, lock, refusal):
            carry_out(state)
            with _unfinished(state) as folder:
                unpack(file, folder, migrations, called or str(file))
                to_tell = _about_settings(folder)
                _leave_out_what_is_there(folder, state)
                replaced = (FILE_NAME, *(str(new.relative_to(folder)) for new in _further(folder)))
                suffix, kept = set_aside.names_for(state, replaced, now)
                beside = f"; what was there before is kept as {_listed(kept)}" if kept else ""
                lines = [f"Restored the backup {called or file.name}{beside}.", *to_tell]
                _write_lines(folder / FILE_NAME, lines, actor, now)
                if file == state / PENDING:
                    (folder / WAS_PENDING).touch()
                make_ready(state, suffix)
            carry_out(state)
            if kept:
                set_aside.drop_old(state, suffix, file)
    return Restored(kept, tuple(to_tell))


def look_over(
    file: Path,
    scratch: Path,
    called: str = "",
    migrations: Sequence[Migration] = MIGRATIONS,
    largest: int = LARGEST_PARTS,
) -> None:
    """See that `file` could be restored, as `restore_from` does; `scratch` is the folder in which
    it is taken apart meanwhile, and `largest` how many bytes it may have then.

    Raises StoreTooNewError, StoreError.
    """
    with store_errors(scratch):
        try:
            remove_tree(scratch)
            scratch.mkdir(mode=0o700)
            unpack(file, scratch, migrations, called or str(file), largest)
        finally:
            remove_tree(scratch)


def take_clips(file: Path, folder: Path) -> int:
    """Keep the speech in the backup `file` with that in `folder`; how many clips there were.

    What is damaged, or finds no room, is left out: it can be rendered again. Raises StoreError
    where the backup cannot be read.
    """
    if not is_container(file):
        return 0
    cache, taken = ClipCache(folder), 0
    with store_errors(file):
        try:
            with opened(file) as container:
                for name in container.names(CLIPS):
                    pcm = decode(container.content(name))
                    if pcm is not None:
                        key = Path(name).stem
                        cache.put(key, pcm)
                        _give_up_ownership(folder, key)
                        taken += 1
        except ValueError as error:
            raise StoreError(f"The speech in {file} cannot be read: {error}.") from error
    return taken


def _give_up_ownership(folder: Path, key: str) -> None:
    """Let the kiosk's own user use, and remove, a clip that root has kept. Raises OSError."""
    for path in (folder, folder / key[:2], folder / key[:2] / f"{key}.wav"):
        if path.exists():
            give_to_owner_of_folder(path)


@contextmanager
def _unfinished(state: Path) -> Iterator[Path]:
    """An empty folder to make the backup ready in; gone when the context is left, unless it is
    ready then.
    """
    folder = state / UNFINISHED
    throw_away(state)
    try:
        folder.mkdir(mode=0o700)
        give_to_owner_of_folder(folder)
        yield folder
    finally:
        throw_away(state)


def _about_settings(folder: Path) -> list[str]:
    """What there is to say of the settings in a backup; a settings file that this kiosk cannot use
    is given another name, as the kiosk would not start with it.
    """
    sentences = []
    source = LayeredSettings.read(folder, {}, {})
    try:
        source.load({})
    except SettingsError as error:
        (folder / SETTINGS).rename(folder / set_aside.UNUSED_SETTINGS)
        sentences.append(
            f"The backup's {SETTINGS} cannot be used here, and lies beside the data as"
            f" {set_aside.UNUSED_SETTINGS}: {error.problems[0].path or 'all of it'}:"
            f" {sentence(error.problems[0])}"
        )
        source = LayeredSettings.read(folder, {}, {})
    with closing(connect(folder / FILE_NAME, "ro")) as connection:
        kept = SettingTable(Transactions(connection)).stored()
    settings, usual = source.load(usable(source, kept)), Settings()
    brought = [
        f"{name} = {getattr(settings, name)}"
        for name in OF_THE_MACHINE
        if getattr(settings, name) != getattr(usual, name)
    ]
    if brought:
        sentences.append(
            f"The backup brought settings of its machine along: {', '.join(brought)}. See that"
            " they fit this one."
        )
    return sentences


def _leave_out_what_is_there(folder: Path, state: Path) -> None:
    for new in _further(folder):
        there = state / new.relative_to(folder)
        if there.is_file() and there.read_bytes() == new.read_bytes():
            new.unlink()
    in_the_way = state / PROGRAMS
    if _further(folder) and os.path.lexists(in_the_way) and not in_the_way.is_dir():
        raise StoreError(
            f"{in_the_way} is no folder, and the backup has programs to put there. Move it away,"
            " and try again. Nothing was changed."
        )


def _further(folder: Path) -> list[Path]:
    """The files of a backup that has been taken apart, apart from the data."""
    return sorted(path for path in folder.rglob("*.toml*") if path.is_file())


def _listed(paths: Sequence[Path]) -> str:
    names = [path.name for path in paths]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _write_lines(data: Path, lines: Sequence[str], actor: Actor, now: datetime) -> None:
    with closing(connect(data)) as connection:
        copy = Transactions(connection)
        audit = AuditTable(copy)
        with copy.writing():
            for line in lines:
                audit.add(AuditEntry(now, actor, line))
            # Somebody who was signed out since then stays out.
            AuthTable(copy).sign_everybody_out()


UPLOAD = "restore.upload"
"""What is being handed in, not looked over yet."""

SCRATCH = "restore.scratch"
FAILED = "restore.failed"
"""What was pending and could not be restored."""

LARGEST = 50_000_000
"""Bytes; ten years of sessions take a fifth of it."""

UNPACKED = 4
"""How many times as large a backup may be once it is unpacked."""

_CHUNK = 256 * 1024


class BackupFiles:
    """Implements `kiosk.ports.BackupSpace` in the state directory. Any thread."""

    def __init__(
        self,
        state: Path,
        store: Store,
        clock: WallClock,
        largest: int = LARGEST,
        migrations: Sequence[Migration] = MIGRATIONS,
    ) -> None:
        self._state = state
        self._store = store
        self._clock = clock
        self._largest = largest
        self._migrations = migrations

    @contextmanager
    def make(self) -> Iterator[Path]:
        """A fresh backup in a file that is gone when the context is left. Raises StoreError."""
        now = self._clock.utc()
        with scratch(self._state) as folder:
            file = folder / f"kiosk-{stamp(now)}{SUFFIX}"
            for sentence in pack(self._state, self._store, file, now).left_out:
                logger.warning("%s", sentence)
            yield file

    def receive(self, upload: BinaryIO, name: str) -> None:
        """Read a backup, called `name`, and look it over. Raises StoreError."""
        called = _shown(name)
        file = self._state / UPLOAD
        try:
            with store_errors(file):
                self._write(upload, file, called)
            largest = UNPACKED * self._largest
            look_over(file, self._state / SCRATCH, called, self._migrations, largest)
            with store_errors(file):
                drop_beside(file)
        except StoreError:
            self.discard()
            raise

    def accept(self) -> None:
        """Have what was received take the place of what is kept, at the kiosk's next start."""
        file = self._state / UPLOAD
        with store_errors(file):
            give_to_owner_of_folder(file)
            file.replace(self._state / PENDING)
            sync(self._state)

    def discard(self) -> None:
        """Forget what was received."""
        file = self._state / UPLOAD
        with store_errors(file):
            drop(file)

    def _write(self, upload: BinaryIO, file: Path, called: str) -> None:
        drop(file)
        written = 0
        with file.open("xb") as target:
            while chunk := upload.read(_CHUNK):
                written += len(chunk)
                if written > self._largest:
                    most = f"{self._largest / 1_000_000:g} MB"
                    raise StoreError(
                        f"{called} is larger than {most}; is it the right file? Nothing was"
                        " changed."
                    )
                target.write(chunk)
        sync(file)


def take_pending(
    state: Path, lock: StateLock, now: datetime, migrations: Sequence[Migration] = MIGRATIONS
) -> None:
    """Restore the backup that was handed in, if there is one, before the data is opened.

    One that cannot be restored is set aside, as the log says, and the kiosk goes on with what it
    had. Cut off at any moment, this finds the old data in place or the backup, and is carried out
    again if need be. Raises StoreError where the disk does not let it put the files away.
    """
    pending = state / PENDING
    with store_errors(state):
        if is_ready(state):
            with one_at_a_time(state):
                carry_out(state)
            logger.info("A backup that was being restored when the power went is in place now.")
        _clear(state)
        if not pending.exists():
            return
    try:
        restored = restore_from(
            state, pending, now, Actor.PAGE, lock, migrations, called="that was handed in"
        )
    except StoreError as error:
        with store_errors(pending):
            if is_ready(state):  # it is whole, and only has to be put in place
                raise
            drop_beside(pending)
            pending.replace(state / FAILED)
            sync(state)
        logger.error(  # noqa: TRY400 - a sentence, not a trace
            "The backup that was handed in is not restored; it is kept as %s. %s", FAILED, error
        )
        return
    names = " and ".join(path.name for path in restored.kept)
    aside = f"; what was there before is kept as {names}" if names else ""
    logger.info("The backup that was handed in is restored%s.", aside)
    for warning in restored.to_tell:
        logger.warning("%s", warning)


def _clear(state: Path) -> None:
    """Remove what a kiosk that was cut off left half done. Raises OSError."""
    drop(state / UPLOAD)
    remove_tree(state / SCRATCH)
    drop_beside(state / SCRATCH)
    throw_away(state)
    for folder in state.glob(f"{DOWNLOADS}*"):
        remove_tree(folder)


def _shown(name: str) -> str:
    """A file's name from outside, as it may stand in a sentence."""
    plain = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable())
    return plain[:80] or "The file"
