"""Taking the place of the data by a backup, from this kiosk or from another one."""

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kiosk.adapters.disk import give_to_owner_of_folder
from kiosk.adapters.settings.layers import LayeredSettings
from kiosk.adapters.settings.toml_file import FILE_NAME as SETTINGS
from kiosk.adapters.speech.cache import ClipCache, decode
from kiosk.adapters.store import door_tables, other_tables, set_aside
from kiosk.adapters.store.container import CLIPS, LARGEST_PARTS, is_container, opened
from kiosk.adapters.store.database import connect
from kiosk.adapters.store.files import FILE_NAME, StateLock, no_kiosk_running, one_at_a_time
from kiosk.adapters.store.ready import (
    PENDING,
    PROGRAMS,
    UNFINISHED,
    WAS_PENDING,
    carry_out,
    make_ready,
    remove_tree,
    throw_away,
)
from kiosk.adapters.store.schema import MIGRATIONS, Migration
from kiosk.adapters.store.sentences import told
from kiosk.adapters.store.unpacking import unpack
from kiosk.desk.kept import usable
from kiosk.errors import SettingsError, StoreError
from kiosk.model.history import Actor
from kiosk.model.settings import Settings

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
    with told(path):
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
    with told(scratch):
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
    with told(file):
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
            f" {error.problems[0].message}"
        )
        source = LayeredSettings.read(folder, {}, {})
    with closing(connect(folder / FILE_NAME, "ro")) as connection:
        kept = other_tables.select_settings(connection)
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
        for line in lines:
            other_tables.add_line(connection, actor, now, line)
        # Somebody who was signed out since then stays out.
        door_tables.send_everybody_out(connection)
