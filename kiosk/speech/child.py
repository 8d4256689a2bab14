"""The kiosk's side of the speech child: a process, its pipes, and messages with a time limit.

Theory of operation
-------------------

pyttsx3 hangs, prints and crashes now and then, and espeak-ng's library is not freed; so they run in
a process of their own (`worker.py`) that can be ended at any time. The protocol:

- a message is a JSON object on one line, UTF-8; the child's standard output is for messages alone;
- the child speaks first: `{"engine": "espeak-ng 1.51"}`, or `{"kind": "missing", "error": …}`;
- then each request has an `id` and gets one answer with the same `id`, one at a time:
  `{"id": 1, "do": "voices"}` → `{"id": 1, "voices": [[id, name, language], …]}`,
  `{"id": 2, "do": "render", "text": …, "voice": …, "rate": …, "into": path}` → `{"id": 2}` once the
  sound file is written;
- a request that is refused is answered `{"id": 2, "kind": …, "error": …}`, with the kind `voice`,
  `file` or `broken`; after `broken` the child ends itself;
- it ends when its standard input does, or when nothing was asked for a minute.

`engine.py` starts a child when one is needed, and replaces one that hung, ended or answered
nonsense, once for each request: a text that breaks two children is given up.

Here, waiting is done by the system's `poll` on all three pipes, so that a child that says nothing,
or floods one of them, neither costs processor time nor blocks. What it writes to standard error is
read all the while; the end of it serves the log.
"""

import json
import logging
import os
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Any

logger = logging.getLogger(__name__)


LONGEST_LINE = 256 * 1024  # bytes of a line beyond which it is no message
STDERR_TAIL = 4096  # bytes from the end of the child's standard error that serve the log

REAPING_S = 5.0

Message = dict[str, Any]


class ChildHungError(Exception):
    """The child did not answer in time."""


class ChildBrokeError(Exception):
    """The child ended, or sent something that is no message."""


class Child:
    """A running child process. One thread at a time uses it; any may `kill` it meanwhile."""

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
        self._received = bytearray()
        self._stderr_tail = bytearray()
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
        """The child's process id."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    def receive(self, limit_s: float) -> Message:
        """The child's next message, without a request. Raises ChildHungError, ChildBrokeError."""
        return self._exchange(b"", limit_s)

    def request(self, request: Mapping[str, object], limit_s: float) -> Message:
        """The child's answer to `request`. Raises ChildHungError, ChildBrokeError."""
        return self._exchange(json.dumps(request).encode() + b"\n", limit_s)

    def kill(self) -> None:
        """End the process at once; a thread that waits for its answer gets a ChildBrokeError."""
        self._process.kill()

    def reap(self) -> None:
        """Make sure that the process is gone and let go of its pipes. Once; never raises."""
        self._process.kill()
        try:
            self._process.wait(REAPING_S)
        except subprocess.TimeoutExpired:
            logger.warning("The speech process %d does not end.", self.pid)
        self._read_stderr()
        for pipe in (self._stdin, self._stdout, self._stderr):
            pipe.close()
        for line in self._error_lines():
            logger.debug("Speech process %d: %s", self.pid, line)

    @property
    def last_error_line(self) -> str:
        """The last line it wrote to standard error; empty where there is none."""
        return (self._error_lines() or [""])[-1]

    def _error_lines(self) -> list[str]:
        lines = self._stderr_tail.decode(errors="replace").splitlines()
        return [line for line in lines if line.strip()]

    def _exchange(self, outgoing: bytes, limit_s: float) -> Message:
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
        data = self._stdout.read(65_536)
        if data == b"":
            raise ChildBrokeError("ended without an answer")
        self._received += data or b""

    def _read_stderr(self) -> bool:
        """Whether there may be more to read."""
        data = self._stderr.read(65_536)
        self._stderr_tail = (self._stderr_tail + (data or b""))[-STDERR_TAIL:]
        return data != b""

    def _next_message(self) -> Message | None:
        line, newline, rest = self._received.partition(b"\n")
        if not newline and len(line) < LONGEST_LINE:
            return None
        self._received = rest
        with suppress(ValueError):
            message = json.loads(line)
            if isinstance(message, dict):
                return message
        raise ChildBrokeError(f"answered with nonsense: {bytes(line[:80])!r}")
