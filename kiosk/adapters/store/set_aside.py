"""What was there before a backup was restored, or before damage was mended: it is kept beside the
data, under other names.
"""

import logging
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from kiosk.adapters.settings.toml_file import FILE_NAME as SETTINGS
from kiosk.adapters.store.files import FILE_NAME, stamp
from kiosk.adapters.store.ready import PROGRAMS, drop_beside, remove_tree

logger = logging.getLogger(__name__)

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
