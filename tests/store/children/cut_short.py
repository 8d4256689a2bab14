"""Starts kiosks on a pending backup, and has the power go at one step after the other.

Reads lines with a number and a state directory. For each it makes a child that takes the pending
backup and is gone before the step of that number: before it makes, names, opens or removes a file
for the so manieth time. Prints `cut`, or `whole` where there were not so many steps.
"""

import os
import sys
from pathlib import Path

from kiosk.store.files import StateLock
from kiosk.store.restore import restore_pending
from tests.store.kit import DAY, NOW

STEPS = frozenset({"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir"})
CUT = 9


def main() -> None:
    for line in sys.stdin:
        number, state = line.rstrip("\n").split(" ", 1)
        child = os.fork()
        if child == 0:
            start(Path(state), int(number))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        sys.stdout.write({0: "whole\n", CUT: "cut\n"}.get(code, f"ended with {code}\n"))
        sys.stdout.flush()


def start(state: Path, last: int) -> None:
    steps = 0

    def count(event: str, _arguments: object) -> None:
        nonlocal steps
        if event in STEPS:
            steps += 1
            if steps > last:
                os._exit(CUT)

    with StateLock.take(state) as lock:
        sys.addaudithook(count)
        restore_pending(state, lock, NOW + DAY)


if __name__ == "__main__":
    main()
