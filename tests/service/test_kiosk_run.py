"""`kiosk run` as a person meets it: a process, a line for each press, signals to end it."""

import os
import pty
import signal
import sqlite3
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.audio.rig import AudioRig
from tests.processes import python
from tests.service.running import a_kiosk, read_until

SILENT = ("--audio-device", "none", "--verbose")


def test_press_pause_resume_and_hold(tmp_path):
    with a_kiosk(tmp_path, *SILENT) as kiosk:
        kiosk.type("")
        kiosk.wait_for("running, by prepared")
        kiosk.wait_for("exercise 1 of 1: Arm")
        kiosk.wait_for("repetition 1 of 1, lift")
        kiosk.type("")
        kiosk.wait_for("paused, by press")
        kiosk.type("")
        kiosk.wait_for("running, by press")
        kiosk.type("hold")
        kiosk.wait_for("paused, by press")
        kiosk.wait_for("stopped, by hold")


def test_the_end_of_input_leaves_it_running_and_a_session_comes_to_its_end(tmp_path):
    with a_kiosk(tmp_path, *SILENT) as kiosk:
        kiosk.type("press")
        kiosk.close_input()
        kiosk.wait_for("running, by prepared")
        kiosk.wait_for("repetition 1 of 1, lower")
        kiosk.wait_for("asking, by ended")
        assert kiosk.process.poll() is None


def test_a_line_that_means_nothing_is_answered_with_what_does(tmp_path):
    with a_kiosk(tmp_path, *SILENT) as kiosk:
        kiosk.type("start please")
        kiosk.wait_for("An empty line (Enter) is a short press")
        kiosk.type("")
        kiosk.wait_for("preparing, by press")


def test_numpy_is_not_loaded_to_play_a_session(tmp_path):
    # It is there for the tests; on a small board it would cost 11 MB.
    with AudioRig() as rig, rig.in_this_process(), a_kiosk(tmp_path, "--verbose") as kiosk:
        kiosk.type("")
        kiosk.wait_for("repetition 1 of 1, lift")
        loaded = Path(f"/proc/{kiosk.process.pid}/maps").read_text()

    assert "portaudio" in loaded
    assert "numpy" not in loaded


@pytest.mark.parametrize(
    ("program", "reached", "number"),
    [
        ("short", "exercise 1 of 1", signal.SIGTERM),
        ("short", "exercise 1 of 1", signal.SIGINT),
        ("hip-stretching", "preparing, by press", signal.SIGTERM),
    ],
    ids=["in a session", "in a session, by Ctrl-C", "while speech is rendered"],
)
def test_a_signal_ends_it_within_a_second(tmp_path, program, reached, number):
    with a_kiosk(tmp_path, *SILENT, "--program", program) as kiosk:
        kiosk.type("")
        kiosk.wait_for(reached)
        code, seconds = kiosk.end(number)

    assert code == 0
    assert seconds < 1.0


def test_a_program_that_is_not_there_is_named_and_the_kiosk_stays(tmp_path):
    with a_kiosk(tmp_path, *SILENT, "--program", "shrot") as kiosk:
        kiosk.wait_for("There is no program 'shrot'.")
        kiosk.wait_for("Did you mean short?")
        kiosk.type("")
        kiosk.wait_for("failed, by unprepared")
        assert kiosk.process.poll() is None


def test_bad_settings_are_reported_all_at_once_and_it_does_not_start(tmp_path):
    (tmp_path / "kiosk.toml").write_text("volume = 300\nspeed = 1\n")
    with a_kiosk(tmp_path, "--rate", "fast") as kiosk:
        assert kiosk.process.wait(timeout=20) == 1
        printed = kiosk.process.stdout.read().decode()

    assert "kiosk.toml: volume" in printed
    assert "kiosk.toml: speed" in printed
    assert "option --rate" in printed
    assert "Traceback" not in printed


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Our end of a terminal and the kiosk's, which it is to leave as it was."""
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    yield ours, theirs
    assert termios.tcgetattr(theirs) == before
    os.close(ours)
    os.close(theirs)


