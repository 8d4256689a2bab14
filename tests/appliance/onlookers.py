"""Looks on at the pages from many browsers at once, until standard input ends.

Runs in the network of the machine that is looked at. Prints `there` once all have a first picture,
and at the end how many pictures each has got.
"""

import sys
import time
from contextlib import ExitStack

from tests.browser.clients import viewers

ADDRESS = "http://127.0.0.1:8080"
SOURCES = ("127.0.0.1", "127.0.0.2")
"""One device gets half of the places at the most."""


def main() -> None:
    number = int(sys.argv[1])
    with ExitStack() as looking:
        present = []
        for source in SOURCES:
            present += looking.enter_context(viewers(ADDRESS, number // len(SOURCES), source))
        while not all(viewer.seen() for viewer in present):
            assert not any(viewer.ended for viewer in present)
            time.sleep(0.1)
        sys.stdout.write("there\n")
        sys.stdout.flush()
        sys.stdin.read()
    sys.stdout.write(" ".join(str(len(viewer.seen())) for viewer in present) + "\n")


if __name__ == "__main__":
    main()
