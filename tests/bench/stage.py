"""Where it is measured: a kiosk in a process of its own, its speaker recorded; what it uses."""

import os
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.audio.rig import AudioRig
from tests.browser.household import RunningKioskWithPages
from tests.service.running import a_plain_kiosk

HERE = {"KIOSK_HOST": "127.0.0.1", "KIOSK_PORT": "0", "KIOSK_LEAD_IN_MS": "0"}
"""Pages that this machine alone sees, and a speaker that is awake at once, as one on a wire is."""

TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def a_kiosk_heard(
    rig: AudioRig, state: Path, program: str, settings: Mapping[str, str] = HERE
) -> Iterator[RunningKioskWithPages]:
    """A kiosk that plays into `rig`."""
    options = ("--program", program)
    with a_plain_kiosk(state, *options, settings={**settings, **rig.env}) as kiosk:
        yield RunningKioskWithPages(kiosk)


@dataclass(frozen=True)
class Usage:
    """What a process and those that it started have of the machine, at some moment."""

    at: float
    """Seconds of this machine's monotonic clock."""

    cpu: float
    """Seconds of a core since they were started."""

    memory: float
    """Megabytes that are their own, and their share of what others use, too (PSS)."""

    threads: int
    files: int
    written: int
    """Bytes sent to the disk."""

    @classmethod
    def of(cls, process: int) -> "Usage":
        """Raises OSError where it has ended."""
        cpu, memory = _cpu(process), _pss(process)
        for child in _children(process):
            with suppress(OSError):  # it has ended since
                cpu, memory = cpu + _cpu(child), memory + _pss(child)
        return cls(
            time.monotonic(),
            cpu,
            memory / 1024,
            len(list(Path(f"/proc/{process}/task").iterdir())),
            len(list(Path(f"/proc/{process}/fd").iterdir())),
            _written(process),
        )

    def load_since(self, before: "Usage") -> float:
        """Percent of one core that has been used on average since `before`."""
        return 100 * (self.cpu - before.cpu) / (self.at - before.at)


def _children(process: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").iterdir():
        with suppress(OSError):  # a thread that has ended since
            found += [int(word) for word in (task / "children").read_text().split()]
    return found


def _cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    # User and system time of itself, and of the children that have ended.
    return sum(int(fields[place]) for place in (11, 12, 13, 14)) / TICKS


def _pss(process: int) -> int:
    return _found(r"^Pss: +(\d+)", Path(f"/proc/{process}/smaps_rollup"))


def _written(process: int) -> int:
    return _found(r"^write_bytes: (\d+)", Path(f"/proc/{process}/io"))


def _found(pattern: str, file: Path) -> int:
    found = re.search(pattern, file.read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])
