"""Tells systemd, where it started the kiosk, that it is ready, alive, or about to end; and its
journal how urgent each line of the log is.

Speaks the protocol of sd_notify(3) itself: it is one datagram, and a library for it would be one
more thing to install.
"""

import logging
import os
import socket
from collections.abc import Mapping

logger = logging.getLogger(__name__)


PINGS_A_PERIOD = 3
"""Signs of life in the time after which systemd gives a silent service up; one may get lost."""


class Systemd:
    """The service manager the kiosk was started by; one that is not there is told nothing.

    Any thread. What cannot be told is told to nobody, and the log: it must not stop a session.
    """

    def __init__(self, address: str | None = None, watchdog_after: float | None = None) -> None:
        """`address` of the socket to write to (`@`: an abstract one); `watchdog_after` seconds of
        silence it starts the kiosk anew.
        """
        self._address = None if address is None else _real_address(address)
        self._watchdog_after = watchdog_after

    @classmethod
    def of_environment(cls, environ: Mapping[str, str]) -> "Systemd":
        """The one that `environ` tells of, as it does only in a service that may notify."""
        address = environ.get("NOTIFY_SOCKET", "")
        return cls(address, _watchdog_after(environ)) if address[:1] in {"/", "@"} else cls()

    @property
    def ping_every(self) -> float | None:
        """Seconds between two signs of life; `None` where nobody waits for one."""
        if self._address is None or self._watchdog_after is None:
            return None
        return self._watchdog_after / PINGS_A_PERIOD

    def ready(self, status: str) -> None:
        """Everything runs; `status` is a line for people (`systemctl status`)."""
        self._tell("READY=1", f"STATUS={_one_line(status)}")

    def alive(self) -> None:
        """A sign of life."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """The kiosk has begun to end."""
        self._tell("STOPPING=1", "STATUS=ending")

    def _tell(self, *lines: str) -> None:
        if self._address is None:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notifying:
            # Nothing that is alive waits for systemd: where it does not read, the ping is lost.
            notifying.setblocking(False)
            try:
                notifying.sendto("\n".join(lines).encode(), self._address)
            except OSError as error:
                logger.debug("systemd could not be told %s: %s", lines[0], error)


class JournalFormatter(logging.Formatter):
    """Begins each line with how urgent it is, as the journal takes it (sd-daemon(3))."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text; every line of a trace is as urgent as the first."""
        prefix = f"<{_priority(record.levelno)}>"
        return "\n".join(prefix + line for line in super().format(record).splitlines())


def goes_to_journal(environ: Mapping[str, str], descriptor: int) -> bool:
    """Whether what is written to that file descriptor ends in the journal."""
    status = os.fstat(descriptor)
    return environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def _priority(level: int) -> int:
    """By syslog's numbers: 2 critical, 3 error, 4 warning, 6 information, 7 debugging."""
    for number, least in ((2, logging.CRITICAL), (3, logging.ERROR), (4, logging.WARNING)):
        if level >= least:
            return number
    return 6 if level >= logging.INFO else 7


def _real_address(address: str) -> str:
    """The address as the kernel has it: that of an abstract socket begins with a zero byte."""
    return "\0" + address[1:] if address.startswith("@") else address


def _one_line(status: str) -> str:
    return " ".join(status.split())


def _watchdog_after(environ: Mapping[str, str]) -> float | None:
    """Seconds; `None` without a watchdog, or with one that waits for another process."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    try:
        microseconds = int(environ.get("WATCHDOG_USEC", ""))
    except ValueError:
        return None
    return microseconds / 1_000_000 if microseconds > 0 else None
