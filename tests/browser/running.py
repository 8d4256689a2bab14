"""A real kiosk with its pages, in a process of its own: its address, its button, what it prints."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.browser.household import live_in, set_up, store_of
from tests.service.running import RunningKiosk, a_kiosk, a_plain_kiosk

TELLS_ADDRESS = "The pages are at "
TELLS_CODE = "The code is "


class RunningKioskWithPages:
    """The kiosk, once its pages are there."""

    def __init__(self, kiosk: RunningKiosk) -> None:
        self.kiosk = kiosk
        self.address = self._told(TELLS_ADDRESS).rstrip("/")

    def at(self, path: str) -> str:
        """The whole address of a page, such as `/schedule`."""
        return self.address + path

    def press(self) -> None:
        self.kiosk.type("")

    def hold(self) -> None:
        self.kiosk.type("hold")

    def hold_on(self) -> None:
        """For so long that it says a code."""
        self.kiosk.type("hold on")

    def code(self) -> str:
        """The six digits it says next, or has said since they were last asked for."""
        return self._told(TELLS_CODE).rstrip(".")

    def _told(self, begin: str) -> str:
        """What follows on the line of its log that says `begin`."""
        self.kiosk.wait_for(begin)
        before = self.kiosk.log[: self.kiosk._read_to]
        self.kiosk.wait_for("\n")
        return self.kiosk.log[len(before) : self.kiosk._read_to].strip()


HERE = ("--host", "127.0.0.1", "--port", "0")


@contextmanager
def a_kiosk_with_pages(state: Path, *options: str) -> Iterator[RunningKioskWithPages]:
    """A silent kiosk in simulation, its pages at a free port of this machine and nowhere else."""
    with a_kiosk(state, *HERE, "--audio-device", "none", *options) as kiosk:
        yield RunningKioskWithPages(kiosk)


@contextmanager
def a_lived_in_kiosk(state: Path) -> Iterator[RunningKioskWithPages]:
    """The same with a household that has lived with it for six weeks; nothing is set by force."""
    with store_of(state) as store:
        set_up(store)
        live_in(store, datetime.now(UTC))
    with a_plain_kiosk(state, *HERE, settings={}) as kiosk:
        yield RunningKioskWithPages(kiosk)
