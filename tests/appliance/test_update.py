"""A newer release: taken over, taken back where it is broken, left by hand; and the removal."""

import re
from pathlib import Path

import pytest

from tests.appliance import roots
from tests.appliance.conftest import INSTALL, drop_in
from tests.appliance.machine import Machine

UPDATE = ("/srv/checkout/install.sh", "--offline", "/srv/wheels")
"""What is newer comes as a checkout, and is built where it is installed."""

BREAKS = "def _run_once(args: argparse.Namespace) -> int:\n"

WAYS_TO_BREAK = {
    "ends": "    raise SystemExit('broken on purpose')\n",
    "hangs": "    __import__('time').sleep(10_000)\n",
    "spoils": (
        "    data = __import__('sqlite3').connect('/var/lib/kiosk/kiosk.db')\n"
        "    data.execute('PRAGMA user_version = 99')\n"
        "    data.close()\n"
        "    raise SystemExit('broken on purpose')\n"
    ),
}

ONE_MORE_MIGRATION = '\nMIGRATIONS = (*MIGRATIONS, ("CREATE TABLE later (id INTEGER) STRICT",))\n'

KEPT = (
    *("kiosk.toml", "kiosk.toml.good", "good-programs/short.toml"),
    *("kiosk.db.before-restore-20260302-080000", "backups/kiosk-20260301-000000.db"),
)
"""What a kiosk may besides have left in its state directory."""


def make_newer(
    machine: Machine, version: str, breaks: str = "", *, another_form: bool = False
) -> None:
    """Another version in a checkout; with `breaks` it runs nowhere but in a test of its parts.

    With `another_form` no version of today can read what it makes of the data.
    """
    machine.run("rm", "-rf", "/srv/checkout")
    checkout = roots.copy_checkout(machine.root / "srv/checkout")
    names = checkout / "kiosk/__init__.py"
    text, found = re.subn(r'__version__ = ".*"', f'__version__ = "{version}"', names.read_text())
    assert found == 1
    names.write_text(text)
    if breaks:
        replace(checkout / "kiosk/cli/run.py", BREAKS, BREAKS + breaks)
    if another_form:
        with (checkout / "kiosk/store/migrations.py").open("a") as migrations:
            migrations.write(ONE_MORE_MIGRATION)


def history_of(machine: Machine) -> str:
    """Something to be remembered, and what is remembered in all."""
    machine.run("kiosk", "level", "set", "low-back-start", "glute-bridge", "--hold", "5")
    return machine.run("kiosk", "history")


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def test_a_newer_release_takes_over_and_can_be_left_again(kiosk: Machine):
    older = kiosk.link("/opt/kiosk/current")
    make_newer(kiosk, "9.0.0")
    said = kiosk.run(*UPDATE)

    assert "The kiosk is ready: version 9.0.0+" in said
    assert kiosk.health()["version"] == "9.0.0"
    assert kiosk.link("/opt/kiosk/previous") == older

    # Who thinks better of going back while the kiosk is about to end has it running as it was.
    newer = kiosk.link("/opt/kiosk/current")
    drop_in(kiosk.root, "slow", "[Service]\nExecStopPost=/bin/sleep 3\n")
    kiosk.run("systemctl", "daemon-reload")
    kiosk.run("systemd-run", "--unit=back", INSTALL[0], "--rollback", "--yes")
    kiosk.until(lambda: kiosk.property("ActiveState") == "deactivating")
    kiosk.run("systemctl", "kill", "--kill-who=main", "back")
    kiosk.until(kiosk.is_well)
    assert kiosk.property("ActiveState", "back.service") == "failed"
    assert kiosk.link("/opt/kiosk/current") == newer

    kiosk.run(INSTALL[0], "--rollback", "--yes")
    assert kiosk.link("/opt/kiosk/current") == older
    assert kiosk.is_well()
    assert kiosk.health()["version"] != "9.0.0"


@pytest.mark.parametrize("way", WAYS_TO_BREAK)
def test_a_broken_release_is_taken_back_by_itself(kiosk: Machine, way):
    older, health = kiosk.link("/opt/kiosk/current"), kiosk.health()
    history = history_of(kiosk)
    make_newer(kiosk, "9.0.0", WAYS_TO_BREAK[way])
    said = kiosk.run_failing(*UPDATE, KIOSK_INSTALL_PATIENCE="20")

    assert "Version 9.0.0+" in said
    assert "does not get well." in said
    assert f"Version {older} is back and runs as before." in said
    assert kiosk.link("/opt/kiosk/current") == older
    assert kiosk.health() == health
    assert kiosk.run("kiosk", "history") == history


def test_neither_the_same_update_again_nor_a_failed_one_spoils_the_way_back(kiosk: Machine):
    older, history = kiosk.link("/opt/kiosk/current"), history_of(kiosk)
    make_newer(kiosk, "9.0.0", another_form=True)
    # What an installer left that was cut off while it copied the data.
    for left in ("/var/lib/kiosk-before-update.new", "/var/lib/kiosk.new"):
        kiosk.write(f"{left}/left", "of an earlier update")
    kiosk.run(*UPDATE)
    kiosk.run("systemctl", "stop", "kiosk")
    assert "is left alone" not in kiosk.run(*UPDATE)
    make_newer(kiosk, "9.1.0", WAYS_TO_BREAK["ends"], another_form=True)
    assert "is back and runs as before." in kiosk.attempt(*UPDATE).stdout
    assert kiosk.link("/opt/kiosk/previous") == older
    assert not kiosk.has("/var/lib/kiosk-before-update.new")

    kept = set(kiosk.run("ls", "-A", "/var/lib/kiosk-before-update").split())
    assert {"kiosk.db", "programs"} <= kept
    assert not {"left", "kiosk"} & kept
    said = kiosk.run(INSTALL[0], "--rollback", "--yes")
    assert "Its data are those of before the update" in said
    assert kiosk.link("/opt/kiosk/current") == older
    assert kiosk.run("kiosk", "history") == history
    assert set(kiosk.run("ls", "-A", "/var/lib/kiosk").split()).isdisjoint({"left", "kiosk"})


