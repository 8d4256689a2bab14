"""The settings file: a table of names and values, read with care."""

import stat
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kiosk.adapters.settings.given import Given
from kiosk.adapters.settings.words import printable
from kiosk.errors import Problem, SettingsError

FILE_NAME = "kiosk.toml"
GOOD_NAME = "kiosk.toml.good"
"""The settings file as it was at the last good start; see `kiosk.adapters.last_good`."""

LARGEST_FILE = 64 * 1024
"""Bytes; a file with every setting in it takes one."""

LONGEST_LINE = 1000
"""Bytes. The TOML reader takes minutes over a key of thirty thousand dots."""


def in_file(path: Path) -> Iterable[Given]:
    """What the settings file gives; nothing where there is none. Raises SettingsError."""
    return [
        Given(name, value, str(path), printable(name), strict=True)
        for name, value in _read_toml(path).items()
    ]


def content_of(path: Path) -> bytes:
    """The bytes of the file; none where there is no file. Raises SettingsError."""
    try:
        # A pipe would be waited for, for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise _unusable(path, "is not a plain file.")
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise _unusable(path, f"cannot be read: {error.strerror}.") from error
    if len(content) > LARGEST_FILE:
        raise _unusable(path, f"is larger than {LARGEST_FILE // 1024} kB; is it the right one?")
    return content


def _read_toml(path: Path) -> dict[str, Any]:
    content = content_of(path)
    for number, line in enumerate(content.split(b"\n"), start=1):
        if len(line) > LONGEST_LINE:
            most = f"{LONGEST_LINE:,} bytes are the most"
            raise _unusable(path, f"has a line that is too long (line {number}); {most}.")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (see byte {error.start + 1}); save it as UTF-8."
        raise _unusable(path, message) from error
    except RecursionError as error:
        raise _unusable(path, "is nested too deeply; a setting is `name = value`.") from error
    except ValueError as error:
        raise _unusable(path, f"is not valid TOML: {error}.") from error


def _unusable(path: Path, what_is_wrong: str) -> SettingsError:
    return SettingsError([Problem(str(path), "", f"The file {what_is_wrong}")])
