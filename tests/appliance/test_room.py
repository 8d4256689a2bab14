"""`install.sh --room`: the page Room on an attached screen, here one that nobody sees."""

from pathlib import Path

import pytest

from tests.appliance import roots
from tests.appliance.conftest import INSTALL, a_kiosk_on, drop_in
from tests.appliance.machine import Machine
from tests.browser.household import set_up, store_of

UNSEEN = """\
[Unit]
ConditionPathExistsGlob=
[Service]
StandardInput=null
TTYPath=/dev/console
TTYReset=no
TTYVHangup=no
TTYVTDisallocate=no
Environment=WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1
"""
"""Here is no terminal, no graphics and no keyboard: the picture is drawn into memory."""

UNIT = "kiosk-room.service"

HTTP = ":1F90"
"""The pages' port, as the kernel lists it."""


@pytest.fixture
def room_kiosk(installed_card, card):
    def bring_packages(root: Path) -> None:
        for package in roots.room_packages().glob("*.deb"):
            (root / "srv/wheels" / package.name).write_bytes(package.read_bytes())
        with store_of(root / "var/lib/kiosk") as store:
            set_up(store)

    with a_kiosk_on(roots.copy_of(installed_card, card), bring_packages) as machine:
        machine.run(*INSTALL, "--room")
        yield machine


def looks_at_the_pages(machine: Machine) -> bool:
    """Whether the screen's user has a connection to the pages."""
    user = machine.run("id", "--user", "kiosk-room").strip()
    lines = [line.split() for line in machine.run("cat", "/proc/net/tcp").splitlines()[1:]]
    return any(line[2].endswith(HTTP) and line[3] == "01" and line[7] == user for line in lines)


def test_the_screen_shows_the_page_and_its_user_can_read_nothing_of_the_kiosks(room_kiosk):
    said = room_kiosk.run("systemd-analyze", "verify", "kiosk.service", UNIT)
    assert "kiosk" not in said
    # Where no screen is attached there is nothing to do, and nothing fails.
    assert room_kiosk.property("UnitFileState", UNIT) == "enabled"
    assert room_kiosk.property("ActiveState", UNIT) == "inactive"
    assert room_kiosk.property("ConditionResult", UNIT) == "no"

    as_its_user = ("setpriv", "--reuid=kiosk-room", "--regid=kiosk-room", "--init-groups")
    for folder in ("/var/lib/kiosk", "/var/cache/kiosk"):
        done = room_kiosk.attempt(*as_its_user, "ls", folder)
        assert done.returncode != 0
        assert "Permission denied" in done.stdout

    drop_in(room_kiosk.root, "unseen", UNSEEN, UNIT)
    room_kiosk.run("systemctl", "daemon-reload")
    room_kiosk.run("systemctl", "start", UNIT)
    room_kiosk.until(lambda: looks_at_the_pages(room_kiosk))
    assert room_kiosk.property("NRestarts", UNIT) == "0"

    room_kiosk.run(INSTALL[0], "--uninstall", "--purge", "--yes")
    assert room_kiosk.attempt("getent", "passwd", "kiosk-room").returncode != 0
    assert not room_kiosk.has(f"/etc/systemd/system/{UNIT}.d")