@pytest.mark.parametrize("goes_on", [True, False])
def test_an_update_that_was_cut_off_can_be_finished_and_left(kiosk: Machine, goes_on):
    older, history = kiosk.link("/opt/kiosk/current"), history_of(kiosk)
    make_newer(kiosk, "9.0.0", another_form=True)
    # Nobody has seen the new one well yet when the installer ends.
    drop_in(kiosk.root, "slow", "[Service]\nExecStartPre=/bin/sleep 5\n")
    kiosk.run("systemd-run", "--unit=update", *UPDATE)
    kiosk.until(lambda: kiosk.link("/opt/kiosk/current") != older)
    kiosk.run("systemctl", "kill", "--signal=KILL", "update")
    kiosk.until(lambda: kiosk.property("ActiveState", "update.service") == "failed")
    assert not kiosk.has("/opt/kiosk/previous")

    if goes_on:
        kiosk.run(*UPDATE)
        assert kiosk.health()["version"] == "9.0.0"
        assert kiosk.link("/opt/kiosk/previous") == older
    kiosk.run(INSTALL[0], "--rollback", "--yes")
    assert kiosk.link("/opt/kiosk/current") == older
    assert kiosk.is_well()
    assert kiosk.run("kiosk", "history") == history


def test_what_a_household_has_wrong_keeps_it_from_no_newer_version(kiosk: Machine):
    kiosk.write("/var/lib/kiosk/kiosk.toml", "volume = 70\n")
    kiosk.restart()
    kiosk.write("/var/lib/kiosk/kiosk.toml", "volume = 300\n")
    kiosk.write("/var/lib/kiosk/programs/own.toml", "this is no program\n")
    make_newer(kiosk, "9.0.0")
    said = kiosk.run(*UPDATE)

    assert "Something is wrong with what is in /var/lib/kiosk; kiosk check says what." in said
    assert kiosk.health()["version"] == "9.0.0"
    assert "/var/lib/kiosk/kiosk.toml: volume: " in kiosk.attempt("kiosk", "check").stdout


def test_data_on_a_partition_of_their_own_come_back_and_go_there(kiosk: Machine):
    kiosk.run("systemctl", "stop", "kiosk")
    kiosk.run("cp", "-a", "/var/lib/kiosk", "/data")
    kiosk.run("mount", "--bind", "/data", "/var/lib/kiosk")
    kiosk.run("systemctl", "start", "kiosk")
    kiosk.until(kiosk.is_well)
    history = history_of(kiosk)
    make_newer(kiosk, "9.0.0", WAYS_TO_BREAK["spoils"])
    said = kiosk.run_failing(*UPDATE, KIOSK_INSTALL_PATIENCE="20")

    assert "is back and runs as before." in said
    assert kiosk.run("kiosk", "history") == history
    assert kiosk.has("/data/kiosk.db")
    assert kiosk.has("/var/lib/kiosk-put-aside/kiosk.db")

    kiosk.run(INSTALL[0], "--uninstall", "--purge", "--yes")
    assert kiosk.run("ls", "-A", "/data") == ""


def test_a_release_that_does_not_even_begin_disturbs_nothing(kiosk: Machine):
    process = kiosk.main_process()
    make_newer(kiosk, "9.0.0")
    with kiosk.at("/srv/checkout/web/app.py").open("a", encoding="utf-8") as file:
        file.write("\nraise SystemExit(1)\n")
    said = kiosk.run_failing(*UPDATE)

    assert "The new version does not run." in said
    assert "The kiosk that was here before goes on as it was" in said
    assert kiosk.main_process() == process


def test_uninstalled_it_leaves_its_data_and_purged_nothing(kiosk: Machine):
    install = INSTALL[0]
    for name in KEPT:
        kiosk.write(f"/var/lib/kiosk/{name}", "somebody's own")
    assert "say --yes" in kiosk.run_failing(install, "--uninstall")
    assert kiosk.is_well()

    kiosk.run(install, "--uninstall", "--yes")
    assert kiosk.property("LoadState") == "not-found" or not kiosk.main_process()
    for gone in ("/opt/kiosk", "/usr/local/bin/kiosk", "/var/cache/kiosk"):
        assert not kiosk.has(gone)
    for kept in ("kiosk.db", "programs/short.toml", *KEPT):
        assert kiosk.has(f"/var/lib/kiosk/{kept}")

    kiosk.run(install, "--uninstall", "--purge", "--yes")
    assert not kiosk.has("/var/lib/kiosk")
    assert kiosk.attempt("getent", "passwd", "kiosk").returncode != 0
    left = kiosk.run(
        "sh", "-c", "find / -xdev -name '*kiosk*' -not -path '/srv/*' -not -path '/proc/*'"
    )
    assert left.split() == ["/var/log/kiosk-install.log"]