def test_on_a_terminal_it_shows_the_session_and_leaves_the_terminal_as_it_was(tmp_path, terminal):
    ours, theirs = terminal
    with a_kiosk(tmp_path, *SILENT[:2], terminal=theirs) as kiosk:
        read_until(ours, "press the button to begin")
        os.write(ours, b"\n")
        read_until(ours, "Arm")
        assert kiosk.end(signal.SIGINT)[0] == 0
        read_until(ours, "\x1b[?25h")  # the cursor is shown again


def test_after_the_power_was_cut_it_knows_where_the_session_was(tmp_path):
    with a_kiosk(tmp_path, *SILENT) as kiosk:
        kiosk.type("")
        kiosk.wait_for("repetition 1 of 1, lower")
        kiosk.process.kill()
        kiosk.process.wait()

    with a_kiosk(tmp_path, *SILENT) as kiosk:
        kiosk.wait_for("the last session was interrupted at exercise 1, repetition 1")
        kiosk.type("")
        kiosk.wait_for("preparing, by continue")
        kiosk.wait_for("repetition 1 of 1, carrying on")


def test_a_second_kiosk_on_the_same_folders_is_refused(tmp_path):
    with a_kiosk(tmp_path, *SILENT) as first:
        first.type("")
        first.wait_for("preparing, by press")
        with a_kiosk(tmp_path, *SILENT) as second:
            assert second.process.wait(timeout=20) == 1
            printed = second.process.stdout.read().decode()

    assert f"Another kiosk is running on {tmp_path}." in printed


def test_what_a_newer_kiosk_has_kept_is_not_touched(tmp_path):
    with a_kiosk(tmp_path, *SILENT) as kiosk:
        kiosk.type("")
        kiosk.wait_for("preparing, by press")
    database = tmp_path / "kiosk.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = database.read_bytes()

    with a_kiosk(tmp_path, *SILENT) as kiosk:
        assert kiosk.process.wait(timeout=20) == 1
        printed = kiosk.process.stdout.read().decode()

    assert "99" in printed
    assert database.read_bytes() == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_while_it_starts_leaves_the_terminal_as_it_was(tmp_path, terminal, number):
    _, theirs = terminal
    with a_kiosk(tmp_path, *SILENT[:2], terminal=theirs) as kiosk:
        wait_for_silence_of(theirs)
        assert kiosk.end(number)[0] == 0


def test_streams_that_were_closed_by_the_caller_do_not_matter(tmp_path):
    command = f"{sys.executable} -m kiosk run --simulate --audio-device none --state-dir {tmp_path}"
    process = subprocess.Popen(["sh", "-c", f"exec {command} <&- >&- 2>&-"])
    try:
        deadline = time.monotonic() + 20
        while not (tmp_path / "clips").exists() and process.poll() is None:
            assert time.monotonic() < deadline
        process.terminate()
        assert process.wait(timeout=20) in (0, -signal.SIGTERM)
    finally:
        process.kill()
        process.wait()


def wait_for_silence_of(terminal: int) -> None:
    """Return as soon as the kiosk has switched the terminal's echo off."""
    deadline = time.monotonic() + 20
    while termios.tcgetattr(terminal)[3] & termios.ECHO:
        assert time.monotonic() < deadline, "the echo is still on"


# A signal to end may come at any step of waiting for it


STEPS = 80
"""More than waiting has until it has begun in earnest."""

WAITS = f"""\
import signal
import sys

from kiosk.service.service import EndRequest

for step in range({STEPS}):
    ending = EndRequest()
    signal.signal(signal.SIGTERM, lambda *_: ending.make())
    signal.signal(signal.SIGALRM, lambda *_: ending.make())
    left = step

    def count(frame, event, arg):
        global left
        frame.f_trace_opcodes = True
        left -= 1
        if left == 0:
            sys.settrace(None)
            signal.raise_signal(signal.SIGTERM)
        return count

    # Where waiting has fewer steps than this, it ends by itself.
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    sys.settrace(count)
    ending.wait()
    sys.settrace(None)
print("ended each time")
"""


def test_at_whatever_step_of_waiting_it_comes_it_is_heeded():
    assert python(WAITS, timeout=30).stdout == "ended each time\n"
