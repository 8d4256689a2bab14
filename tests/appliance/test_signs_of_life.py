"""One part of a running kiosk freezes or dies while all others go on: half a kiosk is none."""

import re
import shutil
from pathlib import Path

import pytest

from tests.appliance import roots
from tests.appliance.conftest import a_kiosk_on, drop_in
from tests.appliance.machine import Machine

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
