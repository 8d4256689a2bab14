"""Sound files rendered before, and a process of aplay for each, begun at its moment."""

import subprocess
import tempfile
import time
from pathlib import Path

from tests.bench.peers.exercise import COUNTS, EVERY, SENTENCE, SENTENCES, Enter


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        texts = (*COUNTS, SENTENCE)
        files = {text: Path(folder) / f"{place}.wav" for place, text in enumerate(texts)}
        for text, file in files.items():
            subprocess.run(["espeak-ng", "-w", file, text], check=True)
        enter = Enter()
        enter.wait()
        due = time.monotonic()
        for number in COUNTS:
            time.sleep(max(due - time.monotonic(), 0))
            subprocess.run(["aplay", "--quiet", files[number]], check=True)
            enter.pause()
            due += EVERY
        time.sleep(max(due - time.monotonic(), 0))
        for _ in range(SENTENCES):
            subprocess.run(["aplay", "--quiet", files[SENTENCE]], check=True)
            enter.pause()
            time.sleep(1)


if __name__ == "__main__":
    main()
