"""Has children that work until somebody kills them.

Reads lines with a kind of work, a seed and a state directory. For each it makes a child, prints
`pid` and its id, and once it has ended `gone`. The child prints `done` each time that something is
kept for good.
"""

import itertools
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from kiosk.store.files import StateLock
from kiosk.store.opening import open_store
from kiosk.store.restore import PENDING, restore_backup, restore_pending
from tests.store.kit import DAY, NOW, data_file
from tests.store.random_work import change_something


def main() -> None:
    for line in sys.stdin:
        work, seed, state = line.rstrip("\n").split(" ", 2)
        child = os.fork()
        if child == 0:
            say(f"pid {os.getpid()}")
            for _ in WORK[work](Path(state), Random(int(seed))):  # noqa: S311
                say("done")
            os._exit(1)
        os.waitpid(child, 0)
        say("gone")


def change(state: Path, random: Random) -> Iterator[None]:
    """Change one thing after the other."""
    store = open_store(state, NOW).store
    while True:
        change_something(store, random)
        yield


def back_up(state: Path, random: Random) -> Iterator[None]:
    """Let the nights go by."""
    store = open_store(state, NOW).store
    for night in itertools.count(random.randrange(10_000)):
        store.backup_if_due(NOW + night * DAY)
        yield


def restore(state: Path, random: Random) -> Iterator[None]:
    """Restore the two backups beside the state directory in turn."""
    names = ["one.backup", "two.backup"]
    random.shuffle(names)
    for name in itertools.cycle(names):
        restore_backup(state, state.parent / name, NOW)
        yield


def mend(state: Path, _random: Random) -> Iterator[None]:
    """Damage the file and have it mended."""
    while True:
        data_file(state).write_bytes(b"garbage")
        open_store(state, NOW).store.close()
        yield


def start_anew(state: Path, random: Random) -> Iterator[None]:
    """Hand in the two backups beside the state directory in turn, and start the kiosk with each."""
    names = ["one.backup", "two.backup"]
    random.shuffle(names)
    for name in itertools.cycle(names):
        upload = state / ".temporary-upload"
        upload.write_bytes((state.parent / name).read_bytes())
        upload.replace(state / PENDING)
        with StateLock.take(state) as lock:
            restore_pending(state, lock, NOW)
        yield


WORK: dict[str, Callable[[Path, Random], Iterator[None]]] = {
    "change": change,
    "back_up": back_up,
    "restore": restore,
    "mend": mend,
    "start_anew": start_anew,
}


def say(what: str) -> None:
    os.write(1, f"{what}\n".encode())


if __name__ == "__main__":
    main()
