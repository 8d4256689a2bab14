"""What a bug would do, let into an installed kiosk: one of its threads freezes, or dies.

The kiosk knows nothing of it. It is put among its packages, is hatched as Python starts, and looks
at every call of every thread, for the one that it has been told to befall.
"""

import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType, SimpleNamespace

ORDER = Path("/run/kiosk/bug")
"""A line that says what is to happen and to which thread; read at SIGUSR1."""


def hatch() -> None:
    """Before the kiosk's threads begin, which are all under watch from then on."""
    orders: dict[str, str] = {}

    def take_order(_number: int, _frame: FrameType | None) -> None:
        what, _, thread = ORDER.read_text().strip().partition(" ")
        if what == "edges":
            # Where there are no pins there is no thread of theirs; this one has never been alive.
            sys.modules["lgpio"] = SimpleNamespace(_notify_thread=threading.Thread(), error=OSError)  # type: ignore[assignment]
        else:
            orders[thread] = what

    def befall(_frame: FrameType, _event: str, _argument: object) -> None:
        if not orders:
            return
        match orders.pop(threading.current_thread().name, None):
            case "freeze":
                while True:
                    time.sleep(3600)
            case "fail":
                raise RuntimeError("a bug")

    signal.signal(signal.SIGUSR1, take_order)
    threading.settrace(befall)
