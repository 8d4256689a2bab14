"""A backup in one file, made by `kiosk backup` and on the page, which another kiosk can restore.

It is a zip file with these parts:

    kiosk-backup.json       format, when and by which kiosk it was made, how large each part is
    kiosk.db                the database, as SQLite copied it
    kiosk.toml              the settings file, if there is one
    programs/ID.toml        each of the household's own programs
    clips/3f/3f9a….wav      rendered speech, where it was asked for

A file to be restored may come from anywhere. The name of a part is only compared with these, and
never used as a path before that; no part may unpack to more than such a part can have. The database
is checked on a copy: pages, references, the layout of its tables (a trigger in it would run with
every later change), and that every row can be read.

The same content made at the same moment gives the same bytes.
"""

import json
import re
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

from kiosk import __version__
from kiosk.errors import StoreError, StoreTooNewError, WordingError
from kiosk.programs import LARGEST_FILE as LARGEST_PROGRAM
from kiosk.programs import LONGEST_ID, SLUG
from kiosk.settings.sources import FILE_NAME as SETTINGS
from kiosk.settings.sources import LARGEST_FILE as LARGEST_SETTINGS
from kiosk.speech.cache import LARGEST_FILE as LARGEST_CLIP
from kiosk.speech.cache import ClipCache, decode
from kiosk.store.audit import AuditTable
from kiosk.store.auth import AuthTable
from kiosk.store.backups import backup_number
from kiosk.store.database import Transactions, connect, copy_pages, store_errors
from kiosk.store.doses import DoseTable
from kiosk.store.files import FILE_NAME, PROGRAMS, discard, replacing, temporary_folder
from kiosk.store.ledger import LedgerTable
from kiosk.store.migrations import Header, Migration, first_fault, layout, migrate, version_of
from kiosk.store.plan import PlanTable
from kiosk.store.sessions import SessionTable
from kiosk.store.settings import SettingTable
from kiosk.store.store import Store
from kiosk.system.folders import give_to_owner_of_folder

FORMAT = 1  # raise it when an older kiosk could no longer make sense of the file

SUFFIX = ".backup"
"""The ending of a backup's name. Not `.zip`: some browsers unpack those by themselves."""

ABOUT = "kiosk-backup.json"
CLIPS = "clips"

LARGEST_UNPACKED = 1_000_000_000
"""Bytes that all parts together may have, unless the caller allows less."""

_LARGEST_INDEX = 4_000_000
"""Bytes of the zip's list of parts; Python makes an object of every forty of them."""

_PARTS = (
    (re.compile(re.escape(ABOUT)), 1_000_000),
    (re.compile(re.escape(FILE_NAME)), LARGEST_UNPACKED),
    (re.compile(re.escape(SETTINGS)), LARGEST_SETTINGS),
    (
        re.compile(rf"{PROGRAMS}/(?=.{{1,{LONGEST_ID}}}\.toml$){SLUG.strip('^$')}\.toml"),
        LARGEST_PROGRAM,
    ),
    (re.compile(rf"{CLIPS}/([0-9a-f]{{2}})/\1[0-9a-f]{{62}}\.wav"), LARGEST_CLIP),
)
"""The names that a part may have, and how many bytes each may unpack to."""

# From the description of the zip format: the head of the first part, and the end of the file.
_LOCAL_HEAD = 30
_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
_LARGE_END_MARK = b"PK\x06\x07"
_LARGE_END_LENGTH = 20

_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error)
"""Errors of the library about a damaged file."""

_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Contents:
    """The parts of a written backup besides the database."""

    settings: bool
    programs: int
    clips: int
    left_out: tuple[str, ...]
    """A sentence for each file that should have come along and could not."""


def is_archive(file: Path) -> bool:
    """Whether a plain file begins as such a backup does. Raises OSError."""
    with file.open("rb") as opened:
        head = opened.read(_LOCAL_HEAD + len(ABOUT))
    return head.startswith(b"PK\x03\x04") and head[_LOCAL_HEAD:] == ABOUT.encode()


def fits(name: str, size: int) -> bool:
    """Whether a part of that name and size (bytes, unpacked) may be in a backup."""
    return any(pattern.fullmatch(name) and size <= largest for pattern, largest in _PARTS)


# Writing


def write_backup(
    state: Path, store: Store, file: Path, now: datetime, clips: Path | None = None
) -> Contents:
    """Write a backup of `state` to `file`, which is there whole or not at all; with the rendered
    speech in the folder `clips`, if given.

    The data may be changed meanwhile; what changes after it was copied is not in the backup. Raises
    StoreError, also where `file` exists and is not an earlier backup.
    """
    _check_target(file, state / FILE_NAME)
    parts, left_out = _own_files(state)
    clip_count = 0
    with temporary_folder(state) as folder, store_errors(file):
        data = folder / FILE_NAME
        store.backup_to(data)
        sizes = {FILE_NAME: data.stat().st_size, **{name: len(parts[name]) for name in parts}}
        about = {
            "format": FORMAT,
            "made": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "kiosk": __version__,
            "bytes": sizes,
        }
        with replacing(file) as unfinished, zipfile.ZipFile(unfinished, "w") as archive:
            archive.writestr(_entry(ABOUT, zipfile.ZIP_STORED), json.dumps(about, indent=1))
            with data.open("rb") as source, archive.open(_entry(FILE_NAME), "w") as part:
                copyfileobj(source, part, _CHUNK)
            for name, content in parts.items():
                archive.writestr(_entry(name), content)
            for name, content in _whole_clips(clips):
                archive.writestr(_entry(name, zipfile.ZIP_STORED), content)
                clip_count += 1
    programs = sum(name != SETTINGS for name in parts)
    return Contents(SETTINGS in parts, programs, clip_count, left_out)


