"""What the process holds of the machine: whether it stays the same over the months."""

import ctypes
import gc
import re
import sys
import threading
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figures:
    """At one moment."""

    day: int
    blocks: int
    """Pieces of memory that Python's objects take, after everything that is over is thrown away."""

    memory: int
    """Kilobytes of data, after what is free was given back to the system. Pages of files are not
    among them: how many of those are the process's own depends on who else has them."""

    held: int
    """The same before that: what the system's allocator has not given back by itself."""

    threads: int
    files: int
    kept: int
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
            kept=store.stat().st_size,
        )


def _own_memory() -> int:
    summary = Path("/proc/self/smaps_rollup").read_text()
    found = re.search(r"^Anonymous: +(\d+)", summary, re.MULTILINE)
    assert found is not None
    return int(found[1])
