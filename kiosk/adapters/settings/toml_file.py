"""The settings file: a table of names and values, read with care."""

import stat
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kiosk.adapters.settings.given import Given
from kiosk.adapters.settings.words import in_words
from kiosk.errors import Problem, SettingsError

FILE_NAME = "kiosk.toml"
GOOD_NAME = "kiosk.toml.good"
"""The settings file as it was at the last good start; see `kiosk.adapters.last_good`."""

LARGEST_FILE = 64 * 1024
"""Bytes; a file with every setting in it takes one."""


def in_file(path: Path) -> Iterable[Given]:
    """What the settings file gives; nothing where there is none. Raises SettingsError."""
    return [
        Given(name, value, str(path), name if name.isprintable() else in_words(name), strict=True)
        for name, value in _read_toml(path).items()
    ]


def _read_toml(path: Path) -> dict[str, Any]:
    content = _read(path)
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (see byte {error.start + 1}); save it as UTF-8."
        raise _unusable(path, message) from error
    except RecursionError as error:
        raise _unusable(path, "is nested too deeply; a setting is `name = value`.") from error
    except ValueError as error:
        raise _unusable(path, f"is not valid TOML: {error}.") from error


def _read(path: Path) -> bytes:
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


def _unusable(path: Path, what_is_wrong: str) -> SettingsError:
    return SettingsError([Problem(str(path), "", f"The file {what_is_wrong}")])
