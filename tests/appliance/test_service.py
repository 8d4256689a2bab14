"""The installed kiosk: sessions, signals, and what systemd does when it fails."""

import re
import shutil
import time
from pathlib import Path

import pytest

from tests.appliance import roots
from tests.appliance.conftest import a_kiosk_on, drop_in
from tests.appliance.machine import Machine


def test_it_starts_by_itself_and_a_press_leads_through_a_session(kiosk: Machine):
    kiosk.press()
    kiosk.until_it_says("running, by prepared")
    kiosk.until_it_says("asking, by ended")
    kiosk.press("hold")
    kiosk.until_it_says("finished")

    history = kiosk.run("kiosk", "history")
    assert "short" in history
    # The speech was rendered within the service's own walls.
    assert "SpeechError" not in kiosk.log()
    assert kiosk.health() == {
        "status": "ok",
        "trouble": [],
        "version": kiosk.run("kiosk", "--version").split()[1],
    }


def test_told_to_end_it_does_so_within_two_seconds_and_remembers_the_session(kiosk: Machine):
    kiosk.press()
    kiosk.until_it_says("exercise 1 of 1")
    begun = time.monotonic()
    kiosk.run("systemctl", "stop", "kiosk")
    took = time.monotonic() - begun

    assert took < 2.0
    assert kiosk.property("Result") == "success"
    assert "interrupted" in kiosk.run("kiosk", "history")


def test_killed_it_is_back_and_tells_where_it_was(kiosk: Machine):
    kiosk.press()
    kiosk.until_it_says("exercise 1 of 1")
    before = kiosk.main_process()
    kiosk.run("kill", "-KILL", str(before))
    kiosk.until(lambda: kiosk.main_process() not in {0, before})
    kiosk.until(kiosk.is_well)

    assert kiosk.property("NRestarts") == "1"
    assert "interrupted" in kiosk.run("kiosk", "history")

    # The journal knows a warning from news.
    own = ("journalctl", "--output=cat", "--no-pager", "_COMM=kiosk")
    news = kiosk.run(*own)
    assert "The pages are at" in news
    assert "The pages are at" not in kiosk.run(*own, "--priority=warning")
    assert "<6>" not in news


def test_frozen_it_is_started_anew(kiosk: Machine):
    drop_in(kiosk.root, "impatient", "[Service]\nWatchdogSec=3\n")
    kiosk.restart()
    before = kiosk.main_process()
    # Alive it outlives its watchdog's patience.
    time.sleep(4)
    assert kiosk.main_process() == before

    kiosk.run("kill", "-STOP", str(before))
    kiosk.until(lambda: kiosk.main_process() not in {0, before})
    kiosk.until(kiosk.is_well)
    assert "Watchdog timeout" in kiosk.log()
    assert kiosk.property("NRestarts") == "1"


def test_one_that_cannot_start_tries_for_ever(kiosk: Machine):
    drop_in(kiosk.root, "wrong", "[Service]\nEnvironment=KIOSK_VOLUME=300\n")
    kiosk.run("systemctl", "daemon-reload")
    kiosk.attempt("systemctl", "restart", "kiosk")
    # Five times within ten seconds is where systemd gives up unless it is told not to.
    kiosk.until(lambda: int(kiosk.property("NRestarts")) > 6)
    drop_in(kiosk.root, "wrong", "[Service]\n")
    kiosk.run("systemctl", "daemon-reload")
    kiosk.until(kiosk.is_well)


def test_with_settings_that_somebody_damaged_it_goes_on_by_the_last_good_ones(kiosk: Machine):
    kiosk.write("/var/lib/kiosk/kiosk.toml", "volume = 300\n")
    kiosk.restart()
    assert "kiosk.toml: volume: Expected a whole number" in kiosk.log()


