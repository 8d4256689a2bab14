"""`install.sh` as a person runs it: once, again, and where it must not."""

from pathlib import Path

import pytest

from tests.appliance import roots
from tests.appliance.conftest import INSTALL, a_kiosk_on, drop_in
from tests.appliance.machine import Machine
from tests.browser.household import set_up, store_of

LOG = "/var/log/kiosk-install.log"

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def test_one_command_makes_an_empty_system_a_kiosk(fresh: Machine):
    said = fresh.run(*INSTALL)

    assert "[9/9]" in said
    assert "http://kiosk.local:8080/" in said
    assert "█" in said  # the code to be scanned
    assert fresh.property("ActiveState") == "active"
    assert fresh.property("SubState") == "running"
    assert fresh.property("UnitFileState") == "enabled"
    assert fresh.property("WatchdogUSec") == "30s"
    assert fresh.property("StatusText") == "http://kiosk.local:8080/"
    assert fresh.health() is not None
    assert "hip-stretching" in fresh.run("kiosk", "programs")
    # What the kiosk tells people to set the mixer with.
    assert fresh.attempt("alsactl", "--version").returncode == 0
    # What is not well is said, and nothing else of what was looked at.
    assert "\n    warn     time zone " in said
    assert "    ok " not in said
    assert "The page Now says what to do about it." in said

    # Once more: nothing is to be done, and the kiosk is not disturbed.
    process, log = fresh.main_process(), fresh.log()
    again = fresh.run(*INSTALL)
    assert "already there" in again
    assert "it runs already, and is left alone" in again
    assert fresh.main_process() == process
    assert fresh.log() == log


def test_on_port_80_the_address_needs_no_number(kiosk: Machine):
    folder = "/etc/systemd/system/kiosk.service.d/"
    kiosk.run("cp", "/opt/kiosk/current/systemd/port-80.conf", folder)
    kiosk.run("systemctl", "daemon-reload")
    kiosk.run("systemctl", "restart", "kiosk")
    assert kiosk.property("StatusText") == "http://kiosk.local/"
    # The installer finds the pages there, too, and tells the network so.
    assert "    http://kiosk.local/\n" in kiosk.run(*INSTALL)
    assert "<port>80</port>" in kiosk.read("/etc/avahi/services/kiosk.service")
    # So does the command, which goes by what the service was set to.
    (pages,) = [line for line in examined(kiosk) if line.startswith("ok       pages ")]
    assert "port 80." in pages


def examined(machine: Machine) -> list[str]:
    return machine.attempt("kiosk", "doctor", "--quiet").stdout.splitlines()


def test_the_command_goes_by_what_the_unit_sets_however_that_is_quoted(kiosk: Machine):
    drop_in(kiosk.root, "unusual", """[Service]\nEnvironment='KIOSK_RATE=7 & "$HOME"'\n""")
    kiosk.run("systemctl", "daemon-reload")
    (found,) = [line for line in examined(kiosk) if line.startswith("bad      settings ")]
    assert """KIOSK_RATE: Expected a whole number from 120 to 200""" in found
    assert r"""not "7 & \"$HOME\"".""" in found
    # What is said at the call goes before it.
    kiosk.run("kiosk", "programs", KIOSK_RATE="170")


def test_a_dry_run_and_an_installer_that_refuses_change_nothing(fresh: Machine):
    said = fresh.run_failing(*NOBODY, *INSTALL)
    assert said == f"This has to be done as root:\n    sudo {INSTALL[0]}\n"
    assert not fresh.has(LOG)

    said = fresh.run(*INSTALL, "--dry-run")
    assert "would run: apt_get install" in said
    assert said.endswith("Nothing was changed.\n")

    fresh.run("mount", "-t", "tmpfs", "none", "/opt")
    assert "What is written to /opt is gone at the next start" in fresh.run_failing(*INSTALL)
    fresh.run("umount", "/opt")

    release = fresh.at("/etc/os-release")
    text = release.read_text()
    release.unlink()
    release.write_text(text.replace("VERSION_CODENAME=", "VERSION_CODENAME=not-"))
    another = "The kiosk is made for Raspberry Pi OS or Debian, bookworm or trixie."
    assert another in fresh.run_failing(*INSTALL)

    units = "/usr/local/lib/systemd/system/kiosk.service"
    for file in ("/opt/kiosk", "/var/lib/kiosk", units, "/usr/bin/espeak-ng"):
        assert not fresh.has(file)


