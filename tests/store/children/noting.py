"""Opens a store and changes a setting as fast as it can, once it is told to begin.

Told the state directory, the setting's name, and how many values it is to have in turn. Prints
`ready`, and waits for the end of its standard input.
"""

import sys
from pathlib import Path

from kiosk.history.audit import Actor
from tests.store.kit import NOW, opened


def main() -> None:
    state, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    with opened(state, NOW) as store:
        for number in range(count):
            store.settings.set({name: str(number)}, Actor.COMMAND, NOW)


if __name__ == "__main__":
    main()
