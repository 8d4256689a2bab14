"""A process of espeak-ng for each number, begun at its moment, however long the last one took."""

import subprocess
import time

from tests.bench.peers.exercise import COUNTS, EVERY, SENTENCE, SENTENCES, Enter


def main() -> None:
    enter = Enter()
    enter.wait()
    due = time.monotonic()
    for number in COUNTS:
        time.sleep(max(due - time.monotonic(), 0))
        subprocess.run(["espeak-ng", number], check=True)
        enter.pause()
        due += EVERY
    time.sleep(max(due - time.monotonic(), 0))
    for _ in range(SENTENCES):
        subprocess.run(["espeak-ng", SENTENCE], check=True)
        enter.pause()
        time.sleep(1)


if __name__ == "__main__":
    main()
