"""`install.sh` as a person runs it: once, again, and where it must not."""

from tests.appliance.conftest import INSTALL
from tests.appliance.machine import Machine


def test_one_command_makes_an_empty_system_a_kiosk(fresh: Machine):
    said = fresh.tells(*INSTALL)

    assert "[9/9]" in said
    assert "http://kiosk.local:8080/" in said
    assert "█" in said  # the code to be scanned
    assert fresh.property("ActiveState") == "active"
    assert fresh.property("SubState") == "running"
    assert fresh.property("UnitFileState") == "enabled"
    assert fresh.property("WatchdogUSec") == "30s"
    assert fresh.property("StatusText") == "http://kiosk.local:8080/"
    assert fresh.health() is not None
    assert "hip-stretching" in fresh.tells("kiosk", "programs")
    # What is not well is said, and nothing else of what was looked at.
    assert "\n    warn     time zone " in said
    assert "    ok " not in said
    assert "The page Now says what to do about it." in said

    # Once more: nothing is to be done, and the kiosk is not disturbed.
    process, log = fresh.main_process(), fresh.log()
    again = fresh.tells(*INSTALL)
    assert "already there" in again
    assert "it runs already, and is left alone" in again
    assert fresh.main_process() == process
    assert fresh.log() == log


def test_on_port_80_the_address_needs_no_number(kiosk: Machine):
    folder = "/etc/systemd/system/kiosk.service.d/"
    kiosk.tells("cp", "/opt/kiosk/current/systemd/port-80.conf", folder)
    kiosk.tells("systemctl", "daemon-reload")
    kiosk.tells("systemctl", "restart", "kiosk")
    assert kiosk.property("StatusText") == "http://kiosk.local/"
    # The installer finds the pages there, too, and tells the network so.
    assert "    http://kiosk.local/\n" in kiosk.tells(*INSTALL)
    assert "<port>80</port>" in (kiosk.root / "etc/avahi/services/kiosk.service").read_text()


def test_a_dry_run_changes_nothing(fresh: Machine):
    said = fresh.tells(*INSTALL, "--dry-run")

    assert "would run: apt_get install" in said
    assert said.endswith("Nothing was changed.\n")
    assert not fresh.has("/opt/kiosk")
    assert not fresh.has("/var/lib/kiosk")
    assert not fresh.has("/usr/local/lib/systemd/system/kiosk.service")
    assert not fresh.has("/usr/bin/espeak-ng")


def test_another_system_is_refused_before_anything_is_changed(fresh: Machine):
    release = fresh.root / "etc/os-release"
    text = release.read_text()
    release.unlink()
    release.write_text(text.replace("VERSION_CODENAME=", "VERSION_CODENAME=not-"))
    done = fresh.does(*INSTALL)

    assert done.returncode == 1
    assert "The kiosk is made for Raspberry Pi OS or Debian, bookworm or trixie." in done.stdout
    assert not fresh.has("/opt/kiosk")


def test_what_would_be_gone_at_the_next_start_is_no_place_for_a_kiosk(fresh: Machine):
    fresh.tells("mount", "-t", "tmpfs", "none", "/opt")
    done = fresh.does(*INSTALL)

    assert done.returncode == 1
    assert "What is written to /opt is gone at the next start" in done.stdout


def test_a_file_that_the_card_has_lost_is_noticed_and_mended(kiosk: Machine):
    release = kiosk.root / "opt/kiosk" / kiosk.link("/opt/kiosk/current")
    (lost,) = release.glob("venv/lib/python3*/site-packages/kiosk/units.py")
    lost.write_bytes(bytes(lost.stat().st_size))
    said = kiosk.tells(*INSTALL)

    assert "is damaged" in said
    assert kiosk.is_well()
    assert "already there" in kiosk.tells(*INSTALL)
    assert not list(kiosk.root.glob("opt/kiosk/*.damaged"))


def test_without_the_packages_it_says_which_and_a_second_try_goes_on_from_there(fresh: Machine):
    (fresh.root / "srv/wheels").rename(fresh.root / "srv/elsewhere")
    fresh.tells("mkdir", "/srv/wheels")
    done = fresh.does(*INSTALL)
    assert done.returncode == 1
    assert "The Python packages could not be installed." in done.stdout
    assert "/var/log/kiosk-install.log" in done.stdout
    assert not fresh.has("/opt/kiosk/current")

    fresh.tells("rmdir", "/srv/wheels")
    (fresh.root / "srv/elsewhere").rename(fresh.root / "srv/wheels")
    said = fresh.tells(*INSTALL)
    assert "all there" in said  # the system packages
    assert fresh.is_well()
