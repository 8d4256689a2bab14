"""What the board tells of its warmth and its power."""

import re
from pathlib import Path

from kiosk.adapters.doctor.commands import Run, run
from kiosk.desk.findings.board import BoardFacts

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
