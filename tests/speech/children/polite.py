"""A child that does as it is told; the others are polite up to a point.

Run as `polite.py MODE`: each mode is one way to misbehave.
"""

import json
import os
import sys
import time
import wave
from pathlib import Path


def say(**message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def greet():
    say(engine="polite 1")


def write_sound(path):
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(22_050)
        file.writeframes(b"\x00\x20" * 2205)


def requests():
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "voices":
            say(id=request["id"], voices=[["gmw/en", "English", "en"]])
        else:
            yield request


def obey(request):
    write_sound(request["into"])
    say(id=request["id"])


def wait_for_ever():
    while True:
        time.sleep(3600)


def behave():
    greet()
    for request in requests():
        obey(request)


def exit_at_once():
    sys.stderr.write("no such thing\n")
    sys.exit(3)


def say_nothing():
    wait_for_ever()


def greet_with_nonsense():
    sys.stdout.write("Good morning!\n")
    sys.stdout.flush()
    wait_for_ever()


def greet_with_the_wrong_thing():
    say(hello="world")
    wait_for_ever()


def hang():
    greet()
    for _ in requests():
        wait_for_ever()


def hang_without_a_word():
    """Its standard error has ended, too."""
    greet()
    for _ in requests():
        os.close(2)
        wait_for_ever()


def crash():
    greet()
    for _ in requests():
        os.abort()


def crash_once():
    """Aborts over the first text unless a file says that it did so before."""
    been_here = Path(sys.argv[2])
    greet()
    for request in requests():
        if not been_here.exists():
            been_here.touch()
            os.abort()
        obey(request)


def talk_garbage():
    greet()
    for _ in requests():
        sys.stdout.buffer.write(b"\x00\xff\xfe garbage\n")
        sys.stdout.flush()


def talk_without_end():
    greet()
    for _ in requests():
        while True:
            sys.stdout.write("la " * 10_000)


def answer_a_list():
    greet()
    for _ in requests():
        sys.stdout.write("[1, 2, 3]\n")
        sys.stdout.flush()


def answer_something_else():
    greet()
    for request in requests():
        say(id=request["id"] + 1)


def answer_twice():
    greet()
    for request in requests():
        obey(request)
        say(id=request["id"])


def claim_a_file():
    greet()
    for request in requests():
        say(id=request["id"])


def write_no_sound():
    greet()
    for request in requests():
        Path(request["into"]).write_text("not a sound")
        say(id=request["id"])


def fail_for_no_known_reason():
    greet()
    for request in requests():
        say(id=request["id"], kind=["mood"], error="not today")


def list_no_voices():
    greet()
    for line in sys.stdin:
        say(id=json.loads(line)["id"], voices="none of your business")


def complain_a_lot():
    greet()
    for request in requests():
        for _ in range(100):
            sys.stderr.write("oh dear " * 1000 + "\n")
        sys.stderr.flush()
        obey(request)


def close_its_errors():
    greet()
    for request in requests():
        os.close(2)
        obey(request)


def be_deaf():
    """Never reads what it is asked."""
    greet()
    wait_for_ever()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
