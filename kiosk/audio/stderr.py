"""Keeps the C libraries of the sound path from writing on the user's terminal."""

import ctypes
import logging
import os
import platform

logger = logging.getLogger(__name__)


class StderrCapture:
    """What ALSA and PortAudio print to standard error, caught and handed to the log.

    They print through the C library's `stderr` stream, which glibc lets a program point elsewhere.
    Python and child processes write to file descriptor 2 and are not touched, so no thread loses
    a log line, however long this goes on. On another C library nothing is caught.

    `begin`, `end` and `to_log` belong to one thread; any thread may print meanwhile.
    """

    def __init__(self) -> None:
        self._caught: int | None = None
        self._stream: int | None = None
        self._usual: int | None = None

    def begin(self) -> None:
        """Catch from now on; nothing happens where it does already."""
        if self._usual is not None or platform.libc_ver()[0] != "glibc":
            return
        if self._stream is None:
            self._open_stream()
        stderr = _c_stderr()
        self._usual = stderr.value
        stderr.value = self._stream

    def end(self) -> None:
        """Log what was caught and let the libraries print where they used to."""
        self.to_log()
        if self._usual is not None:
            _c_stderr().value = self._usual
            self._usual = None

    def to_log(self) -> None:
        """Log what was caught since the last time, line by line."""
        if self._caught is None:
            return
        text = os.pread(self._caught, 100_000, 0)
        os.ftruncate(self._caught, 0)
        os.lseek(self._caught, 0, os.SEEK_SET)
        for line in text.decode(errors="replace").splitlines():
            logger.debug("%s", line)

    def _open_stream(self) -> None:
        # Never closed again: another thread may be in the middle of printing to it.
        libc = ctypes.CDLL(None)
        libc.fdopen.restype = ctypes.c_void_p
        libc.setbuf.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        self._caught = os.memfd_create("library-noise")
        self._stream = libc.fdopen(self._caught, b"w")
        libc.setbuf(self._stream, None)


def _c_stderr() -> ctypes.c_void_p:
    return ctypes.c_void_p.in_dll(ctypes.CDLL(None), "stderr")