def test_a_second_installer_is_refused_and_leaves_the_first_one_s_log_alone(kiosk: Machine):
    log = kiosk.read(LOG)
    said = kiosk.run_failing("flock", "/run/kiosk-install.lock", *INSTALL)

    assert said.startswith("Another installer is at work.")
    assert kiosk.read(LOG) == log


def test_the_screen_s_unit_is_brought_up_to_date_whether_or_not_it_is_asked_for(kiosk: Machine):
    unit = "/usr/local/lib/systemd/system/kiosk-room.service"
    kiosk.write(unit, "# of an older release\n")
    said = kiosk.run(*INSTALL)

    assert "is left alone" not in said
    assert kiosk.read(unit) == kiosk.read("/srv/release/systemd/kiosk-room.service")
    assert kiosk.is_well()
    assert "it runs already, and is left alone" in kiosk.run(*INSTALL)


def lose(machine: Machine, file: str) -> None:
    """The card fills a file of the current release with zeros."""
    (lost,) = machine.root.glob(
        f"opt/kiosk/{machine.link('/opt/kiosk/current')}/venv/lib/python3*/site-packages/{file}"
    )
    lost.write_bytes(bytes(lost.stat().st_size))


def test_a_file_that_the_card_has_lost_is_noticed_and_mended(kiosk: Machine):
    version = kiosk.link("/opt/kiosk/current")
    for name, other in ((f"{version}.again", version), (version, f"{version}.again")):
        lose(kiosk, "kiosk/units.py")
        said = kiosk.run(*INSTALL)
        assert f"/opt/kiosk/{other} is damaged" in said
        assert f"The kiosk is ready: version {version}.\n" in said
        assert kiosk.link("/opt/kiosk/current") == name
        assert kiosk.is_well()
        # The damaged one is nothing to go back to.
        assert not kiosk.has(f"/opt/kiosk/{other}")
        assert not kiosk.has("/opt/kiosk/previous")
        assert "already there" in kiosk.run(*INSTALL)


def test_a_damaged_release_that_cannot_be_mended_runs_on_and_starts_again(kiosk: Machine):
    version, process = kiosk.link("/opt/kiosk/current"), kiosk.main_process()
    lose(kiosk, "kiosk/cli/say.py")
    kiosk.run("mv", "/srv/wheels", "/srv/elsewhere")
    kiosk.run("mkdir", "/srv/wheels")
    said = kiosk.run_failing(*INSTALL)

    assert f"The kiosk that was here before goes on as it was: version {version}." in said
    assert kiosk.main_process() == process
    kiosk.restart()
    # What begins anew still finds its files where they were.
    assert "low-back-start" in kiosk.run("kiosk", "programs")


def test_without_the_packages_it_says_which_and_a_second_try_goes_on_from_there(fresh: Machine):
    fresh.run("mv", "/srv/wheels", "/srv/elsewhere")
    fresh.run("mkdir", "/srv/wheels")
    said = fresh.run_failing(*INSTALL)
    assert "The Python packages could not be installed." in said
    assert LOG in said
    assert not fresh.has("/opt/kiosk/current")

    fresh.run("rmdir", "/srv/wheels")
    fresh.run("mv", "/srv/elsewhere", "/srv/wheels")
    said = fresh.run(*INSTALL)
    assert "all there" in said  # the system packages
    assert fresh.is_well()


# With --room: the page Room on an attached screen, here one that nobody sees


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
