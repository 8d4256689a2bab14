"""The kiosk's time zone: the one that is set, or else the system's."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from kiosk.errors import LONGEST_QUOTE, Problem, SettingsError

logger = logging.getLogger(__name__)


def zone_of(
    setting: str, environ: Mapping[str, str] = os.environ, root: Path = Path("/")
) -> ZoneInfo:
    """The time zone named `setting`, or the system's where it is empty.

    The system's is what `TZ` in `environ`, the link `etc/localtime` or the file `etc/timezone` in
    `root` name first; where none names one it is UTC, which the log says.

    Raises SettingsError where there is no time zone of that name.
    """
    if not setting:
        return _zone_of_system(environ, root)
    zone = _zone(setting)
    if zone is None:
        values = {"name": setting}
        near = " or ".join(_near(setting[:LONGEST_QUOTE]))
        raise SettingsError([Problem("time_zone", "", "zone.unknown", values, near)])
    return zone


def _zone_of_system(environ: Mapping[str, str], root: Path) -> ZoneInfo:
    for name in _names_of_system(environ, root):
        zone = _zone(name.rpartition("/zoneinfo/")[2])
        if zone is not None:
            return zone
    logger.warning(
        "The system does not say in which time zone it is, so times of day are in UTC. Set"
        " `time_zone`, to Europe/Oslo for example."
    )
    zone = _zone("UTC")
    if zone is None:
        raise SettingsError([Problem("time_zone", "", "zone.none")])
    return zone


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # unknown, no name of a zone at all, a folder
        return None


def _names_of_system(environ: Mapping[str, str], root: Path) -> Iterator[str]:
    yield environ.get("TZ", "").removeprefix(":")
    with suppress(OSError):
        yield str((root / "etc/localtime").readlink())
    with suppress(OSError, ValueError):
        yield (root / "etc/timezone").read_text(encoding="utf-8").partition("\n")[0].strip()


def _near(name: str) -> list[str]:
    """Up to three names that were probably meant: a city alone is enough to tell."""
    from difflib import get_close_matches  # noqa: PLC0415 - loaded where there is a mistake only

    wanted = name.lower().replace(" ", "_")
    zones: dict[str, str] = {}
    for zone in sorted(available_timezones()):
        zones.setdefault(zone.lower(), zone)
        if "/" in zone:
            zones.setdefault(zone.lower().rpartition("/")[2], zone)
    near = [wanted] if wanted in zones else get_close_matches(wanted, zones, n=3, cutoff=0.8)
    return list(dict.fromkeys(zones[match] for match in near))