def _check_target(file: Path, data: Path) -> None:
    """See that `file` is free or an earlier backup, and not `data`. Raises StoreError."""
    with store_errors(file):
        if not file.exists():
            return
        if file.is_dir():
            raise StoreError(f"{file} is a folder. Name a file in it for the backup.")
        in_use = data.exists() and file.samefile(data)
        # Only the header: an earlier backup may well be of another version, or damaged.
        earlier = Header.of(file).ours or is_archive(file)
    if in_use or not earlier:
        what = "the kiosk's own data" if in_use else "no backup of the kiosk"
        raise StoreError(f"{file} is {what}, and stays. Choose another name for the backup.")


def _own_files(state: Path) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Settings file and own programs by the names of their parts, and sentences about others."""
    parts: dict[str, bytes] = {}
    left_out = []
    with store_errors(state):
        paths = [path for path in (state / PROGRAMS).glob("*.toml") if path.name[0] != "."]
        if (state / SETTINGS).exists():
            paths.append(state / SETTINGS)
        for path in sorted(paths):
            name = str(path.relative_to(state))
            if path.is_file() and fits(name, path.stat().st_size):
                parts[name] = path.read_bytes()
            else:
                left_out.append(
                    f"{path} is not in the backup: its name or its size is not one the kiosk uses."
                )
    return parts, tuple(left_out)


def _whole_clips(folder: Path | None) -> Iterator[tuple[str, bytes]]:
    """The clips in a folder by the names of their parts, without any that cannot be decoded."""
    for path in sorted(folder.glob("[0-9a-f][0-9a-f]/*.wav")) if folder else ():
        name, content = f"{CLIPS}/{path.parent.name}/{path.name}", b""
        with suppress(OSError):
            if path.is_file() and fits(name, path.stat().st_size):
                content = path.read_bytes()
        if decode(content) is not None:
            yield name, content


def _entry(name: str, method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)  # dated 1980, whenever it is made
    entry.compress_type = method
    entry.create_system = 3
    entry.external_attr = 0o100600 << 16
    return entry


# Reading


@contextmanager
def open_archive(
    file: Path, label: str, largest: int = LARGEST_UNPACKED
) -> Iterator[zipfile.ZipFile]:
    """The backup in `file`, with its list of parts checked; they may have `largest` bytes together.

    Raises StoreTooNewError where it has a later `FORMAT`, ValueError with what is wrong with it,
    also where a part that is read inside the context is damaged; OSError.
    """
    with file.open("rb") as stream:
        _check_end(stream)
        try:
            with zipfile.ZipFile(stream) as archive:
                _check_parts(archive, largest)
                _check_about(archive, label)
                yield archive
        except _DAMAGE as error:
            raise ValueError("it is damaged; copy it again from where it was made") from error


def _check_end(stream: BinaryIO) -> None:
    """Raise ValueError for a list of parts that is larger than it can be; Python would read it."""
    length = stream.seek(0, 2)
    stream.seek(max(length - _END.size - _LARGE_END_LENGTH, 0))
    tail = stream.read()
    end = tail[-_END.size :]
    whole = len(end) == _END.size and end.startswith(_END_MARK)
    if not whole or tail[: -_END.size].startswith(_LARGE_END_MARK):
        raise ValueError("it is not whole; copy it again from where it was made")
    *_, index, _offset, _comment = _END.unpack(end)
    if index > _LARGEST_INDEX:
        raise ValueError("it has more parts than a backup can have")


def _check_parts(archive: zipfile.ZipFile, largest: int) -> None:
    infos = archive.infolist()
    seen: set[str] = set()
    for info in infos:
        shown = info.orig_filename[:60]
        # The library cuts a name off at its first zero.
        if not fits(info.filename, info.file_size) or info.filename != info.orig_filename:
            raise ValueError(f"its part {shown!r} is none that a backup has, or too large")
        plain = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if info.filename in seen or not plain or info.flag_bits & 1 or info.header_offset < 0:
            raise ValueError(f"its part {shown!r} is there twice, or packed in a foreign way")
        seen.add(info.filename)
    if sum(info.file_size for info in infos) > largest:
        raise ValueError(f"it would need more than {largest / 1_000_000:g} MB")


def _check_about(archive: zipfile.ZipFile, label: str) -> None:
    try:
        about = json.loads(archive.read(ABOUT))
        version, sizes = int(about["format"]), about["bytes"]
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError) as error:
        raise ValueError("it does not say what it holds") from error
    if version > FORMAT:
        raise StoreTooNewError(
            f"{label} was made by a newer kiosk, which packs backups in another way. Install the"
            " newer kiosk first. Nothing was changed."
        )
    there = {
        info.filename: info.file_size
        for info in archive.infolist()
        if info.filename != ABOUT and not info.filename.startswith(f"{CLIPS}/")
    }
    if sizes != there or FILE_NAME not in there:
        raise ValueError("it does not hold what it says it does")


def unpack(
    file: Path,
    folder: Path,
    migrations: Sequence[Migration],
    label: str,
    largest: int = LARGEST_UNPACKED,
) -> None:
    """Write what the backup `file` holds to the empty `folder`: the database, checked and migrated,
    and of an archive the settings file and the programs. `file` may also be a bare database, such
    as a nightly copy, even one that is in use.

    `label` is what a person calls the file; `largest` is how many bytes it may unpack to. Raises
    StoreTooNewError where a newer kiosk made it, StoreError where it is no sound backup; OSError.
    """
    try:
        packed = is_archive(file) if file.is_file() else None
    except OSError as error:
        raise _unusable(label, error.strerror or str(error)) from error
    if packed is None:
        raise _unusable(label, "there is no such file")
    if not packed:
        _import_database(file, folder / FILE_NAME, migrations, label)
        return
    data = folder / f"{FILE_NAME}.packed"
    try:
        with open_archive(file, label, largest) as archive:
            with archive.open(FILE_NAME) as source, data.open("xb") as target:
                copyfileobj(source, target, _CHUNK)
            for name in archive.namelist():
                if name == SETTINGS or name.startswith(f"{PROGRAMS}/"):
                    (folder / name).parent.mkdir(exist_ok=True)
                    (folder / name).write_bytes(archive.read(name))
    except ValueError as error:
        raise _unusable(label, str(error)) from error
    _import_database(data, folder / FILE_NAME, migrations, label)
    discard(data)


def extract_clips(file: Path, folder: Path) -> int:
    """Add the rendered speech in the backup `file` to the cache in `folder`; how many clips it had.

    A clip that is damaged, or finds no room, is left out: it can be rendered again. Raises
    StoreError where the backup cannot be read.
    """
    if not is_archive(file):
        return 0
    cache, extracted = ClipCache(folder), 0
    with store_errors(file):
        try:
            with open_archive(file, str(file)) as archive:
                for name in archive.namelist():
                    pcm = decode(archive.read(name)) if name.startswith(f"{CLIPS}/") else None
                    if pcm is not None:
                        key = Path(name).stem
                        cache.put(key, pcm)
                        # The kiosk's own user has to use and remove what root extracts.
                        for path in (folder, folder / key[:2], folder / key[:2] / f"{key}.wav"):
                            if path.exists():
                                give_to_owner_of_folder(path)
                        extracted += 1
        except ValueError as error:
            raise StoreError(f"The speech in {file} cannot be read: {error}.") from error
    return extracted


def _import_database(file: Path, new: Path, migrations: Sequence[Migration], label: str) -> None:
    """Copy the database `file` to `new`, check all of it, and migrate it."""
    header = Header.of(file)
    if not header.ours:
        raise _unusable(label, "it is none of the kiosk's files")
    header.check_version(label, len(migrations), "Install the newer kiosk first.")
    try:
        with closing(connect(file, "ro")) as source:
            copy_pages(source, new)
        with closing(connect(new)) as copy:
            # Another program may have set the file to keep a write-ahead log.
            copy.execute("PRAGMA journal_mode = DELETE").fetchone()
            _check_content(copy, migrations)
            migrate(copy, migrations)
            _read_everything(copy)
    except (sqlite3.Error, ValueError) as error:
        raise _unusable(label, str(error)) from error


def _check_content(copy: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    """Raises sqlite3.Error, or ValueError that names the fault."""
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
    """Raises ValueError where a row makes no sense, or an audit entry lacks a value it needs."""
    from kiosk.locale.audit import audit_text  # noqa: PLC0415 - loaded where a backup is restored
    from kiosk.locale.catalogues import english  # noqa: PLC0415

    tables = Transactions(copy)
    try:
        for entry in AuditTable(tables).newest(None):
            audit_text(entry, english())
    except (AttributeError, LookupError, RecursionError, TypeError, WordingError) as error:
        raise ValueError(f"an entry of its audit log makes no sense ({error!r})") from error
    ledger = LedgerTable(tables)
    SessionTable(tables).between()
    PlanTable(tables).entries()
    ledger.between(date.min, date.max)
    ledger.settled_until()
    DoseTable(tables).of()
    SettingTable(tables).stored()
    AuthTable(tables).sessions()
    backup_number(copy)


def _unusable(label: str, cause: str) -> StoreError:
    return StoreError(f"{label} cannot be restored: {cause}. Nothing was changed.")