def test_it_waits_for_no_network_and_runs_within_its_walls(kiosk: Machine):
    assert "network" not in kiosk.property("After")
    assert kiosk.property("SupplementaryGroups") == "audio gpio"
    # Seccomp and no new privileges, as the kernel has them; not the kiosk's own files alone.
    process = f"/proc/{kiosk.main_process()}"
    status = kiosk.run("cat", f"{process}/status")
    assert "Seccomp:\t2" in status
    assert "NoNewPrivs:\t1" in status
    assert "CapEff:\t0000000000000000" in status
    assert kiosk.run("ps", "-o", "nice=", "-p", str(kiosk.main_process())).strip() == "-5"
    # What is uploaded lies on the card, where nobody else sees it.
    assert "TMPDIR=/var/tmp" in kiosk.run("cat", f"{process}/environ").split("\0")
    its, of_the_card, of_all = (f"{process}/root/var/tmp", "/", "/var/tmp")  # noqa: S108 - there
    devices = kiosk.run("stat", "--format=%d", its, of_the_card).split()
    assert devices[0] == devices[1]
    assert len(set(kiosk.run("stat", "--format=%i", its, of_all).split())) == 2
    folders = ("/var/lib/kiosk", "/var/cache/kiosk")
    assert kiosk.run("stat", "--format=%a %U", *folders) == "700 kiosk\n" * 2


# One part freezes or dies while all others go on


A_BUG = Path(__file__).with_name("a_bug.py")

PATIENT = "[Service]\nWatchdogSec=6\n"
"""Looks are a third of that apart; by itself, systemd would now give the kiosk up after six seconds
without a sign of life."""


def let_the_bug_in(root: Path) -> None:
    drop_in(root, "patient", PATIENT)
    (packages,) = root.glob("opt/kiosk/current/venv/lib/python3*/site-packages")
    shutil.copy(A_BUG, packages)
    (packages / "a_bug.pth").write_text("import a_bug; a_bug.hatch()\n")


@pytest.fixture(scope="module")
def ill(installed_card, room):
    """A kiosk with a bug in it that waits to be told."""
    card = roots.copy_of(installed_card, room / "ill")
    with a_kiosk_on(card, let_the_bug_in) as machine:
        yield machine
    card.unlink()


def befall(machine: Machine, order: str) -> int:
    """Give the bug its order; the kiosk's process."""
    before = machine.main_process()
    machine.run("sh", "-c", f"echo {order} >/run/kiosk/bug; kill -USR1 {before}")
    return before


def has_started_anew(machine: Machine, before: int) -> bool:
    return machine.main_process() not in {0, before} and machine.is_well()


@pytest.mark.parametrize(
    ("order", "part"),
    [
        ("freeze controller", "the controller"),
        ("freeze player", "the player"),
        ("edges", "the button's edges"),
    ],
)
def test_of_a_part_that_freezes_the_log_says_which_and_the_kiosk_starts_anew(ill, order, part):
    seen = len(ill.log())
    before = befall(ill, order)
    ill.until(lambda: has_started_anew(ill, before))

    said = ill.log()[seen:]
    assert re.search(rf"There is no sign of life from {part} \(\d+ seconds\)\.", said)
    assert re.search(rf"No sign of life from {part} \(\d+ seconds\): the kiosk ends\.", said)
    # It noticed by itself; systemd had not yet lost its patience.
    assert "Watchdog timeout" not in said


@pytest.mark.parametrize("thread", ["controller", "player", "button", "scheduler"])
def test_of_a_thread_that_dies_the_log_says_where_and_the_kiosk_starts_anew(ill, thread):
    seen = len(ill.log())
    before = befall(ill, f"fail {thread}")
    ill.until(lambda: has_started_anew(ill, before))

    said = ill.log()[seen:]
    assert f"the thread {thread} has died" in said
    assert "RuntimeError: a bug" in said


def test_pages_that_are_not_served_any_more_come_back_without_the_kiosk_ending(ill):
    before, seen = befall(ill, "fail page\\ server"), len(ill.log())
    ill.until(lambda: ill.health() is None)
    ill.press()
    ill.until_it_says("asking, by ended")
    ill.until(ill.is_well)

    said = ill.log()[seen:]
    assert "the pages are not served any more" in said
    assert "the pages: started anew" in said
    assert ill.main_process() == before
    ill.press("hold")
    ill.until_it_says("finished")
