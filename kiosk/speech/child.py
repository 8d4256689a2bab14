"""One child process and the talk with it: a JSON object a line each way, every wait with a limit.

Waiting is done by the system's `poll` on the pipes, so that a child that says nothing, or floods
one of them, neither costs processor time nor blocks.
"""

import json
import logging
import os
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import IO, Any

logger = logging.getLogger(__name__)


LONGEST_LINE = 256 * 1024
"""Bytes of an answer beyond which the child is taken to talk nonsense."""

STDERR_KEPT = 4096
"""Bytes from the end of the child's standard error that are kept for the log."""

REAPING_S = 5.0

Message = dict[str, Any]


class ChildHungError(Exception):
    """The child did not answer in time."""


class ChildBrokeError(Exception):
    """The child ended, or answered with something that is no answer."""


class Child:
    """A running child. One thread at a time talks to it; any may `kill` it meanwhile."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start `command`. Raises OSError where that cannot be done."""
        self._process = subprocess.Popen(  # noqa: S603 - the command is the kiosk's own program
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            # Away from the terminal's Ctrl-C, which is meant for the kiosk: it ends its child.
            start_new_session=True,
        )
        self._stdin, self._stdout, self._stderr = self._pipes()
        self._heard = bytearray()
        self._complaints = bytearray()
        self._poll = select.poll()
        self._poll.register(self._stdout, select.POLLIN)
        self._poll.register(self._stderr, select.POLLIN)

    def _pipes(self) -> tuple[IO[bytes], IO[bytes], IO[bytes]]:
        process = self._process
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise ValueError("the child's pipes are missing")
        for pipe in (process.stdin, process.stdout, process.stderr):
            os.set_blocking(pipe.fileno(), False)
        return process.stdin, process.stdout, process.stderr

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    def hear(self, limit_s: float) -> Message:
        """What it says next, unasked. Raises ChildHungError, ChildBrokeError."""
        return self._talk(b"", limit_s)

    def ask(self, request: Mapping[str, object], limit_s: float) -> Message:
        """Its answer to `request`. Raises ChildHungError, ChildBrokeError."""
        return self._talk(json.dumps(request).encode() + b"\n", limit_s)

    def kill(self) -> None:
        """End the process at once; whoever waits for its answer learns that it ended."""
        self._process.kill()

    def bury(self) -> None:
        """Make sure that the process is gone and let go of its pipes. Once; never raises."""
        self._process.kill()
        try:
            self._process.wait(REAPING_S)
        except subprocess.TimeoutExpired:
            logger.warning("The speech process %d does not end.", self.pid)
        self._read_stderr()
        for pipe in (self._stdin, self._stdout, self._stderr):
            pipe.close()
        for line in self._complaint_lines():
            logger.debug("Speech process %d: %s", self.pid, line)

    @property
    def last_words(self) -> str:
        """The last line it wrote to standard error; empty where there is none."""
        return (self._complaint_lines() or [""])[-1]

    def _complaint_lines(self) -> list[str]:
        lines = self._complaints.decode(errors="replace").splitlines()
        return [line for line in lines if line.strip()]

    def _talk(self, outgoing: bytes, limit_s: float) -> Message:
        deadline = time.monotonic() + limit_s
        unsent = memoryview(outgoing)
        if unsent:
            self._poll.register(self._stdin, select.POLLOUT)
        while (message := self._next_message()) is None:
            left = deadline - time.monotonic()
            ready = {number for number, _ in self._poll.poll(left * 1000)} if left > 0 else ()
            if not ready:
                raise ChildHungError(f"gave no answer within {limit_s:g} s")
            if self._stderr.fileno() in ready and not self._read_stderr():
                self._poll.unregister(self._stderr)
            if self._stdin.fileno() in ready:
                unsent = self._write(unsent)
            if self._stdout.fileno() in ready:
                self._read_stdout()
        return message

    def _write(self, unsent: memoryview) -> memoryview:
        try:
            unsent = unsent[self._stdin.write(unsent) or 0 :]
        except BrokenPipeError as error:
            raise ChildBrokeError("ended without an answer") from error
        if not unsent:
            self._poll.unregister(self._stdin)
        return unsent

    def _read_stdout(self) -> None:
        heard = self._stdout.read(65_536)
        if heard == b"":
            raise ChildBrokeError("ended without an answer")
        self._heard += heard or b""

    def _read_stderr(self) -> bool:
        """Whether there may be more to read."""
        complaint = self._stderr.read(65_536)
        self._complaints = (self._complaints + (complaint or b""))[-STDERR_KEPT:]
        return complaint != b""

    def _next_message(self) -> Message | None:
        line, newline, rest = self._heard.partition(b"\n")
        if not newline and len(line) < LONGEST_LINE:
            return None
        self._heard = rest
        try:
            message = json.loads(line)
        except ValueError as error:
            raise ChildBrokeError(f"answered with nonsense: {bytes(line[:80])!r}") from error
        if not isinstance(message, dict):
            raise ChildBrokeError(f"answered with nonsense: {bytes(line[:80])!r}")
        return message
