"""The plug is pulled: what counts is what has reached the card, and nothing else has."""

import os
import signal
import subprocess
from contextlib import contextmanager
from random import Random
from time import perf_counter

import pytest

from tests.appliance import roots
from tests.appliance.conftest import INSTALL, a_kiosk_on, provide
from tests.appliance.machine import booted
from tests.fakes.store import MemoryStore
from tests.store.kit import child, everything, opened_by_kiosk
from tests.store.random_work import change_something

CUTS = 50
MOST_CHANGES = 16
ONE_CHANGE = 0.01
"""Seconds that it takes, about, so that a cut may hit any part of it."""


def test_pulled_right_after_an_installation_it_starts_as_a_kiosk(card):
    with roots.mounted(roots.copy_of(roots.base_card(), card)) as root:
        provide(root)
        with booted(root) as machine:
            machine.tells(*INSTALL)
            roots.cut_off(root)
    with roots.mounted(card) as root, booted(root) as machine:
        machine.until(machine.is_well)
        assert "already there" in machine.tells(*INSTALL)


def test_pulled_in_a_session_it_knows_where_it_was(installed_card, card):
    with a_kiosk_on(roots.copy_of(installed_card, card)) as machine:
        roots.run("sync", "-f", machine.root)
        machine.press()
        machine.until_it_says("exercise 1 of 1")
        roots.cut_off(machine.root)
    with a_kiosk_on(card) as machine:
        assert "interrupted" in machine.tells("kiosk", "history")


class Worker:
    """Has children that change things in a store for as long as they are let."""

    def __init__(self, process):
        self._process = process

    def work_until_cut_off(self, seed, state, root):
        """Let a child change things in `state` until the plug is pulled on the card mounted on
        `root`, at a random moment; how many changes it had told to be kept by then.
        """
        random = Random(seed)  # noqa: S311
        wanted = random.randrange(MOST_CHANGES)
        self._process.stdin.write(f"change {seed} {state}\n")
        self._process.stdin.flush()
        child = int(self._line().removeprefix("pid "))
        for _ in range(wanted):
            assert self._line() == "done"
        moment = perf_counter() + random.random() * ONE_CHANGE
        while perf_counter() < moment:
            pass
        roots.cut_off(root)
        os.kill(child, signal.SIGKILL)
        more = 0
        while self._line() == "done":
            more += 1
        return wanted + more

    def _line(self):
        return self._process.stdout.readline().rstrip("\n")


@contextmanager
def at_work():
    # A child may live to see that nothing can be written any more, and complains.
    with child("worker", stderr=subprocess.DEVNULL) as process:
        yield Worker(process)


@pytest.fixture
def small_card(card):
    """One without a system."""
    roots.run("truncate", "--size=64M", card)
    roots.run("mkfs.ext4", "-q", card)
    return card


def test_nothing_acknowledged_is_gone_after_50_cuts(small_card):
    """The store holds what the acknowledged changes lead to, or one change more: the last, which
    had reached the card but was not yet acknowledged.
    """
    expected, acknowledged, undone = MemoryStore(), 0, 0
    with at_work() as worker:
        for seed in range(CUTS):
            with roots.mounted(small_card) as root:
                count = worker.work_until_cut_off(seed, root / "state", root)
            acknowledged += count
            roots.run("e2fsck", "-p", small_card)
            with roots.mounted(small_card) as root:
                undone += (root / "state/kiosk.db-journal").exists()
                with opened_by_kiosk(root / "state") as found:
                    assert found.recovered is None
                    kept = everything(found.store)
            random = Random(seed)  # noqa: S311
            for _ in range(count):
                change_something(expected, random)
            if kept != everything(expected):
                change_something(expected, random)
                assert kept == everything(expected)
    assert acknowledged > 5 * CUTS
    assert undone > 0, "no cut hit the middle of a change"
