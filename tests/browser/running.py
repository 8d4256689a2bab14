"""A real kiosk with its pages, in a process of its own: its address, its button, what it prints."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.service.running import RunningKiosk, a_kiosk

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

    def code(self) -> str:
        """The six digits it says next, or has said since they were last asked for."""
        return self._told(TELLS_CODE).rstrip(".")

    def _told(self, begin: str) -> str:
        """What follows on the line of its log that says `begin`."""
        self.kiosk.wait_for(begin)
        before = self.kiosk.log[: self.kiosk._read_to]
        self.kiosk.wait_for("\n")
        return self.kiosk.log[len(before) : self.kiosk._read_to].strip()


@contextmanager
def a_kiosk_with_pages(state: Path, *options: str) -> Iterator[RunningKioskWithPages]:
    """A silent kiosk in simulation, its pages at a free port of this machine and nowhere else."""
    pages = ("--host", "127.0.0.1", "--port", "0", "--audio-device", "none")
    with a_kiosk(state, *pages, *options) as kiosk:
        yield RunningKioskWithPages(kiosk)
