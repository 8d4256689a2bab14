"""A child that does as it is asked; the others do so up to a point.

Run as `polite.py MODE`: each mode is a function. One that takes a request meets each request after
the greeting; one that takes none is all that the child does.
"""

import inspect
import json
import os
import sys
import time
import wave
from contextlib import suppress
from pathlib import Path


def say(**message):
    write(json.dumps(message) + "\n")


def write(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def wait_for_ever():
    while True:
        time.sleep(3600)


# At the start


def exit_at_once():
    sys.stderr.write("no such thing\n")
    sys.exit(3)


def say_nothing():
    wait_for_ever()


def greet_with_nonsense():
    write("Good morning!\n")
    wait_for_ever()


def greet_with_the_wrong_thing():
    say(hello="world")
    wait_for_ever()


def be_deaf():
    """Never reads what it is asked."""
    greet()
    wait_for_ever()


def list_no_voices():
    greet()
    for line in sys.stdin:
        say(id=json.loads(line)["id"], voices="none of your business")


# Over each text


def behave(request):
    with wave.open(request["into"], "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(22_050)
        file.writeframes(b"\x00\x20" * 2205)
    say(id=request["id"])


def hang(_request):
    wait_for_ever()


def hang_without_a_word(_request):
    """Its standard error has ended, too."""
    os.close(2)
    wait_for_ever()


def crash(_request):
    os.abort()


def crash_once(request):
    """Aborts over the first text unless a file says that it did so before."""
    been_here = Path(sys.argv[2])
    if not been_here.exists():
        been_here.touch()
        os.abort()
    behave(request)


def talk_garbage(_request):
    sys.stdout.buffer.write(b"\x00\xff\xfe garbage\n")
    sys.stdout.flush()


def talk_without_end(_request):
    while True:
        write("la " * 10_000)


def answer_a_list(_request):
    write("[1, 2, 3]\n")


def answer_something_else(request):
    say(id=request["id"] + 1)


def answer_twice(request):
    behave(request)
    say(id=request["id"])


def claim_a_file(request):
    say(id=request["id"])


def write_no_sound(request):
    Path(request["into"]).write_text("not a sound")
    say(id=request["id"])


def fail_for_no_known_reason(request):
    say(id=request["id"], kind=["mood"], error="not today")


def complain_a_lot(request):
    for _ in range(100):
        sys.stderr.write("oh dear " * 1000 + "\n")
    sys.stderr.flush()
    behave(request)


def close_its_errors(request):
    with suppress(OSError):  # they are closed already
        os.close(2)
    behave(request)


def greet():
    say(engine="polite 1")


if __name__ == "__main__":
    act = globals()[sys.argv[1]]
    if not inspect.signature(act).parameters:
        act()
        sys.exit()
    greet()
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "voices":
            say(id=request["id"], voices=[["gmw/en", "English", "en"]])
        else:
            act(request)
