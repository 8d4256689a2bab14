"""The key that signs the pages' cookies and form tokens, a file in the state directory."""

import logging
import os
import secrets
import stat
from pathlib import Path

from kiosk.system.disk import write_whole

logger = logging.getLogger(__name__)

FILE_NAME = "web-secret.key"
LENGTH = 32
"""Bytes."""


def secret_key(folder: Path) -> bytes:
    """The key in `folder`; a new one where there is none, where it is damaged, or where other users
    could read it. Where the file cannot be used, a key for this run alone, and a warning. Never
    raises.
    """
    path = folder / FILE_NAME
    try:
        return _read(path) or _make(path)
    except OSError as error:
        logger.warning(
            "%s cannot be used (%s), so everybody has to sign in anew after each restart. Let the"
            " kiosk's user write to it and to its folder.",
            path,
            error.strerror or error,
        )
        return secrets.token_bytes(LENGTH)


def _read(path: Path) -> bytes | None:
    """The key in the file; `None` where there is none that can be used. Raises OSError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        key = os.read(descriptor, LENGTH + 1)
    finally:
        os.close(descriptor)
    if len(key) != LENGTH:
        logger.warning("%s was damaged; another key takes its place.", path)
        return None
    if status.st_mode & 0o077:
        logger.warning("%s could be read by others; another key takes its place.", path)
        return None
    return key


def _make(path: Path) -> bytes:
    key = secrets.token_bytes(LENGTH)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, key, mode=0o600)
    return key
