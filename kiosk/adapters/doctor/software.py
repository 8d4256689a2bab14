"""What is installed here."""

import re
import sys
from collections.abc import Callable, Iterable
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from kiosk.adapters.doctor.commands import Run, run
from kiosk.desk.findings.software import ServiceFacts

PROJECT = "exercise-kiosk"
UNIT = "kiosk.service"

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def python_version() -> tuple[int, int, int]:
    """The Python that runs this."""
    return sys.version_info[:3]


def required(project: str = PROJECT) -> tuple[str, ...]:
    """The names of the packages the kiosk needs; none where it was not installed as a package."""
    try:
        wanted = metadata.requires(project) or []
    except metadata.PackageNotFoundError:
        return ()
    names = (_NAME.match(one) for one in wanted if "extra ==" not in one)
    return tuple(match[0] for match in names if match)


def missing(
    names: Iterable[str],
    *,
    raspberry_pi: bool,
    find: Callable[[str], object | None] = find_spec,
) -> tuple[str, ...]:
    """Those of the packages that are not there; on a Raspberry Pi lgpio is needed, too."""
    gone = []
    for name in names:
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            gone.append(name)
    if raspberry_pi and find("lgpio") is None:
        gone.append("lgpio (sudo apt install python3-lgpio)")
    return tuple(gone)


def system_name(root: Path = Path("/")) -> str:
    """What the operating system calls itself."""
    try:
        text = (root / "etc/os-release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    found = re.search(r'^PRETTY_NAME="?(.*?)"?$', text, re.MULTILINE)
    return found[1] if found else ""


def service_facts(ask: Run = run) -> ServiceFacts | None:
    """What systemd says of the kiosk's unit; `None` where there is no systemd."""
    wanted = "--property=LoadState,ActiveState,UnitFileState,NRestarts"
    answer = ask(["systemctl", "show", UNIT, wanted])
    if answer is None:
        return None
    values = dict(line.partition("=")[::2] for line in answer.splitlines())
    restarts = values.get("NRestarts", "")
    return ServiceFacts(
        known=values.get("LoadState") not in (None, "", "not-found"),
        active=values.get("ActiveState", ""),
        enabled=values.get("UnitFileState", "").startswith("enabled"),
        restarts=int(restarts) if restarts.isdecimal() else 0,
    )
