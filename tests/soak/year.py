"""A year with the kiosk, one day after the other, as a seed has it."""

import ctypes
import gc
import re
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from tests.soak.actions import ACTIONS, PLAN, Exerciser, cut_power, restart, restore_backup
from tests.soak.invariants import grows_evenly, is_flat
from tests.soak.kiosk import SoakKiosk
from tests.soak.programs import ARMS

DAY = 24 * 3600.0

WEEK = 7

RESTARTING = frozenset({restart, cut_power, restore_backup})
"""Actions after which the kiosk is started again."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the process holds of the machine at one moment."""

    day: int
    blocks: int
    """Pieces of memory that Python's objects take, after a collection of garbage."""

    memory: int
    """Kilobytes of data, after what is free was given back to the system. Pages of files are not
    among them: how many of those are the process's own depends on who else has them."""

    held: int
    """The same before that: what the system's allocator has not given back by itself."""

    threads: int
    files: int
    stored: int
    """Bytes of the store."""

    @classmethod
    def now(cls, day: int, store: Path) -> "Figures":
        for _ in range(3):
            gc.collect()
        held = _own_memory()
        ctypes.CDLL(None).malloc_trim(0)
        return cls(
            day=day,
            blocks=sys.getallocatedblocks(),
            memory=_own_memory(),
            held=held,
            threads=threading.active_count(),
            files=sum(1 for _ in Path("/proc/self/fd").iterdir()),
            stored=store.stat().st_size,
        )


def _own_memory() -> int:
    summary = Path("/proc/self/smaps_rollup").read_text()
    found = re.search(r"^Anonymous: +(\d+)", summary, re.MULTILINE)
    assert found is not None
    return int(found[1])


class Year:
    """The days of one kiosk; with `one_life` nothing restarts it."""

    def __init__(
        self,
        clips: Path,
        seed: int,
        *,
        one_life: bool = False,
        log: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self.seed = seed
        self.soak = SoakKiosk(clips)
        self.figures: list[Figures] = []
        self.day = 0
        self._without = RESTARTING if one_life else frozenset()
        self._one_life = one_life
        self._log = log
        self._exerciser = Exerciser(self.soak, self._without)
        for entry in PLAN:
            self.soak.caregiver.send_form("/schedule/new", "/schedule/new", do="save", **entry)
        assert len(self.soak.plan()) == len(PLAN)

    def run(self, days: int) -> None:
        """Let so many days pass. Raises BrokenRuleError."""
        for _ in range(days):
            self._run_day()
            self.day += 1
            if self.day % WEEK == 0:
                self._measure()

    def _run_day(self) -> None:
        soak = self.soak
        random = Random(f"{self.seed} {self.day}")  # noqa: S311
        # The words are a part of the seed, by which a year can be run again.
        self._exerciser.random = Random(f"{self.seed} {self.day} of the dweller")  # noqa: S311
        for action, often in ACTIONS.items():
            # Drawn for each, so that leaving one out leaves the others as they are.
            at, happens, own = random.uniform(0, DAY), random.random() < often, random.random()
            if happens and action not in self._without:
                soak.later(at, partial(soak.do, action, Random(own)))  # noqa: S311
        soak.run_for(soak.began + (self.day + 1) * DAY - soak.clock.now())
        soak.check_no_faults()
        if soak.can_store:
            soak.observer.check_history(soak.kiosk)

    def _measure(self) -> None:
        soak = self.soak
        if not (soak.at_rest and soak.is_faultless_for(0.0)):
            return
        if self._one_life and soak.live_pages:
            # Each has a connection, and some stay open when others have been closed long ago.
            return
        if not self._one_life:
            # What a run gathers goes with it; what is left over from one to the next would stay.
            soak.shut_down()
            soak.start()
        soak.kiosk.preparer.prepare(ARMS)
        soak.observer.listener.session = None
        self.figures.append(Figures.now(self.day, soak.disk.data))
        counts = soak.observer.counts
        so_far = f"{counts['sessions']} sessions, {counts['calls']} calls, {soak.starts} starts"
        self._log(f"day {self.day}: {so_far}; {self.figures[-1]}")

    def judge(self) -> Iterator[str]:
        """Whether the figures stay flat, and the store grows evenly, line by line."""
        for name, most in (("blocks", 0.03), ("memory", 0.08), ("threads", 0.0), ("files", 0.0)):
            series = [float(getattr(one, name)) for one in self.figures]
            yield f"{name}: {is_flat(name, series, most):+.2%} from the second to the last quarter"
        stored = [float(one.stored) for one in self.figures]
        yield f"stored: {grows_evenly('stored', stored, 1.5):.2f} times as much in the second half"
