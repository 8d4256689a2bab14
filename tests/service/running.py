"""A real kiosk in a process of its own, in simulation, driven by lines on its standard input."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SHORT_PROGRAM = """\
schema = 1
id = "short"
level = 1
rest_between_exercises = 0

[frequency]
times_per_day = [1, 3]
days_per_week = [1, 7]

[text.en]
title = "Go"
summary = "For tests."
stop_rules = ["Go."]

[[exercise]]
id = "arm-lift"
position = "standing"
reps = 1
side = "both"
get_ready = 3
phases = [{ do = "lift", seconds = 1 }, { do = "lower", seconds = 1 }]

[[exercise.source]]
title = "These tests"
says = "1 repetition"

[exercise.text.en]
name = "Arm"
how = "Lift."
"""

QUICK = {
    "KIOSK_RATE": "200",
    "KIOSK_SENTENCE_PAUSE_MS": "200",
    "KIOSK_LEAD_IN_MS": "0",
    "KIOSK_HOST": "127.0.0.1",
    "KIOSK_PORT": "0",
}
"""A session with as little talk as can be, and pages that only this machine sees."""

PATIENCE = 20.0
"""Seconds that anything may take at most; nothing waits for it to pass."""


class RunningKiosk:
    """The process, what it has logged, and its standard input."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.log = ""
        self._read_to = 0

    def type(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def close_input(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def wait_for(self, text: str) -> None:
        """Read its log on until `text` turns up, behind what was waited for before."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.log[self._read_to :]:
            assert self.process.stdout is not None
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self.process.stdout], [], [], max(left, 0))
            chunk = os.read(self.process.stdout.fileno(), 4096) if ready else b""
            assert chunk, f"{text!r} did not turn up in:\n{self.log}"
            self.log += chunk.decode()
        self._read_to = self.log.index(text, self._read_to) + len(text)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Send the signal; the exit code and how many seconds it took."""
        sent = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(timeout=PATIENCE)
        return code, time.monotonic() - sent


@contextmanager
def a_kiosk(state: Path, *options: str, terminal: int | None = None) -> Iterator[RunningKiosk]:
    """A kiosk whose default program is the short one."""
    (state / "programs").mkdir(exist_ok=True)
    (state / "programs" / "short.toml").write_text(SHORT_PROGRAM)
    options = ("--program", "short", *options)
    with a_plain_kiosk(state, *options, settings=QUICK, terminal=terminal) as kiosk:
        yield kiosk


@contextmanager
def a_plain_kiosk(
    state: Path, *options: str, settings: Mapping[str, str], terminal: int | None = None
) -> Iterator[RunningKiosk]:
    """A kiosk as it is started by hand, with `settings` in its environment; on the `terminal` of
    that file descriptor, or on pipes.
    """
    command = [sys.executable, "-m", "kiosk", "run", "--simulate", "--state-dir", str(state)]
    streams = (terminal,) * 3
    if terminal is None:
        streams = (subprocess.PIPE, subprocess.PIPE, subprocess.STDOUT)
    process = subprocess.Popen(
        [*command, *options],
        stdin=streams[0],
        stdout=streams[1],
        stderr=streams[2],
        env={**os.environ, "TERM": "xterm-256color", **settings},
    )
    try:
        yield RunningKiosk(process)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None and not stream.closed:
                stream.close()


def read_until(terminal: int, text: str) -> str:
    """Read from the terminal until `text` turns up; everything read."""
    shown = ""
    deadline = time.monotonic() + PATIENCE
    while text not in shown:
        ready, _, _ = select.select([terminal], [], [], max(deadline - time.monotonic(), 0))
        assert ready, f"{text!r} did not turn up in:\n{shown}"
        shown += os.read(terminal, 4096).decode(errors="replace")
    return shown
