"""TODO."""

import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO

from kiosk import __version__
from kiosk.programs.model import LARGEST_FILE as LARGEST_PROGRAM
from kiosk.programs.model import LONGEST_ID, SLUG
from kiosk.settings.sources import FILE_NAME as SETTINGS
from kiosk.settings.sources import LARGEST_FILE as LARGEST_SETTINGS
from kiosk.speech.cache import LARGEST_FILE as LARGEST_CLIP
from kiosk.store.files import FILE_NAME
from kiosk.store.staging import PROGRAMS

FORMAT = 1
"""Raise it when an older kiosk could no longer make sense of the file."""


ABOUT = "kiosk-backup.json"


CLIPS = "clips"


LARGEST_PARTS = 1_000_000_000
"""Bytes that all parts together may have once they are unpacked, unless told otherwise."""


_LARGEST_ABOUT = 1_000_000


_LARGEST_INDEX = 4_000_000
"""Bytes of the zip's list of parts; Python makes an object of every forty of them."""


_NAMES = (
    (re.compile(re.escape(ABOUT)), _LARGEST_ABOUT),
    (re.compile(re.escape(FILE_NAME)), LARGEST_PARTS),
    (re.compile(re.escape(SETTINGS)), LARGEST_SETTINGS),
    (
        re.compile(rf"{PROGRAMS}/(?=.{{1,{LONGEST_ID}}}\.toml$){SLUG.strip('^$')}\.toml"),
        LARGEST_PROGRAM,
    ),
    (re.compile(rf"{CLIPS}/([0-9a-f]{{2}})/\1[0-9a-f]{{62}}\.wav"), LARGEST_CLIP),
)


_LOCAL_HEAD = 30


_END = struct.Struct("<4s4H2LH")


_END_MARK = b"PK\x05\x06"


_LARGE_END_MARK = b"PK\x06\x07"


_LARGE_END_LENGTH = 20


_CHUNK = 256 * 1024


class NewerContainerError(ValueError):
    """It was made by a kiosk that puts backups together in another way."""


def is_container(file: Path) -> bool:
    """Whether a plain file begins as such a backup does. Raises OSError."""
    with file.open("rb") as opened:
        head = opened.read(_LOCAL_HEAD + len(ABOUT))
    return head.startswith(b"PK\x03\x04") and head[_LOCAL_HEAD:] == ABOUT.encode()


def fits(name: str, size: int) -> bool:
    """Whether a part of that name and size has a place in a backup."""
    return any(pattern.fullmatch(name) and size <= largest for pattern, largest in _NAMES)


def write_container(
    target: BinaryIO,
    data: Path,
    parts: Mapping[str, bytes],
    clips: Iterable[tuple[str, bytes]],
    made: datetime,
) -> None:
    """Write a backup of the database `data` and other `parts` by name, which all fit.

    Raises OSError.
    """
    sizes = {FILE_NAME: data.stat().st_size, **{name: len(parts[name]) for name in sorted(parts)}}
    about = {
        "format": FORMAT,
        "made": f"{made.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "kiosk": __version__,
        "bytes": sizes,
    }
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(_entry(ABOUT, zipfile.ZIP_STORED), json.dumps(about, indent=1))
        with data.open("rb") as source, archive.open(_entry(FILE_NAME), "w") as part:
            copyfileobj(source, part, _CHUNK)
        for name in sorted(parts):
            archive.writestr(_entry(name), parts[name])
        for name, content in clips:
            archive.writestr(_entry(name, zipfile.ZIP_STORED), content)


def _entry(name: str, method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)  # dated 1980, whenever it is made
    entry.compress_type = method
    entry.create_system = 3
    entry.external_attr = 0o100600 << 16
    return entry


class Container:
    """An opened backup whose list of parts makes sense. One thread uses it."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Use `opened`."""
        self._archive = archive

    def names(self, folder: str = "") -> tuple[str, ...]:
        """The names of its parts, or of those in one folder."""
        names = self._archive.namelist()
        return tuple(name for name in names if not folder or name.startswith(f"{folder}/"))

    def copy(self, name: str, target: BinaryIO) -> None:
        """Write a part to `target`. Raises ValueError where it is damaged; OSError."""
        with _in_words(), self._archive.open(name) as part:
            copyfileobj(part, target, _CHUNK)

    def content(self, name: str) -> bytes:
        """A part. Raises ValueError where it is damaged."""
        with _in_words(), self._archive.open(name) as part:
            return part.read()


@contextmanager
def opened(file: Path, largest: int = LARGEST_PARTS) -> Iterator[Container]:
    """The backup in `file`, whose parts may have `largest` bytes together.

    Raises NewerContainerError, ValueError with what is wrong with it, OSError.
    """
    with file.open("rb") as stream:
        _check_end(stream)
        with _in_words():
            archive = zipfile.ZipFile(stream)
        with archive:
            _check_parts(archive, largest)
            container = Container(archive)
            _check_about(container.content(ABOUT), archive)
            yield container


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error) as error:
        raise ValueError("it is damaged; copy it again from where it was made") from error


def _check_end(stream: BinaryIO) -> None:
    """See that the list of parts is no larger than it can be, before Python reads it.

    Raises ValueError.
    """
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
        if not fits(info.filename, info.file_size) or info.filename != info.orig_filename:
            raise ValueError(f"its part {shown!r} is none that a backup has, or too large")
        plain = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if info.filename in seen or not plain or info.flag_bits & 1 or info.header_offset < 0:
            raise ValueError(f"its part {shown!r} is there twice, or packed in a foreign way")
        seen.add(info.filename)
    if sum(info.file_size for info in infos) > largest:
        raise ValueError(f"it would need more than {largest / 1_000_000:g} MB")


def _check_about(text: bytes, archive: zipfile.ZipFile) -> None:
    try:
        about = json.loads(text)
        version, sizes = int(about["format"]), about["bytes"]
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError) as error:
        raise ValueError("it does not say what it holds") from error
    if version > FORMAT:
        raise NewerContainerError
    there = {
        info.filename: info.file_size
        for info in archive.infolist()
        if info.filename != ABOUT and not info.filename.startswith(f"{CLIPS}/")
    }
    if sizes != there or FILE_NAME not in there:
        raise ValueError("it does not hold what it says it does")
