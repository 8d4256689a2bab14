"""Control groups: what the processes of one system may have, and where it counts its own."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ALL = Path("/sys/fs/cgroup")

IS_OLD = (ALL / "memory").is_dir()
"""Whether memory has a tree of its own, as the kernel had it first."""

TREE = ALL / "unified" if IS_OLD else ALL


@contextmanager
def group(folder: Path) -> Iterator[Path]:
    """A new one, gone with all in it when the context is left."""
    folder.mkdir()
    try:
        yield folder
    finally:
        for inner in sorted(folder.glob("**/"), reverse=True):
            inner.rmdir()


@dataclass(frozen=True)
class Limits:
    """A group that may have so much memory, and no more."""

    folder: Path

    def limit(self, size: int) -> None:
        name = "memory.limit_in_bytes" if IS_OLD else "memory.max"
        (self.folder / name).write_text(str(size))

    def processes_killed(self) -> int:
        """How many were ended because there was no memory left."""
        text = (self.folder / ("memory.oom_control" if IS_OLD else "memory.events")).read_text()
        found = re.search(r"^oom_kill (\d+)$", text, re.MULTILINE)
        assert found is not None
        return int(found[1])

    def most_used(self) -> int:
        """Bytes, with those of files."""
        name = "memory.max_usage_in_bytes" if IS_OLD else "memory.peak"
        return int((self.folder / name).read_text())


@contextmanager
def limits_of(megabytes: int) -> Iterator[Limits]:
    with group((ALL / "memory" if IS_OLD else ALL) / "kiosk-limits") as folder:
        limits = Limits(folder)
        limits.limit(megabytes << 20)
        yield limits
