"""A year in the house, one day after the other, as a seed has it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from tests.soak.deeds import DEEDS, PLAN, Deed, Dweller, kill, restart, restore_backup
from tests.soak.figures import Figures
from tests.soak.house import House
from tests.soak.invariants import grows_evenly, is_flat
from tests.soak.programs import ARMS

DAY = 24 * 3600.0

WEEK = 7

STARTS_ANEW = frozenset({restart, kill, restore_backup})
"""What ends one life of the kiosk, and begins another."""


class Year:
    """The days of one house; in `one_life` nothing starts the kiosk anew."""

    def __init__(
        self,
        clips: Path,
        seed: int,
        *,
        one_life: bool = False,
        tell: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self.seed = seed
        self.house = House(clips)
        self.figures: list[Figures] = []
        self.day = 0
        self._without = STARTS_ANEW if one_life else frozenset()
        self._one_life = one_life
        self._tell = tell
        self.dweller = Dweller(self.house, self._without)
        for entry in PLAN:
            self.house.caregiver.fill_in("/schedule/new", "/schedule/new", {**entry, "do": "save"})
        assert len(self.house.plan()) == len(PLAN)

    def live(self, days: int) -> None:
        """Let so many days pass. Raises BrokenRuleError."""
        for _ in range(days):
            self._live_a_day()
            self.day += 1
            if self.day % WEEK == 0:
                self._measure()

    def _live_a_day(self) -> None:
        house = self.house
        random = Random(f"{self.seed} {self.day}")  # noqa: S311
        self.dweller.random = Random(f"{self.seed} {self.day} of the dweller")  # noqa: S311
        for deed, often in DEEDS.items():
            # Drawn for each, so that leaving one out leaves the others as they are.
            at, happens, own = random.uniform(0, DAY), random.random() < often, random.random()
            if happens and deed not in self._without:
                house.later(at, self._do(deed, Random(own)))  # noqa: S311
        house.run_until(house.began + (self.day + 1) * DAY)
        self._see_that_all_is_well()

    def _do(self, deed: Deed, random: Random) -> Callable[[], None]:
        def act() -> None:
            self.house.do(deed, random)

        return act

    def _see_that_all_is_well(self) -> None:
        house = self.house
        house.see_whether_it_is_well()
        if house.can_keep and not house.off_by:
            house.witness.looks_through(house.kiosk)

    def _measure(self) -> None:
        house = self.house
        if not (house.at_rest and house.is_sound_since(0.0)):
            return
        if self._one_life and house.onlookers:
            # Each has a connection, and some look on when others have left long ago.
            return
        if not self._one_life:
            # What a life gathers goes with it; what is left over from one to the next would stay.
            house.close()
            house.open()
        house.kiosk.preparer.prepare(ARMS)
        house.witness.ear.session = None
        self.figures.append(Figures.now(self.day, house.disk.data))
        self._tell(f"day {self.day}: {self._so_far()}; {self.figures[-1]}")

    def _so_far(self) -> str:
        counts = self.house.witness.counts
        return f"{counts['sessions']} sessions, {counts['calls']} calls, {self.house.lives} starts"

    def judge(self) -> Iterator[str]:
        """Whether what is held stays flat, and what is kept grows evenly, line by line."""
        for name, most in (("blocks", 0.03), ("memory", 0.08), ("threads", 0.0), ("files", 0.0)):
            series = [float(getattr(one, name)) for one in self.figures]
            yield f"{name}: {is_flat(name, series, most):+.2%} from the second to the last quarter"
        kept = [float(one.kept) for one in self.figures]
        yield f"kept: {grows_evenly('kept', kept, 1.5):.2f} times as much in the second half"

    def leave(self) -> None:
        """Clear everything away."""
        self.house.leave()
