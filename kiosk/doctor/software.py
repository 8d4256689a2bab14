"""What is installed, what is set, and whether it runs.

What is installed here.
"""

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from kiosk.doctor.commands import Run, run
from kiosk.doctor.finding import Finding, bad, ok, skipped, warn

OLDEST_PYTHON = (3, 11)

SLOW_RENDERING = 5.0
"""Seconds for a word; a small board takes one."""

MANY_RESTARTS = 5

_REINSTALL = "Run the installer of the kiosk again: sudo ./install.sh"
_JOURNAL = "journalctl -u kiosk -n 50"


def version(kiosk: str, system: str, board: str) -> Finding:
    """Which kiosk this is, and on what."""
    where = " on ".join(filter(None, (system, board)))
    return ok("version", f"kiosk {kiosk}{f', {where}' if where else ''}.")


def packages(python: tuple[int, int, int], missing: Sequence[str], count: int) -> Finding:
    """Python itself, and of `count` packages those that are `missing`."""
    name, number = "python", ".".join(map(str, python))
    if python[:2] < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        return bad(name, f"Python is {number}; the kiosk needs {oldest} or later.", _REINSTALL)
    if missing:
        return bad(name, f"Python packages are missing: {', '.join(missing)}.", _REINSTALL)
    return ok(name, f"Python {number}, with all {count} packages.")


def settings(problems: Sequence[str], file: str) -> Finding:
    """What is wrong with the settings."""
    if problems:
        do = f"Correct them in {file}, in the environment, or on the page Settings."
        return bad("settings", f"Settings cannot be used: {' '.join(problems)}", do)
    return ok("settings", "All settings can be used.")


def voice(error: str, took: float, sound_s: float) -> Finding:
    """How the speech engine rendered a word: the `error`, or how long it took and sounds."""
    if error:
        do = "sudo apt install espeak-ng, or choose another voice on the page Settings."
        return bad("voice", f"The voice cannot speak. {error}", do)
    if sound_s < 0.05:
        do = "Choose another voice on the page Settings."
        return bad("voice", "The voice renders silence.", do)
    told = f"The voice renders a word in {took:.1f} s."
    if took > SLOW_RENDERING:
        do = "See what else keeps this machine busy (top), and whether it is too warm."
        return warn("voice", f"{told} That is slow: a new program takes long to prepare.", do)
    return ok("voice", told)


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What systemd says of the kiosk's unit."""

    known: bool
    active: str = ""
    """`active`, `failed`, `inactive`, `activating`…"""

    enabled: bool = False
    restarts: int = 0


def service(facts: ServiceFacts | None, *, kiosk_runs: bool) -> Finding:
    """Whether the kiosk runs, and whether it does so after a power cut; `None` where there is no
    systemd to ask.
    """
    name = "service"
    if facts is None or not facts.known:
        why = "The kiosk is not installed as a service"
        return skipped(
            name, f"{why}; one that was started by hand runs." if kiosk_runs else f"{why}."
        )
    if facts.active == "failed":
        return bad(
            name,
            "The service has failed.",
            f"{_JOURNAL} says why; then: sudo systemctl restart kiosk",
        )
    if facts.active not in ("active", "reloading"):
        do = f"sudo systemctl start kiosk; if it does not stay, {_JOURNAL} says why."
        return bad(name, f"The service does not run (it is {facts.active or 'unknown'}).", do)
    if not facts.enabled:
        do = "sudo systemctl enable kiosk"
        return warn(name, "The service runs, but would not start after a power cut.", do)
    if facts.restarts >= MANY_RESTARTS:
        told = f"The service runs, but had to be started anew {facts.restarts} times."
        return warn(name, told, f"{_JOURNAL} says why.")
    return ok(name, "The service runs, and starts by itself after a power cut.")


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
