"""`install.sh` as a person runs it: once, again, and where it must not."""

from tests.appliance.conftest import INSTALL, drop_in
from tests.appliance.machine import Machine

LOG = "/var/log/kiosk-install.log"

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


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
    # What the kiosk tells people to set the mixer with.
    assert fresh.does("alsactl", "--version").returncode == 0
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
    # So does the command, which goes by what the service was set to.
    (pages,) = [line for line in examined(kiosk) if line.startswith("ok       pages ")]
    assert "port 80." in pages


def examined(machine: Machine) -> list[str]:
    return machine.does("kiosk", "doctor", "--quiet").stdout.splitlines()


def test_the_command_goes_by_what_the_unit_sets_however_that_is_quoted(kiosk: Machine):
    drop_in(kiosk.root, "unusual", """[Service]\nEnvironment='KIOSK_RATE=7 & "$HOME"'\n""")
    kiosk.tells("systemctl", "daemon-reload")
    (found,) = [line for line in examined(kiosk) if line.startswith("bad      settings ")]
    assert """KIOSK_RATE: Expected a whole number from 120 to 200""" in found
    assert r"""not "7 & \"$HOME\"".""" in found
    # What is said at the call goes before it.
    kiosk.tells("kiosk", "programs", KIOSK_RATE="170")


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


def test_whoever_is_not_root_is_told_so_and_nothing_else(fresh: Machine):
    done = fresh.does(*NOBODY, *INSTALL)

    assert done.returncode == 1
    assert done.stdout == f"This has to be done as root:\n    sudo {INSTALL[0]}\n"
    assert not fresh.has(LOG)


def test_a_second_installer_is_refused_and_leaves_the_first_one_s_log_alone(kiosk: Machine):
    log = (kiosk.root / LOG.lstrip("/")).read_text()
    done = kiosk.does("flock", "/run/kiosk-install.lock", *INSTALL)

    assert done.returncode == 1
    assert done.stdout.startswith("Another installer is at work.")
    assert (kiosk.root / LOG.lstrip("/")).read_text() == log


def test_the_screen_s_unit_is_brought_up_to_date_whether_or_not_it_is_asked_for(kiosk: Machine):
    unit = "systemd/system/kiosk-room.service"
    kiosk.write(f"/usr/local/lib/{unit}", "# of an older release\n")
    said = kiosk.tells(*INSTALL)

    assert "is left alone" not in said
    written = (kiosk.root / "usr/local/lib" / unit).read_text()
    assert written == (kiosk.root / "srv/release/systemd/kiosk-room.service").read_text()
    assert kiosk.is_well()
    assert "it runs already, and is left alone" in kiosk.tells(*INSTALL)


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
        said = kiosk.tells(*INSTALL)
        assert f"/opt/kiosk/{other} is damaged" in said
        assert f"The kiosk is ready: version {version}.\n" in said
        assert kiosk.link("/opt/kiosk/current") == name
        assert kiosk.is_well()
        # The damaged one is nothing to go back to.
        assert not kiosk.has(f"/opt/kiosk/{other}")
        assert not kiosk.has("/opt/kiosk/previous")
        assert "already there" in kiosk.tells(*INSTALL)


def test_a_damaged_release_that_cannot_be_mended_runs_on_and_starts_again(kiosk: Machine):
    version, process = kiosk.link("/opt/kiosk/current"), kiosk.main_process()
    lose(kiosk, "kiosk/cli/say.py")
    (kiosk.root / "srv/wheels").rename(kiosk.root / "srv/elsewhere")
    kiosk.tells("mkdir", "/srv/wheels")
    done = kiosk.does(*INSTALL)

    assert done.returncode == 1
    assert f"The kiosk that was here before goes on as it was: version {version}." in done.stdout
    assert kiosk.main_process() == process
    kiosk.tells("systemctl", "restart", "kiosk")
    kiosk.until(kiosk.is_well)
    # What begins anew still finds its files where they were.
    assert "low-back-start" in kiosk.tells("kiosk", "programs")


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
