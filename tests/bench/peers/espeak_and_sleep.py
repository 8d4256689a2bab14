"""A process of espeak-ng for each number, and sleep."""

import subprocess
import time

from tests.bench.peers.exercise import COUNTS, EVERY, SENTENCE, SENTENCES, Enter


def main() -> None:
    enter = Enter()
    enter.wait()
    for number in COUNTS:
        subprocess.run(["espeak-ng", number], check=True)
        time.sleep(EVERY)
        enter.pause()
    for _ in range(SENTENCES):
        subprocess.run(["espeak-ng", SENTENCE], check=True)
        enter.pause()
        time.sleep(1)


if __name__ == "__main__":
    main()
