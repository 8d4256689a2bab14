"""The usual loop: speak, wait until it has been spoken, sleep."""

import time

import pyttsx3

from tests.bench.peers.exercise import COUNTS, EVERY, SENTENCE, SENTENCES, Enter


def main() -> None:
    engine = pyttsx3.init()
    enter = Enter()
    enter.wait()
    for number in COUNTS:
        engine.say(number)
        engine.runAndWait()
        time.sleep(EVERY)
        enter.pause()
    for _ in range(SENTENCES):
        engine.say(SENTENCE)
        engine.runAndWait()
        enter.pause()
        time.sleep(1)


if __name__ == "__main__":
    main()
