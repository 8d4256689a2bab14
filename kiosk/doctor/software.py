"""The software: version, Python and its packages, settings, and the service of systemd."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from kiosk import __version__
from kiosk.doctor.finding import Finding, Run, bad, ok, run, skipped, warn
from kiosk.hardware.board import board_name

PROJECT = "exercise-kiosk"
UNIT = "kiosk.service"

OLDEST_PYTHON = (3, 11)
MANY_RESTARTS = 5

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_REINSTALL = "Run the installer of the kiosk again: sudo ./install.sh"
_JOURNAL = "journalctl -u kiosk -n 50"


def check_packages(*, raspberry_pi: bool) -> Iterator[Finding]:
    """Check the kiosk's version, Python, and the packages that the kiosk requires.

    Needs none of those packages itself, so that it can report one that is missing.
    """
    names = required()
    yield check_version(__version__)
    gone = missing(names, raspberry_pi=raspberry_pi)
    yield judge_packages(sys.version_info[:3], gone, len(names))


def required(project: str = PROJECT) -> tuple[str, ...]:
    """Names of the packages that `project` requires; none where it is not installed as one."""
    try:
        requirements = metadata.requires(project) or []
    except metadata.PackageNotFoundError:
        return ()
    names = (_NAME.match(one) for one in requirements if "extra ==" not in one)
    return tuple(match[0] for match in names if match)


def missing(
    names: Iterable[str],
    *,
    raspberry_pi: bool,
    find: Callable[[str], object | None] = find_spec,
) -> tuple[str, ...]:
    """Those of the packages `names` that are not installed, and lgpio on a Raspberry Pi."""
    gone = []
    for name in names:
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            gone.append(name)
    if raspberry_pi and find("lgpio") is None:
        gone.append("lgpio (sudo apt install python3-lgpio)")
    return tuple(gone)


def check_version(kiosk: str, root: Path = Path("/")) -> Finding:
    """The kiosk's version, the operating system's name for itself and the board's; always `ok`."""
    system, os_release = "", root / "etc/os-release"
    with suppress(OSError):
        text = os_release.read_text(encoding="utf-8", errors="replace")
        found = re.search(r'^PRETTY_NAME="?(.*?)"?$', text, re.MULTILINE)
        system = found[1] if found else ""
    where = " on ".join(filter(None, (system, board_name(root))))
    return ok("version", f"kiosk {kiosk}{f', {where}' if where else ''}.")


def judge_packages(python: tuple[int, int, int], missing: Sequence[str], count: int) -> Finding:
    """Whether Python is new enough, and none of the `count` packages is `missing`."""
    name, number = "python", ".".join(map(str, python))
    if python[:2] < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        return bad(name, f"Python is {number}; the kiosk needs {oldest} or later.", _REINSTALL)
    if missing:
        return bad(name, f"Python packages are missing: {', '.join(missing)}.", _REINSTALL)
    return ok(name, f"Python {number}, with all {count} packages.")


def judge_settings(problems: Sequence[str], file: str) -> Finding:
    """Whether all settings can be used; `file` is the settings file."""
    if problems:
        do = f"Correct them in {file}, in the environment, or on the page Settings."
        return bad("settings", f"Settings cannot be used: {' '.join(problems)}", do)
    return ok("settings", "All settings can be used.")


def check_service(*, kiosk_runs: bool, ask: Run = run) -> Finding:
    """Whether the kiosk's unit of systemd runs, and would start after a power cut."""
    name = "service"
    properties = "--property=LoadState,ActiveState,UnitFileState,NRestarts"
    answer = ask(["systemctl", "show", UNIT, properties]) or ""
    values = dict(line.partition("=")[::2] for line in answer.splitlines())
    if values.get("LoadState") in (None, "", "not-found"):
        what = "The kiosk is not installed as a service"
        by_hand = "; one that was started by hand runs" if kiosk_runs else ""
        return skipped(name, f"{what}{by_hand}.")
    state = values.get("ActiveState", "")
    if state == "failed":
        do = f"{_JOURNAL} says why; then: sudo systemctl restart kiosk"
        return bad(name, "The service has failed.", do)
    if state not in ("active", "reloading"):
        do = f"sudo systemctl start kiosk; if it does not stay, {_JOURNAL} says why."
        return bad(name, f"The service does not run (it is {state or 'unknown'}).", do)
    if not values.get("UnitFileState", "").startswith("enabled"):
        do = "sudo systemctl enable kiosk"
        return warn(name, "The service runs, but would not start after a power cut.", do)
    restarts = values.get("NRestarts", "")
    if restarts.isdecimal() and int(restarts) >= MANY_RESTARTS:
        what = f"The service runs, but had to be started anew {restarts} times."
        return warn(name, what, f"{_JOURNAL} says why.")
    return ok(name, "The service runs, and starts by itself after a power cut.")
