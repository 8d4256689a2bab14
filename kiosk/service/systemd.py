"""systemd: notifications of readiness, life and the end (sd_notify(3)), and priorities of log lines
for its journal (sd-daemon(3)).

The protocol is one datagram; a library for it would be one more thing to install.
"""

import logging
import os
import socket
from collections.abc import Mapping

logger = logging.getLogger(__name__)

PINGS_A_PERIOD = 3  # notifications within the watchdog's timeout; one may get lost


class Systemd:
    """Notifies the service manager that started the kiosk; does nothing without one. Any thread.

    A notification that fails is logged and no more: it must not stop a session.
    """

    def __init__(self, address: str | None = None, watchdog_after: float | None = None) -> None:
        """`address`: the socket to write to (`@`: an abstract one), `None` without a service
        manager. `watchdog_after`: seconds without a notification after which it restarts the kiosk.
        """
        if address is not None and address.startswith("@"):
            address = "\0" + address[1:]  # as the kernel has it
        self._address = address
        self._watchdog_after = watchdog_after

    @classmethod
    def of_environment(cls, environ: Mapping[str, str]) -> "Systemd":
        """From the variables that systemd sets for a service that may notify."""
        address = environ.get("NOTIFY_SOCKET", "")
        return cls(address, _watchdog_after(environ)) if address[:1] in {"/", "@"} else cls()

    @property
    def ping_every(self) -> float | None:
        """Seconds between two calls of `alive`; `None` without a watchdog."""
        if self._address is None or self._watchdog_after is None:
            return None
        return self._watchdog_after / PINGS_A_PERIOD

    def ready(self, status: str) -> None:
        """Everything runs; `status` is a line for people (`systemctl status`)."""
        self._notify("READY=1", f"STATUS={' '.join(status.split())}")

    def alive(self) -> None:
        """The kiosk responds."""
        self._notify("WATCHDOG=1")

    def stopping(self) -> None:
        """The kiosk has begun to end."""
        self._notify("STOPPING=1", "STATUS=ending")

    def _notify(self, *lines: str) -> None:
        if self._address is None:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            # Nobody waits for systemd: where it does not read, the notification is lost.
            sender.setblocking(False)
            try:
                sender.sendto("\n".join(lines).encode(), self._address)
            except OSError as error:
                logger.debug("systemd could not be notified of %s: %s", lines[0], error)


class JournalFormatter(logging.Formatter):
    """Begins each line with its priority, as the journal reads it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text; every line of a trace has the priority of the first."""
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


def _watchdog_after(environ: Mapping[str, str]) -> float | None:
    """Seconds; `None` without a watchdog, or with one that waits for another process."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    try:
        microseconds = int(environ.get("WATCHDOG_USEC", ""))
    except ValueError:
        return None
    return microseconds / 1_000_000 if microseconds > 0 else None
