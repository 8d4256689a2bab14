"""What systemd is notified of, on a real socket, and what is made of the environment it sets."""

import logging
import os
import socket
from collections.abc import Iterator

import pytest

from kiosk.service.systemd import JournalFormatter, Systemd, goes_to_journal
from tests.service.running import QUICK, a_plain_kiosk


class Manager:
    """The other end of the socket."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(20)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self.address = address

    def hears(self) -> list[str]:
        """The lines of the next datagram."""
        return self._socket.recv(4096).decode().split("\n")

    def deafen(self) -> None:
        """Fill the queue up, as one that has stopped reading would have it."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as shouting:
            shouting.setblocking(False)
            try:
                while True:
                    shouting.sendto(b"noise", self._socket.getsockname())
            except BlockingIOError:
                return

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path) -> Iterator[Manager]:
    path = tmp_path / "notify"
    manager = Manager(str(path) if request.param == "path" else f"@{path}")
    yield manager
    manager.close()


def systemd_of(manager: Manager, **more: str) -> Systemd:
    return Systemd.of_environment({"NOTIFY_SOCKET": manager.address, **more})


def test_it_is_notified_of_each_step_in_one_datagram(manager):
    systemd = systemd_of(manager)
    systemd.ready("http://kiosk.local:8080/")
    systemd.alive()
    systemd.stopping()

    assert manager.hears() == ["READY=1", "STATUS=http://kiosk.local:8080/"]
    assert manager.hears() == ["WATCHDOG=1"]
    assert manager.hears() == ["STOPPING=1", "STATUS=ending"]


def test_a_status_cannot_become_a_message_of_its_own(manager):
    systemd_of(manager).ready("up\nMAINPID=1")
    assert manager.hears() == ["READY=1", "STATUS=up MAINPID=1"]


def test_one_that_does_not_read_holds_nobody_up(manager):
    manager.deafen()
    systemd_of(manager).alive()
    assert manager.hears() == ["noise"]


def test_one_that_is_gone_is_no_harm(manager, tmp_path):
    systemd = systemd_of(manager)
    manager.close()
    (tmp_path / "notify").unlink(missing_ok=True)
    systemd.alive()


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1"}])
def test_without_its_socket_nobody_is_notified_and_nobody_waits(environ):
    systemd = Systemd.of_environment({"WATCHDOG_USEC": "30000000", **environ})
    systemd.ready("up")
    assert systemd.ping_every is None


@pytest.mark.parametrize(
    ("environ", "every"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 10.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 10.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_how_often_it_wants_a_sign_of_life(manager, environ, every):
    assert systemd_of(manager, **environ).ping_every == every


@pytest.mark.parametrize(
    ("level", "begins"),
    [("CRITICAL", "<2>"), ("ERROR", "<3>"), ("WARNING", "<4>"), ("INFO", "<6>"), ("DEBUG", "<7>")],
)
def test_every_line_for_the_journal_says_how_urgent_it_is(level, begins):
    record = logging.makeLogRecord({"msg": "first\nsecond", "levelno": getattr(logging, level)})
    lines = JournalFormatter("%(message)s").format(record).split("\n")
    assert lines == [f"{begins}first", f"{begins}second"]


def test_what_goes_to_the_journal_is_known_by_its_file(tmp_path):
    with (tmp_path / "log").open("w") as file:
        status = os.fstat(file.fileno())
        stream = f"{status.st_dev}:{status.st_ino}"
        assert goes_to_journal({"JOURNAL_STREAM": stream}, file.fileno())
        assert not goes_to_journal({"JOURNAL_STREAM": "1:2"}, file.fileno())
        assert not goes_to_journal({}, file.fileno())


def test_a_kiosk_notifies_it_of_its_start_its_life_and_its_end(manager, tmp_path):
    settings = {**QUICK, "NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": "600000"}
    state = tmp_path / "state"
    state.mkdir()
    with a_plain_kiosk(state, "--audio-device", "none", settings=settings) as kiosk:
        ready, status = manager.hears()
        assert ready == "READY=1"
        assert status.startswith("STATUS=http://127.0.0.1:")
        assert manager.hears() == ["WATCHDOG=1"]
        assert manager.hears() == ["WATCHDOG=1"]
        kiosk.process.terminate()
        said = manager.hears()
        while said == ["WATCHDOG=1"]:
            said = manager.hears()
        assert said == ["STOPPING=1", "STATUS=ending"]
        assert kiosk.process.wait(timeout=20) == 0
