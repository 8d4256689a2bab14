"""Writes until the system lets its files grow no more, then on after there is room again.

Told the state directory. Prints a line for each change once it is kept, the error where one is not,
and `room again`.
"""

import resource
import sys
from pathlib import Path

from kiosk.errors import StoreError
from tests.store.kit import a_line, a_session, data_file, opened

ROOM = 12 * 1024


def main() -> None:
    state = Path(sys.argv[1])
    with opened(state) as store:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (data_file(state).stat().st_size + ROOM, hard))
        for number in range(1000):
            try:
                store.audit.add(a_line(f"Line {number}, {'and so on, ' * 100}"))
            except StoreError as error:
                say(f"error: {error}")
                break
            say(f"kept: {number}")
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        say("room again")
        say(f"session: {store.sessions.begin(a_session())}")


def say(what: str) -> None:
    sys.stdout.write(what + "\n")


if __name__ == "__main__":
    main()
