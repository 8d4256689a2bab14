"""The machine itself: its clock, its warmth, its power.

What the board tells of its warmth and its power.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from kiosk.doctor.commands import Run, run
from kiosk.doctor.finding import Finding, bad, ok, skipped, warn

WARM = 75.0
HOT = 82.0
"""Degrees Celsius; from 80 on a Raspberry Pi slows itself down."""

UNDER_VOLTAGE = 0x1
SLOWED = 0x2 | 0x4 | 0x8
SINCE_START = 16
"""By how many bits what has been the case since the start is shifted."""

_POWER = "Use the power supply that was made for this board, and a short cable."


def clock(*, trusted: bool, shown: str) -> Finding:
    """Whether the time can be believed."""
    if trusted:
        return ok("clock", f"It is {shown}, and the time can be believed.")
    do = "Connect the kiosk to the network, or give the board a clock with a battery."
    told = f"It shows {shown}, and has not been set since the start; reminders wait until it is."
    return warn("clock", told, do)


def time_zone(zone: str, *, chosen: bool, error: str = "") -> Finding:
    """Whether the plan's times are the household's."""
    name = "time zone"
    if error:
        return bad(name, error, "Choose one on the page Settings.")
    if zone in ("UTC", "Etc/UTC") and not chosen:
        do = "Choose one on the page Settings, or: sudo timedatectl set-timezone Europe/Oslo"
        return warn(name, "Nobody has said in which time zone the kiosk is; it goes by UTC.", do)
    return ok(name, f"{zone}.")


@dataclass(frozen=True, slots=True)
class BoardFacts:
    """What the board tells of itself; `None` for what it does not."""

    celsius: float | None = None
    throttled: int | None = None
    """The Raspberry Pi's own bits: what is the case now, and what was since the start."""


def temperature(facts: BoardFacts) -> Finding:
    """Whether it is too warm."""
    name = "temperature"
    if facts.celsius is None:
        return skipped(name, "This machine does not tell how warm it is.")
    told = f"{facts.celsius:.0f} °C."
    do = "Give it air: take it out of a closed box, or add a heat sink."
    if facts.celsius >= HOT:
        return bad(name, f"{told} It slows itself down.", do)
    if facts.celsius >= WARM:
        return warn(name, told, do)
    return ok(name, told)


def power(facts: BoardFacts) -> Finding:
    """Whether the power supply is strong enough."""
    name, bits = "power", facts.throttled
    if bits is None:
        return skipped(name, "This machine does not tell how its power is.")
    if bits & UNDER_VOLTAGE:
        told = "The voltage is too low: the card may lose data, and sound may break off."
        return bad(name, told, _POWER)
    if bits & SLOWED:
        return warn(name, "The board has to slow itself down.", f"{_POWER} See that it gets air.")
    if bits >> SINCE_START & UNDER_VOLTAGE:
        return warn(name, "The voltage was too low at times since the start.", _POWER)
    return ok(name, "The voltage is right, and was since the start.")


THERMAL = "sys/class/thermal/thermal_zone0/temp"
THROTTLED = "sys/devices/platform/*/*:firmware/get_throttled"
ALARM = "sys/class/hwmon/*/in0_lcrit_alarm"
"""Where the Raspberry Pi's own driver tells of too low a voltage, and nothing else."""


def board_facts(ask: Run = run, root: Path = Path("/")) -> BoardFacts:
    """All it tells, by its files or else by the Raspberry Pi's own command."""
    return BoardFacts(_celsius(root), _throttled(ask, root))


def _celsius(root: Path) -> float | None:
    try:
        return int((root / THERMAL).read_text(encoding="ascii")) / 1000
    except (OSError, ValueError):
        return None


def _throttled(ask: Run, root: Path) -> int | None:
    for file in root.glob(THROTTLED):
        try:
            return int(file.read_text(encoding="ascii"), 16)
        except (OSError, ValueError):
            continue
    found = re.search(r"throttled=0x([0-9a-fA-F]+)", ask(["vcgencmd", "get_throttled"]) or "")
    return int(found[1], 16) if found else _alarm(root)


def _alarm(root: Path) -> int | None:
    for file in root.glob(ALARM):
        try:
            driver = (file.parent / "name").read_text(encoding="ascii").strip()
            if driver == "rpi_volt":
                return int(file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            continue
    return None
