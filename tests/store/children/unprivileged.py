"""Tries to use stores that it may only look at.

Told a folder with two state directories in it, `used` and `new`. Prints what it reads and the
errors it gets.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from kiosk.errors import StoreError
from kiosk.store.files import StateLock
from tests.store.kit import NOW, a_line, opened

NOBODY = 65534


def main() -> None:
    folder = Path(sys.argv[1])
    # What Python loads on first use may lie where only root can read it.
    with opened(folder / "used") as store:
        store.sessions.between()
    if os.geteuid() == 0:
        os.setegid(NOBODY)
        os.seteuid(NOBODY)
    attempt("take the lock", lambda: StateLock.take(folder / "used"))
    attempt("make a store", lambda: opened(folder / "new").__enter__())
    with opened(folder / "used") as store:
        sys.stdout.write(f"sessions: {len(store.sessions.between())}\n")
        attempt("write", lambda: store.audit.add(a_line()))
        attempt("back up", lambda: store.backup_if_due(NOW))


def attempt(what: str, action: Callable[[], object]) -> None:
    try:
        action()
    except StoreError as error:
        sys.stdout.write(f"{what}: {error}\n")
    else:
        sys.stdout.write(f"{what}: it worked\n")


if __name__ == "__main__":
    main()
