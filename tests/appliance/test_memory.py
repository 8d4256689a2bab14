"""The smallest board has 512 MB: a session goes through there with every page open. `-s` shows how
much it took.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.appliance import roots
from tests.appliance.conftest import a_kiosk_on
from tests.appliance.machine import Machine, limits_of
from tests.browser.household import set_up, store_of

LEFT = 300
"""MB for this system and the kiosk, with all files held in memory: of 512, the graphics and
the kernel have about a hundred, and what else runs on Raspberry Pi OS has another hundred.
"""

MANY = 24
"""Live pages at the same time; there is no place for more."""


@pytest.fixture
def small(installed_card, card):
    """A kiosk that is set up, in a machine with little memory, and what it may have."""

    def choose_the_passphrase(root: Path) -> None:
        with store_of(root / "var/lib/kiosk") as store:
            set_up(store)

    with limits_of(LEFT) as limits:
        copy = roots.copy_of(installed_card, card)
        with a_kiosk_on(copy, choose_the_passphrase, limits.folder) as machine:
            yield machine, limits


@contextmanager
def onlookers(machine: Machine, number: int) -> Iterator[subprocess.Popen[str]]:
    network = ["nsenter", "--target", str(machine.leader), "--net"]
    command = [*network, sys.executable, "-m", "tests.appliance.onlookers", str(number)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=roots.CHECKOUT, text=True, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_session_goes_through_with_every_page_open(small):
    machine, limits = small
    before = machine.main_process()
    with onlookers(machine, MANY) as looking:
        assert looking.stdout.readline() == "there\n"
        machine.press()
        machine.until_it_says("asking, by ended")
        machine.press("hold")
        machine.until_it_says("finished")
        rollup = machine.run("cat", f"/proc/{before}/smaps_rollup")
        pictures = looking.communicate("")[0].split()

    assert len(pictures) == MANY
    assert min(int(number) for number in pictures) > 5
    assert machine.is_well()
    assert machine.main_process() == before
    assert limits.processes_killed() == 0
    own = int(re.search(r"^Pss: +(\d+) kB$", rollup, re.MULTILINE)[1])
    print(f"the kiosk: {own // 1024} MB; all, with files: {limits.most_used() >> 20} MB")  # noqa: T201


# A memory card bears only so many writes: those of the kiosk, counted by the kernel


SETTLES_IN = 20.0
"""Seconds after its start in which everything is in place."""

IDLE = 60.0

MOST_FOR_A_NOTE = 80 * 1024
"""Bytes that it may take to keep how far a session is: a few pages, and once more in the journal
that makes them whole.
"""

NOTES = 5
"""Of a session with the short program: it begins, a repetition for each side, it ends, how hard it
was.
"""


def test_an_idle_kiosk_writes_nothing_and_a_session_a_few_pages_a_note(kiosk: Machine):
    time.sleep(SETTLES_IN)
    before = kiosk.bytes_written()
    time.sleep(IDLE)
    assert kiosk.bytes_written() == before

    kiosk.press()
    kiosk.until_it_says("asking, by ended")
    kiosk.press("hold")
    kiosk.until_it_says("finished")
    kiosk.until(lambda: '"completed"' in kiosk.run("kiosk", "history", "--json"))
    wrote = kiosk.bytes_written() - before
    print(f"a session of {NOTES} notes: {wrote} bytes")  # noqa: T201
    assert 0 < wrote <= NOTES * MOST_FOR_A_NOTE
