"""The board: its time zone and clock, its temperature, its power supply."""

import re
from collections.abc import Iterator
from pathlib import Path

from kiosk.doctor.finding import Finding, Run, bad, ok, run, skipped, warn
from kiosk.errors import SettingsError
from kiosk.locale.problems import sentence
from kiosk.system.clock import SystemWallClock
from kiosk.system.time_zone import zone_of

WARM = 75.0
HOT = 82.0  # degrees Celsius; from 80 on a Raspberry Pi slows itself down

UNDER_VOLTAGE = 0x1
SLOWED = 0x2 | 0x4 | 0x8
SINCE_START = 16  # by how many bits the flags of what has happened since the start are shifted

THERMAL = "sys/class/thermal/thermal_zone0/temp"
THROTTLED = "sys/devices/platform/*/*:firmware/get_throttled"
ALARM = "sys/class/hwmon/*/in0_lcrit_alarm"
"""Under-voltage as the Raspberry Pi's hwmon driver reports it; it has no other flag."""

_SUPPLY = "Use the power supply that was made for this board, and a short cable."


def check_board(time_zone: str, *, raspberry_pi: bool) -> Iterator[Finding]:
    """Check time zone (`time_zone` is the setting), clock, temperature and power."""
    wall = SystemWallClock(raspberry_pi=raspberry_pi)
    try:
        zone = zone_of(time_zone)
    except SettingsError as error:
        zone = zone_of("UTC")
        yield judge_time_zone(time_zone, chosen=True, error=sentence(error.problems[0]))
    else:
        yield judge_time_zone(zone.key, chosen=bool(time_zone))
    shown = f"{wall.utc().astimezone(zone):%Y-%m-%d %H:%M}"
    yield judge_clock(trusted=wall.trusted(), shown=shown)
    yield check_temperature()
    yield check_power()


def judge_time_zone(zone: str, *, chosen: bool, error: str = "") -> Finding:
    """Whether the plan's times are in a zone that somebody has chosen (here or in the system)."""
    name = "time zone"
    if error:
        return bad(name, error, "Choose one on the page Settings.")
    if zone in ("UTC", "Etc/UTC") and not chosen:
        do = "Choose one on the page Settings, or: sudo timedatectl set-timezone Europe/Oslo"
        return warn(name, "Nobody has said in which time zone the kiosk is; it goes by UTC.", do)
    return ok(name, f"{zone}.")


def judge_clock(*, trusted: bool, shown: str) -> Finding:
    """Whether the time of day is trusted; `shown` is that time."""
    if trusted:
        return ok("clock", f"It is {shown}, and the time can be believed.")
    what = f"It shows {shown}, and has not been set since the start; reminders wait until it is."
    do = "Connect the kiosk to the network, or give the board a clock with a battery."
    return warn("clock", what, do)


def check_temperature(root: Path = Path("/")) -> Finding:
    """Whether the board is too warm, by the kernel's file below `root`."""
    name = "temperature"
    try:
        celsius = int((root / THERMAL).read_text(encoding="ascii")) / 1000
    except (OSError, ValueError):
        return skipped(name, "This machine does not tell how warm it is.")
    what = f"{celsius:.0f} °C."
    do = "Give it air: take it out of a closed box, or add a heat sink."
    if celsius >= HOT:
        return bad(name, f"{what} It slows itself down.", do)
    if celsius >= WARM:
        return warn(name, what, do)
    return ok(name, what)


def check_power(ask: Run = run, root: Path = Path("/")) -> Finding:
    """Whether the power supply is strong enough."""
    name, bits = "power", _read_throttled(ask, root)
    if bits is None:
        return skipped(name, "This machine does not tell how its power is.")
    if bits & UNDER_VOLTAGE:
        what = "The voltage is too low: the card may lose data, and sound may break off."
        return bad(name, what, _SUPPLY)
    if bits & SLOWED:
        return warn(name, "The board has to slow itself down.", f"{_SUPPLY} See that it gets air.")
    if bits >> SINCE_START & UNDER_VOLTAGE:
        return warn(name, "The voltage was too low at times since the start.", _SUPPLY)
    return ok(name, "The voltage is right, and was since the start.")


def _read_throttled(ask: Run, root: Path) -> int | None:
    """The throttling flags: bits 0-3 hold now, bits 16-19 have held since the start. From the
    kernel's files below `root` or else by `vcgencmd`; `None` where this machine has no such.
    """
    for file in root.glob(THROTTLED):
        try:
            return int(file.read_text(encoding="ascii"), 16)
        except (OSError, ValueError):
            continue
    found = re.search(r"throttled=0x([0-9a-fA-F]+)", ask(["vcgencmd", "get_throttled"]) or "")
    if found:
        return int(found[1], 16)
    for file in root.glob(ALARM):
        try:
            driver = (file.parent / "name").read_text(encoding="ascii").strip()
            if driver == "rpi_volt":
                return int(file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            continue
    return None
